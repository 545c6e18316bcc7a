import { QUEUE_PREFIX } from "./jobs.ts";

/**
 * Every Redis key and channel, in one place.
 *
 * A key of the feed store begins with the *generation*: the `run_id` of the Redis server, which
 * changes at every restart. So what an old snapshot brings back after a restart is never read, and
 * all processes agree on the generation without talking to one another.
 * The `{…}` parts are hash tags: keys that one script touches share a Redis Cluster slot.
 */
export interface FeedKeys {
  /** Sorted set of one reader's candidates: member and score are the tweet id. */
  feed: (userId: number) => string;
  /** Sorted sets over tweet ids: likes; likes decayed by age; version (`inf`: deleted). */
  popular: string;
  hot: string;
  versions: string;
  /** Goes with every flush: what was read before it is not written after it. */
  epoch: string;
  /** A tweet as rendered for a part of the contract; immutable, since the version is in the key. */
  fragment: (rendering: string, tweetId: number, version: number) => string;
}

export const feedKeys = (prefix: string, generation: string): FeedKeys => {
  const base = `${prefix}:${generation.slice(0, 12)}`;
  return {
    feed: (userId) => `${base}:{u${userId}}:feed`,
    popular: `${base}:{tweets}:popular`,
    hot: `${base}:{tweets}:hot`,
    versions: `${base}:{tweets}:versions`,
    epoch: `${base}:{tweets}:epoch`,
    fragment: (rendering, tweetId, version) =>
      `${base}:{tweets}:${rendering}:${tweetId}:${version}`,
  };
};

/** Pub/sub channel on which processes tell one another what changed. */
export const changesChannel = (prefix: string): string => `${prefix}:changes`;
/** Channel on which one process is told that its changes were taken in. */
export const acksChannel = (prefix: string, processId: string): string =>
  `${prefix}:acks:${processId}`;
/** Prefix of the Socket.IO adapter's channels. */
export const liveChannelPrefix = (prefix: string): string => `${prefix}:live`;

/** By its pass the canary is let in: whoever has written to this Redis is one of us. */
export const canaryPassKey = (prefix: string, pass: string): string => `${prefix}:canary:${pass}`;

/** What a person may do is limited by class: a burst of uploads must not keep anyone from reading,
 * nor a storm of reconnecting sockets. Look-ups of unknown keys are limited by address. */
export type LimitClass = "reads" | "writes" | "uploads" | "sockets" | "failedKeys";

/** An operator's session in the queue dashboard. */
export const adminSessionKey = (prefix: string, id: string): string =>
  `${prefix}:admin:session:${id}`;
/** Prefix of the counters of failed sign-ins there; the address, or `all`, follows. */
export const adminSignInsPrefix = (prefix: string): string => `${prefix}:admin:sign-ins`;

/** Prefix of the counters; the person's id, or the address, follows. */
export const limitsPrefix = (prefix: string, kind: LimitClass): string =>
  `${prefix}:limits:${kind}`;

/** Patterns (of SCAN) of every key of one installation: of the caches and limits; of the queues. */
export const keyPatterns = (prefix: string): string[] => [
  `${prefix}:*`,
  `{${prefix}-${QUEUE_PREFIX}}:*`,
];
