/** SQL of reading: candidates, scores, and tweets ready to be rendered. */
import type { StoredVariant } from "../entities/entities.ts";
import { type Database, statement } from "./database.ts";

/** The newest tweets of the followed and one's own, as one index scan for each followed author
 * that stops at the limit: the cost grows with the follows of this reader, not with the tables. */
const CANDIDATES = statement<{ id: number }>(
  "feed-candidates",
  `select newest.id
     from (select followee_id as author_id from follows where follower_id = $1
           union all select $1) as authors
     cross join lateral
       (select id from tweets where author_id = authors.author_id order by id desc limit $2) as newest
    order by newest.id desc
    limit $2`,
);

/** The same for what is older than a tweet: how the feed goes on beyond the window. */
const OLDER = statement<{ id: number }>(
  "feed-older",
  `select newest.id
     from (select followee_id as author_id from follows where follower_id = $1
           union all select $1) as authors
     cross join lateral
       (select id from tweets where author_id = authors.author_id and id < $2
         order by id desc limit $3) as newest
    order by newest.id desc
    limit $3`,
);

const BY_AUTHOR = statement<{ id: number }>(
  "tweets-by-author",
  `select id from tweets where author_id = $1 and id < $2 order by id desc limit $3`,
);

const OWN_LIKES = statement<{ id: number }>(
  "own-likes",
  `select tweet_id as id from likes where user_id = $1 and tweet_id = any($2::int[])`,
);

const FOLLOWEES = statement<{ id: number }>(
  "feed-followees",
  `select followee_id as id from follows where follower_id = $1`,
);

export interface ScoreRow {
  id: number;
  likes: number;
  version: number;
  createdMs: number;
}

const SCORES = statement<ScoreRow>(
  "feed-scores",
  `select id, likes_count as likes, version,
          (extract(epoch from created_at) * 1000)::float8 as "createdMs"
     from tweets where id = any($1::int[])`,
);

export interface TweetRow extends ScoreRow {
  content: string;
  authorId: number;
  authorName: string;
  /** JSON text: `[{"user_id":1,"name":"…"}]`, in the order in which they liked. */
  likers: string;
  /** Comma-separated tokens of the pictures, in order; null when there are none. */
  tokens: string | null;
}

const TWEETS = statement<TweetRow>(
  "feed-tweets",
  `select t.id, t.likes_count as likes, t.version, t.content,
          (extract(epoch from t.created_at) * 1000)::float8 as "createdMs",
          t.author_id as "authorId", author.name as "authorName",
          (select coalesce(json_agg(row_to_json(liker)), '[]')::text
             from (select l.user_id, u.name from likes l join users u on u.id = l.user_id
                    where l.tweet_id = t.id order by l.created_at, l.user_id) as liker) as likers,
          (select string_agg(m.token, ',' order by m.position)
             from media m where m.tweet_id = t.id) as tokens
     from tweets t join users author on author.id = t.author_id
    where t.id = any($1::int[])`,
);

export interface MediaRow {
  id: number;
  token: string;
  status: "ready" | "processing" | "failed";
  width: number | null;
  height: number | null;
  placeholder: string | null;
  variants: StoredVariant[];
}

export interface TweetV2Row extends ScoreRow {
  content: string;
  authorId: number;
  authorName: string;
  media: MediaRow[];
}

const TWEETS_V2 = statement<TweetV2Row>(
  "tweets-v2",
  `select t.id, t.likes_count as likes, t.version, t.content,
          (extract(epoch from t.created_at) * 1000)::float8 as "createdMs",
          t.author_id as "authorId", author.name as "authorName",
          (select coalesce(json_agg(row_to_json(picture)), '[]')
             from (select id, token, status, width, height, placeholder, variants
                     from media where tweet_id = t.id order by position) as picture) as media
     from tweets t join users author on author.id = t.author_id
    where t.id = any($1::int[])`,
);

/** As one text: a thousand rows would cost ten times as much to take apart. */
const FOLLOWERS_AFTER = statement<{ ids: string }>(
  "followers-after",
  `select coalesce(string_agg(id::text, ',' order by id), '') as ids
     from (select follower_id as id from follows
            where followee_id = $1 and follower_id > $2 order by follower_id limit $3) as next`,
);

const ids = (rows: { id: number }[]): number[] => rows.map(({ id }) => id);

/** Newest first. */
export const feedCandidates = async (db: Database, userId: number, limit: number) =>
  ids(await db.query(CANDIDATES, [userId, limit]));

/** Keyset pagination: up to `limit` tweets of the reader's feed with an id below `beforeId`. */
export const feedOlder = async (db: Database, userId: number, beforeId: number, limit: number) =>
  ids(await db.query(OLDER, [userId, beforeId, limit]));

/** Keyset pagination: up to `limit` tweets of one person with an id below `beforeId`. */
export const tweetsByAuthor = async (
  db: Database,
  authorId: number,
  beforeId: number,
  limit: number,
) => ids(await db.query(BY_AUTHOR, [authorId, beforeId, limit]));

/** Which of the tweets the person likes. */
export const ownLikes = async (db: Database, userId: number, tweetIds: number[]) =>
  new Set(ids(await db.query(OWN_LIKES, [userId, tweetIds])));

export const followees = async (db: Database, userId: number) =>
  ids(await db.query(FOLLOWEES, [userId]));

/** Those of the tweets that exist, in no order. */
export const tweetScores = (db: Database, tweetIds: number[]) => db.query(SCORES, [tweetIds]);
export const tweetRows = (db: Database, tweetIds: number[]) => db.query(TWEETS, [tweetIds]);
export const tweetV2Rows = (db: Database, tweetIds: number[]) => db.query(TWEETS_V2, [tweetIds]);

/** Keyset pagination: up to `limit` followers with an id above `afterId`, ascending. */
export async function followersAfter(
  db: Database,
  authorId: number,
  afterId: number,
  limit: number,
): Promise<number[]> {
  const [row] = await db.query(FOLLOWERS_AFTER, [authorId, afterId, limit]);
  return row?.ids ? row.ids.split(",").map(Number) : [];
}
