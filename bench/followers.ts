/** What a like and a new tweet cost when the author has 10, 1,000 or 100,000 followers, all of them
 * with a feed in Redis. Each is compared with the least of the three. */
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { feedKeys } from "../src/contract/keys.ts";
import { type Bench, Installation, type Served } from "./installation.ts";
import { type Exchange, load, requestOf } from "./load.ts";
import { median } from "./rounds.ts";
import { keyOf, PEOPLE } from "./seed.ts";
import { type Row, whole } from "./table.ts";

const FOLLOWERS = [10, 1000, 100_000];
const LIKE_SECONDS = 2;
const LIKERS = 32;
const TWEETS_EACH = 15;
const ROUNDS = 3;

interface Author {
  id: number;
  followers: number;
  tweetId: number;
  /** The one that a fan-out reaches last. */
  lastFollower: number;
}

export async function measureFollowers(bench: Bench): Promise<Row[]> {
  const warble = await Installation.open(bench);
  const redis = new Redis(bench.redisUrl);
  try {
    bench.say(`followers: ${FOLLOWERS.map(whole).join(", ")} of them …`);
    const api = await warble.startApi();
    await warble.startWorkers();
    const authors: Author[] = [];
    for (const followers of FOLLOWERS) authors.push(await addAuthor(warble, api, followers));
    const feedOf = await makeFeeds(warble, redis);

    const likes = authors.map((): number[] => []);
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [i, author] of authors.entries()) {
        const { perSecond } = await load(api.url, LIKERS, LIKE_SECONDS, likeAndUnlike(author));
        if (round > 0) likes[i]?.push(perSecond);
      }
    }
    const tweets: Posted[][] = authors.map(() => []);
    for (let n = 0; n <= TWEETS_EACH; n++) {
      for (const [i, author] of authors.entries()) {
        const posted = await post(api, author, redis, feedOf);
        if (n > 0) tweets[i]?.push(posted);
      }
    }
    return [...likeRows(authors, likes), ...tweetRows(authors, tweets)];
  } finally {
    redis.disconnect();
    await warble.close();
  }
}

function likeRows(authors: Author[], likes: number[][]): Row[] {
  const [least = Number.NaN] = likes.map(median);
  return authors.map(({ followers }, i) => ({
    what: `like, unlike: author with ${whole(followers)} followers`,
    warble: `${whole(median(likes[i] ?? []))}/s`,
    bare: `${whole(least)}/s`,
    ratio: median(likes[i] ?? []) / least,
    notes: `${LIKERS} people who like one tweet; beside it: with ${FOLLOWERS[0]} followers`,
  }));
}

function tweetRows(authors: Author[], tweets: Posted[][]): Row[] {
  const answered = tweets.map((posts) => median(posts.map(({ answeredMs }) => answeredMs)));
  const fed = tweets.map((posts) => median(posts.map(({ fedMs }) => fedMs)));
  return authors.map(({ followers }, i) => ({
    what: `new tweet: author with ${whole(followers)} followers`,
    warble: `${answered[i]?.toFixed(1)} ms`,
    bare: `${answered[0]?.toFixed(1)} ms`,
    ratio: (answered[i] ?? Number.NaN) / (answered[0] ?? Number.NaN),
    notes: `until it is answered; in the last follower's feed after ${fed[i]?.toFixed(1)} ms`,
  }));
}

/** An author with one tweet, and so many followers of whom each follows nobody else. */
async function addAuthor({ db }: Installation, api: Served, followers: number): Promise<Author> {
  const { rows } = await db.query(
    "insert into users (name, followers_count) values ('Author', $1) returning id",
    [followers],
  );
  const id = rows[0].id as number;
  await db.query(
    `with people as (insert into users (name) select 'Follower' from generate_series(1, $2) returning id)
     insert into follows (follower_id, followee_id) select id, $1 from people`,
    [id, followers],
  );
  await db.query(
    `insert into api_keys (hash, user_id) values (sha256(convert_to($1, 'utf8')), $2)`,
    [keyOf(id), id],
  );
  await db.query("analyze users, follows");
  const last = await db.query("select max(follower_id) as id from follows where followee_id = $1", [
    id,
  ]);
  const tweetId = await postAs(api, id);
  return { id, followers, tweetId, lastFollower: last.rows[0].id };
}

/** Gives every follower a feed, as a first read would.
 * @returns the key of a person's feed. */
async function makeFeeds({ db, redisPrefix }: Installation, redis: Redis) {
  const generation = /run_id:(\w+)/.exec(await redis.info("server"))?.[1] as string;
  const { feed } = feedKeys(redisPrefix, generation);
  const { rows } = await db.query("select id from users where name = 'Follower'");
  for (let at = 0; at < rows.length; at += 5000) {
    const pipeline = redis.pipeline();
    for (const { id } of rows.slice(at, at + 5000)) pipeline.zadd(feed(id), 0, "0");
    await pipeline.exec();
  }
  return feed;
}

interface Posted {
  answeredMs: number;
  fedMs: number;
}

async function post(
  api: Served,
  { id, lastFollower }: Author,
  redis: Redis,
  feedOf: (userId: number) => string,
): Promise<Posted> {
  const startedAt = performance.now();
  const tweetId = await postAs(api, id);
  const answeredMs = performance.now() - startedAt;
  while ((await redis.zscore(feedOf(lastFollower), String(tweetId))) === null) await sleep(1);
  return { answeredMs, fedMs: performance.now() - startedAt };
}

async function postAs({ url }: Served, userId: number): Promise<number> {
  const response = await fetch(`${url}/api/tweets`, {
    method: "POST",
    headers: { "api-key": keyOf(userId), "content-type": "application/json" },
    body: JSON.stringify({ tweet_data: "To all who follow" }),
  });
  if (response.status !== 201) throw new Error(`a post was answered ${response.status}`);
  return ((await response.json()) as { tweet_id: number }).tweet_id;
}

/** Each connection is a person of their own. */
function likeAndUnlike({ tweetId }: Author) {
  return function* (connection: number): Generator<Exchange, undefined> {
    const key = keyOf(1 + (connection % PEOPLE));
    const path = `/api/tweets/${tweetId}/likes`;
    // The round before may have ended between the two.
    const like = { request: requestOf("POST", path, key), expect: [201, 200] };
    const unlike = { request: requestOf("DELETE", path, key), expect: [200] };
    for (;;) yield* [like, unlike];
  };
}
