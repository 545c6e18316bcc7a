/** SQL of liking: a whole batch of likes and unlikes in one statement, so in one transaction. */
import { type Database, statement } from "./database.ts";

export interface LikeRow {
  /** Whether the tweet exists. */
  found: boolean;
  changed: boolean;
  /** Null when the batch changed nothing on this tweet. */
  eventId: string | null;
  /** The requests that changed something on this tweet. */
  requestIds: string[] | null;
  tweetId: number;
  authorId: number;
  likesCount: number;
  version: number;
  createdMs: number;
}

/**
 * The tweets' rows are locked first and in the order of their ids, so that two batches cannot
 * deadlock; a tweet that is being deleted is waited for and then not found. Repeated likes insert
 * nothing and change nothing. One event row a tweet says the count and version as committed, and
 * whose requests made them.
 */
const SET_LIKES = statement<LikeRow>(
  "set-likes",
  `with input as (
     select * from unnest($1::int[], $2::int[], $3::boolean[], $4::text[])
       with ordinality as i (tweet_id, user_id, liked, request_id, place)
   ), locked as materialized (
     select id from tweets where id = any($1::int[]) order by id for no key update
   ), added as (
     insert into likes (tweet_id, user_id)
     select tweet_id, user_id from input join locked on locked.id = tweet_id where liked
     on conflict do nothing
     returning tweet_id, user_id
   ), removed as (
     delete from likes using input join locked on locked.id = input.tweet_id
      where not input.liked
        and likes.tweet_id = input.tweet_id and likes.user_id = input.user_id
     returning likes.tweet_id, likes.user_id
   ), steps as (
     select tweet_id, user_id, 1 as step from added
     union all select tweet_id, user_id, -1 from removed
   ), counted as (
     update tweets t set likes_count = t.likes_count + s.step, version = t.version + s.changes
       from (select tweet_id, sum(step)::int as step, count(*)::int as changes
               from steps group by tweet_id) s
      where t.id = s.tweet_id
     returning t.id, t.author_id, t.likes_count, t.version, t.created_at
   ), asked as (
     select tweet_id, array_agg(request_id order by place) as request_ids
       from steps join input using (tweet_id, user_id) group by tweet_id
   ), event as (
     insert into events (type, payload, request_ids)
     select 'tweet:likes', jsonb_build_object(
       'tweetId', id, 'authorId', author_id, 'likesCount', likes_count, 'version', version),
       request_ids
       from counted join asked on asked.tweet_id = counted.id
     returning id, (payload ->> 'tweetId')::int as tweet_id
   )
   select locked.id is not null as found, steps.step is not null as changed,
          event.id as "eventId", asked.request_ids as "requestIds", input.tweet_id as "tweetId", counted.author_id as "authorId",
          counted.likes_count as "likesCount", counted.version,
          (extract(epoch from counted.created_at) * 1000)::float8 as "createdMs"
     from input
     left join locked on locked.id = input.tweet_id
     left join steps on steps.tweet_id = input.tweet_id and steps.user_id = input.user_id
     left join counted on counted.id = input.tweet_id
     left join asked on asked.tweet_id = input.tweet_id
     left join event on event.tweet_id = input.tweet_id
    order by input.place`,
);

export interface LikeInput {
  tweetId: number;
  userId: number;
  liked: boolean;
  requestId: string;
}

/** Sets likes; the rows are in the order of the input. No pair of tweet and user may come twice. */
export const setLikes = (db: Database, batch: LikeInput[]): Promise<LikeRow[]> =>
  db.query(SET_LIKES, [
    batch.map(({ tweetId }) => tweetId),
    batch.map(({ userId }) => userId),
    batch.map(({ liked }) => liked),
    batch.map(({ requestId }) => requestId),
  ]);
