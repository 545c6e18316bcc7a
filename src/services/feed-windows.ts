/**
 * The first two steps of every feed: candidates, and what they score now.
 *
 * Each looks into the process cache first, then into the shared store in Redis, then into Postgres;
 * what is found further away is kept nearer.
 */
import { countCandidates, observeFeedRebuild } from "../base/metrics/feeds.ts";
import { timed } from "../base/metrics.ts";
import { feedCandidates, followees } from "../infra/feed-queries.ts";
import type { FeedStore } from "../infra/feed-store.ts";
import type { Context } from "./context.ts";
import type { FeedCache, ReaderView } from "./feed-cache.ts";
import type { ScoredTweet, TweetLoader } from "./tweet-loader.ts";

/** The newest tweets of a reader's feed that exist, at most `FEED_WINDOW`. */
export interface FeedWindow {
  /** Newest first. */
  tweets: ScoredTweet[];
  /** There may be older tweets beyond these. */
  more: boolean;
  view: ReaderView;
}

interface Candidates {
  ids: number[];
  /** There may be older tweets beyond these. */
  full: boolean;
}

type WindowContext = Pick<Context, "config" | "db" | "feedStore" | "clock" | "log">;

export class FeedWindows {
  readonly #ctx: WindowContext;
  readonly #cache: FeedCache;
  readonly #tweets: TweetLoader;

  constructor(ctx: WindowContext, cache: FeedCache, tweets: TweetLoader) {
    this.#ctx = ctx;
    this.#cache = cache;
    this.#tweets = tweets;
  }

  /** @throws Problem `Unavailable` when even Postgres does not answer. */
  async of(readerId: number): Promise<FeedWindow> {
    const window = await this.#scored(await this.#candidates(readerId));
    if (window.tweets.length >= this.#ctx.config.feedWindow || !window.view.full) return window;
    // Deletions have eaten up the slack: older tweets have to come up from Postgres.
    return this.#scored(await this.#candidates(readerId, true));
  }

  async #scored(view: ReaderView): Promise<FeedWindow> {
    const existing = await this.#tweets.scores(view.ids);
    const tweets = existing.slice(0, this.#ctx.config.feedWindow);
    return { tweets, more: view.full || existing.length > tweets.length, view };
  }

  async #candidates(readerId: number, anew = false): Promise<ReaderView> {
    const view = this.#cache.view(readerId);
    if (view && !anew && this.#cache.hasFreshCandidates(view)) {
      countCandidates("process");
      return view;
    }
    const stamp = this.#ctx.clock.now;
    const [authors, candidates] = await Promise.all([
      this.#authors(readerId, view),
      this.#storedCandidates(readerId, anew),
    ]);
    return { stamp, readerId, authors, ...candidates, answers: new Map() };
  }

  /** Whose tweets the reader sees; asked for again only after the reader's own follows changed. */
  async #authors(readerId: number, view: ReaderView | undefined): Promise<number[]> {
    if (view && this.#ctx.clock.isFresh(view.stamp, "user", readerId)) return view.authors;
    return [readerId, ...(await followees(this.#ctx.db, readerId))];
  }

  async #storedCandidates(readerId: number, anew: boolean): Promise<Candidates> {
    const { feedStore, db, log } = this.#ctx;
    const load = (limit: number) => feedCandidates(db, readerId, limit);
    if (feedStore.available) {
      try {
        const stored = anew ? undefined : await feedStore.candidates(readerId);
        countCandidates(stored ? "redis" : "postgres");
        return stored ?? (await timed(observeFeedRebuild, () => feedStore.rebuild(readerId, load)));
      } catch (error) {
        log.debug({ err: error }, "feed read from Postgres");
      }
    }
    countCandidates("postgres");
    return withoutStore(feedStore, load);
  }
}

async function withoutStore(
  store: FeedStore,
  load: (limit: number) => Promise<number[]>,
): Promise<Candidates> {
  const ids = await load(store.capacity);
  return { ids, full: ids.length >= store.capacity };
}
