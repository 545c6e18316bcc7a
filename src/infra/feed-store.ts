/**
 * The shared cache of feeds in Redis: each active reader's candidates, the global scores, and
 * tweets as rendered. All of it can be made again from Postgres, and nothing here is ever the only
 * copy of anything.
 *
 * What keeps it right without locks:
 *  - Scores carry the tweet's version (grown under Postgres' row lock, so in commit order), and a
 *    script refuses a lower one: late and doubled deliveries do no harm. A deleted tweet has version
 *    `inf`, which nothing exceeds.
 *  - Scores are written only in the *epoch* in which they were read from Postgres. A flush ends the
 *    epoch, and with it the higher versions that a late writer would have met.
 *  - Fragments have the version in their key, so they never change.
 *  - A feed that is being rebuilt exists already, with a *marker* beside the tweets: what is fanned
 *    out meanwhile goes in. The rebuild is kept only if its own marker is still there at the end,
 *    so a follow, an unfollow or a flush in between makes it void.
 */
import { randomUUID } from "node:crypto";
import type { ChainableCommander, Redis } from "ioredis";
import type { Log } from "../base/log.ts";
import { type FeedKeys, feedKeys } from "../contract/keys.ts";
import { defineFeedScripts, type FeedScripts } from "./feed-scripts.ts";

/** A reader who stays away so long is dropped from the store; the next read rebuilds the feed. */
const FEED_TTL_S = 3 * 24 * 3600;
/** A rebuild that does not finish leaves nothing behind. */
const REBUILD_TTL_S = 30;
const FRAGMENT_TTL_S = 3600;
/** Tweets that were deleted leave holes in a feed; so many more than the window are kept, so that
 * a rebuild is seldom needed. */
export const FEED_SLACK = 100;

export interface Score {
  id: number;
  likes: number;
  version: number;
  /** Creation time, ms since the epoch. */
  createdMs: number;
}

/**
 * Likes decayed by age, as *forward decay* (Cormode et al., ICDE 2009): instead of shrinking all old
 * scores at every tick, a new tweet starts higher. One half-life of age weighs as much as half of
 * the likes, so `hot` is right at every moment and only ever compared, never rewritten.
 */
const HALF_LIFE_MS = 12 * 3600 * 1000;
export const hotScore = (likes: number, createdMs: number): number =>
  Math.log2(1 + likes) + createdMs / HALF_LIFE_MS;

/** Markers sort before every tweet. A feed that has only them is not known to be empty. */
const isMarker = (member: string): boolean => member.startsWith("m");

export class FeedStore {
  readonly #redis: FeedScripts;
  readonly #prefix: string;
  /** How many candidates are kept for a reader: the window and the slack. */
  readonly capacity: number;
  #keys: FeedKeys | undefined;
  #epoch = "";

