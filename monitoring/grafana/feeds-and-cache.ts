import { type Dashboard, graph, stat } from "./panels.ts";
import { quantile, quantiles, rate, share } from "./promql.ts";

const READS = "warble_feed_reads_total";

export const feedsAndCache: Dashboard = {
  uid: "feeds-and-cache",
  title: "Feeds and cache",
  description: "What is given again as kept, what has to be made, and how long that takes.",
  rows: {
    "At a glance": [
      stat("Feeds read", "ops", "Asked for a second.", { reads: rate(READS) }),
      stat(
        "Hits",
        "percentunit",
        "Share of the feeds that were given again as kept. It falls when much is written: that is no fault.",
        { hits: share(`${READS}{result="hit"}`, READS) },
        { limits: [0.5, 0.1], max: 1 },
      ),
      stat(
        "Making one, p95",
        "s",
        "An answer that was not kept.",
        { p95: quantile(0.95, "warble_feed_load_seconds") },
        { limits: [0.05, 0.25] },
      ),
      stat("Rebuilds", "ops", "Feeds a second that only Postgres had.", {
        rebuilds: rate("warble_feed_rebuild_seconds_count"),
      }),
      stat(
        "Rebuild, p95",
        "s",
        "Reading a reader's candidates from Postgres.",
        { p95: quantile(0.95, "warble_feed_rebuild_seconds") },
        { limits: [0.1, 0.5] },
      ),
      stat(
        "Changes not confirmed",
        "ops",
        "A process did not say within 50 ms that it dropped what changed; the writer waited all that time.",
        { overdue: rate("warble_change_acks_overdue_total") },
        { limits: [0.1, 1] },
      ),
    ],
    Feeds: [
      graph(
        "Reads",
        "ops",
        "hit: as kept; joined: made for somebody who asked just before; miss: made.",
        { "{{result}}": rate(READS, "result") },
        { stacked: true },
      ),
      graph(
        "Making an answer",
        "s",
        "Candidates, scores and rendered tweets.",
        quantiles("warble_feed_load_seconds"),
      ),
      graph(
        "Rebuilding from Postgres",
        "s",
        "Of a reader who was away, or after a flush of Redis.",
        quantiles("warble_feed_rebuild_seconds"),
      ),
      graph(
        "Candidates found in",
        "ops",
        "Much from Postgres for long: Redis is away, or drops feeds for want of memory.",
        { "{{source}}": rate("warble_feed_candidates_total", "source") },
        { stacked: true },
      ),
      graph(
        "Rendered tweets found in",
        "ops",
        "As rendered once for all readers.",
        { "{{source}}": rate("warble_tweets_rendered_total", "source") },
        { stacked: true },
      ),
      graph("Rebuilds", "ops", "Feeds that only Postgres had.", {
        rebuilds: rate("warble_feed_rebuild_seconds_count"),
      }),
    ],
    "What processes keep": [
      graph("Memory of the caches", "bytes", "By the caches' own count.", {
        "{{cache}}, {{instance}}": "sum by (cache, instance) (warble_cache_bytes)",
      }),
      graph(
        "Share of what they may keep",
        "percentunit",
        "Full is no fault, as long as hits are many; else raise CACHE_MAX_BYTES.",
        { "{{cache}}, {{instance}}": "warble_cache_bytes / (warble_cache_limit_bytes > 0)" },
        { max: 1 },
      ),
      graph(
        "Telling all processes of a change",
        "s",
        "A write is answered after this. 50 ms is the most that it waits.",
        quantiles("warble_change_announce_seconds"),
        { limits: [0.02, 0.05] },
      ),
    ],
  },
};
