/** Figures of the feeds and of what is kept to answer them. */
import { counter, gauge, readCounter, timer, total } from "../metrics.ts";

/** Kept by hand: a warm feed is answered faster than a labelled counter counts. */
const reads = { hit: 0, joined: 0, miss: 0 };
readCounter(
  "feed_reads_total",
  "Feeds asked for: given again as kept, made, or made for somebody who asked just before",
  () => reads,
  "result",
);
export const countFeedRead = (result: keyof typeof reads): void => {
  reads[result] += 1;
};

const LOADS_S = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

export const observeFeedLoad = timer(
  "feed_load_seconds",
  "Making a feed's answer that was not kept: candidates, scores, rendered tweets",
  LOADS_S,
);

export const observeFeedRebuild = timer(
  "feed_rebuild_seconds",
  "Rebuilding a reader's candidates from Postgres, where Redis had none",
  LOADS_S,
);

/** Where something was found: in this process, in Redis, or only in Postgres. */
const SOURCES = ["process", "redis", "postgres"] as const;

export const countCandidates = counter(
  "feed_candidates_total",
  "Readers' candidates, by where they were found",
  "source",
  SOURCES,
);

export const countRendered = counter(
  "tweets_rendered_total",
  "Rendered tweets that feeds needed, by where they were found",
  "source",
  SOURCES,
);

type Caches = Record<"answers" | "tweets", number>;

export const gaugeCacheBytes = (read: () => Caches) =>
  gauge("cache_bytes", "What this process keeps in its memory, as it counts it", read, "cache");

export const gaugeCacheLimit = (read: () => Caches) =>
  gauge("cache_limit_bytes", "What this process may keep (CACHE_MAX_BYTES)", read, "cache");

export const observeAnnouncement = timer(
  "change_announce_seconds",
  "Telling every process of a change, until all have dropped it",
  [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1],
);

export const countOverdueAck = total(
  "change_acks_overdue_total",
  "Changes that some process did not confirm within 50 ms",
);