  /** @param window how many tweets a feed has (setting `FEED_WINDOW`). */
  constructor(redis: Redis, prefix: string, window: number, log: Log) {
    this.#redis = defineFeedScripts(redis);
    this.#prefix = prefix;
    this.capacity = window + FEED_SLACK;
    redis.on("close", () => {
      this.#keys = undefined;
    });
    redis.on("ready", () => {
      this.#learnGeneration().catch((error) =>
        log.warn({ err: error }, "the generation of Redis is unknown: no shared cache"),
      );
    });
  }

  /** Whether the store can be asked; while not, readers take Postgres. */
  get available(): boolean {
    return this.#keys !== undefined;
  }

  /** @throws Error when Redis gives no `run_id`, or is away. */
  async #learnGeneration(): Promise<void> {
    const info = await this.#redis.info("server");
    const generation = /run_id:(\w+)/.exec(info)?.[1];
    if (!generation) throw new Error("INFO has no run_id");
    this.#keys = feedKeys(this.#prefix, generation);
    await this.score([], "");
  }

  /** Waits until the generation is known, or Redis proves to be away. */
  async open(): Promise<void> {
    if (this.#redis.status === "ready") await this.#learnGeneration();
  }

  /** @throws Error when Redis does not answer. */
  async ping(): Promise<void> {
    await this.#redis.ping();
  }

  #known(): FeedKeys {
    if (!this.#keys) throw new Error("Redis is away");
    return this.#keys;
  }

  /** The reader's candidates, newest first; undefined when the feed is absent or being rebuilt. */
  async candidates(userId: number): Promise<{ ids: number[]; full: boolean } | undefined> {
    const key = this.#known().feed(userId);
    // An empty feed keeps a `0`, since an empty sorted set does not exist.
    const members = await this.#redis.zrevrange(key, 0, -1);
    if (members.length === 0 || members.some(isMarker)) return undefined;
    void this.#redis.expire(key, FEED_TTL_S).catch(() => undefined);
    const ids = members.map(Number).filter((id) => id > 0);
    return { ids, full: ids.length >= this.capacity };
  }

  /** Rebuilds one feed: `load` reads the newest ids from Postgres, at most `limit`.
   * @returns the ids, newest first, whether or not the store could keep them. */
  async rebuild(
    userId: number,
    load: (limit: number) => Promise<number[]>,
  ): Promise<{ ids: number[]; full: boolean }> {
    const key = this.#known().feed(userId);
    const marker = `m${randomUUID()}`;
    await this.#redis.multi().del(key).zadd(key, "-1", marker).expire(key, REBUILD_TTL_S).exec();
    const ids = await load(this.capacity);
    await this.#redis.warbleFinish(1, key, marker, this.capacity + 1, FEED_TTL_S, 0, ...ids);
    return { ids, full: ids.length >= this.capacity };
  }

  /** Drops one feed: after a follow or unfollow. */
  async drop(userId: number): Promise<void> {
    await this.#redis.unlink(this.#known().feed(userId));
  }

  /** Adds a tweet to those feeds that exist. @returns how many. */
  async fanOut(tweetId: number, userIds: number[]): Promise<number> {
    if (userIds.length === 0) return 0;
    const keys = this.#known();
    const feeds = userIds.map(keys.feed);
    return this.#redis.warbleFanOut(feeds.length, ...feeds, tweetId, this.capacity + 1);
  }

  /** Likes and versions of the tweets, in their order; undefined where unknown, version `Infinity`
   * where deleted. */
  async scores(ids: number[]): Promise<({ likes: number; version: number } | undefined)[]> {
    if (ids.length === 0) return [];
    const { popular, versions } = this.#known();
    // In one go: between the two another process may write, and a version without its likes would
    // be taken for a tweet that nobody likes.
    const [likes, known] = await resultsOf(
      this.#redis
        .multi()
        .zmscore(popular, ...ids)
        .zmscore(versions, ...ids),
    );
    return ids.map((_, i) => {
      const version = known?.[i];
      if (version == null) return undefined;
      return { likes: Number(likes?.[i] ?? 0), version: version === "inf" ? Infinity : +version };
    });
  }

  /** The epoch as last heard of. Take it before reading from Postgres what `score` shall keep. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Sets scores, each only if its version is higher than what is known.
   * @returns false when Redis was flushed after `epoch`: then nothing was set, and what is true has
   * to be read again. */
  async score(scores: Score[], epoch: string): Promise<boolean> {
    const { popular, hot, versions, epoch: epochKey } = this.#known();
    const args = scores.flatMap(({ id, likes, version, createdMs }) => [
      id,
      likes,
      hotScore(likes, createdMs),
      version,
    ]);
    const keys = [popular, hot, versions, epochKey];
    this.#epoch = await this.#redis.warbleScore(4, ...keys, epoch, randomUUID(), ...args);
    return this.#epoch === epoch;
  }

  /** Forgets scores that proved wrong; whoever reads next takes them from Postgres. */
  async forgetScores(ids: number[]): Promise<void> {
    if (ids.length > 0) await this.#redis.zrem(this.#known().versions, ...ids);
  }

  /** One page of all tweets that have a score, for comparing. `cursor` is "0" to begin and at the
   * end. */
  async scanScored(cursor: string): Promise<{ cursor: string; ids: number[] }> {
    const [next, pairs] = await this.#redis.zscan(this.#known().popular, cursor, "COUNT", 500);
    return { cursor: next, ids: pairs.filter((_, i) => i % 2 === 0).map(Number) };
  }

  /** Marks a tweet as deleted, for every reader at once. */
  async tombstone(tweetId: number): Promise<void> {
    const { popular, hot, versions } = this.#known();
    await this.#redis
      .multi()
      .zadd(versions, "+inf", String(tweetId))
      .zrem(popular, tweetId)
      .zrem(hot, tweetId)
      .exec();
  }

  /** Rendered tweets, in the order of `of`; null where the store has none. */
  async fragments(
    rendering: string,
    of: { id: number; version: number }[],
  ): Promise<(Buffer | null)[]> {
    if (of.length === 0) return [];
    const { fragment } = this.#known();
    return this.#redis.mgetBuffer(...of.map(({ id, version }) => fragment(rendering, id, version)));
  }

  async keepFragments(
    rendering: string,
    of: { id: number; version: number; json: Buffer }[],
  ): Promise<void> {
    if (of.length === 0) return;
    const { fragment } = this.#known();
    const pipeline = this.#redis.pipeline();
    for (const { id, version, json } of of) {
      pipeline.set(fragment(rendering, id, version), json, "EX", FRAGMENT_TTL_S);
    }
    await pipeline.exec();
  }

  /** Forgets all but the newest `keep` tweets' scores; they are made again when a reader asks.
   * @returns how many were forgotten. */
  async trimScores(keep: number): Promise<number> {
    const { versions, popular, hot } = this.#known();
    // A tombstone matters only while a feed may still name the tweet; without it Postgres is asked.
    await this.#redis.zremrangebyscore(versions, "+inf", "+inf");
    const surplus = (await this.#redis.zcard(hot)) - keep;
    if (surplus <= 0) return 0;
    const oldest = await this.#redis.zrange(hot, 0, String(surplus - 1));
    await this.#redis
      .multi()
      .zrem(popular, ...oldest)
      .zrem(versions, ...oldest)
      .zrem(hot, ...oldest)
      .exec();
    return oldest.length;
  }
}

/** The replies of a transaction. @throws Error when one of its commands failed. */
async function resultsOf(transaction: ChainableCommander): Promise<(string | null)[][]> {
  const replies = (await transaction.exec()) ?? [];
  return replies.map(([error, reply]) => {
    if (error) throw error;
    return reply as (string | null)[];
  });
}
