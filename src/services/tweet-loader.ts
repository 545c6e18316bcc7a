/** Scores and rendered tweets: from the process, else from the store, else from Postgres. */
import { LRUCache } from "lru-cache";
import { countRendered } from "../base/metrics/feeds.ts";
import { tweetScores } from "../infra/feed-queries.ts";
import type { Context } from "./context.ts";
import { RENDERINGS, type Rendering } from "./tweet-view.ts";

interface TweetScore {
  id: number;
  likes: number;
  version: number;
}

export interface ScoredTweet extends TweetScore {
  /** The clock's time before the score was loaded. */
  stamp: number;
}

interface KnownTweet extends ScoredTweet {
  /** Rendered at this version; absent until somebody has to see it. */
  rendered: { [R in Rendering]?: Buffer };
}

interface Fragment extends ScoredTweet {
  json: Buffer;
}

/** Times of creation never change, so they are kept without a stamp; about 6 MB. */
const MAX_CREATION_TIMES = 100_000;

type LoaderContext = Pick<Context, "db" | "feedStore" | "clock" | "log">;

const bytesOf = ({ rendered: { v1, v2 } }: KnownTweet): number =>
  250 + (v1?.length ?? 0) + (v2?.length ?? 0);

export class TweetLoader {
  readonly #ctx: LoaderContext;
  readonly #known: LRUCache<number, KnownTweet> | undefined;
  readonly #createdMs: LRUCache<number, number> | undefined;

  /** @param maxBytes 0 switches the cache off. */
  constructor(ctx: LoaderContext, maxBytes: number) {
    this.#ctx = ctx;
    if (maxBytes === 0) return;
    this.#known = new LRUCache({ maxSize: maxBytes, sizeCalculation: bytesOf });
    this.#createdMs = new LRUCache({ max: MAX_CREATION_TIMES });
  }

  /** What is kept, by the cache's own count. */
  get bytes(): number {
    return this.#known?.calculatedSize ?? 0;
  }

  /** Likes and versions of those of the tweets that exist, in the order given. */
  async scores(ids: number[]): Promise<ScoredTweet[]> {
    const { clock } = this.#ctx;
    const found = new Map<number, ScoredTweet>();
    const missing: number[] = [];
    for (const id of ids) {
      const known = this.#known?.get(id);
      if (known && clock.isFresh(known.stamp, "tweet", id)) found.set(id, known);
      else missing.push(id);
    }
    if (missing.length > 0) {
      const stamp = clock.now;
      for (const score of await this.#loadScores(missing)) {
        const tweet = { ...score, stamp, rendered: {} };
        found.set(score.id, tweet);
        this.#keep(tweet);
      }
    }
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  /** When the tweets were created, in ms since the epoch; one that is gone may be left out. */
  async creationTimes(ids: number[]): Promise<Map<number, number>> {
    const times = new Map<number, number>();
    const missing: number[] = [];
    for (const id of ids) {
      const known = this.#createdMs?.get(id);
      if (known === undefined) missing.push(id);
      else times.set(id, known);
    }
    if (missing.length === 0) return times;
    for (const { id, createdMs } of await tweetScores(this.#ctx.db, missing)) {
      times.set(id, createdMs);
      this.#createdMs?.set(id, createdMs);
    }
    return times;
  }

  /** The tweets as JSON, in the order given; undefined where one was deleted meanwhile. */
  async hydrate(tweets: ScoredTweet[], rendering: Rendering): Promise<(Buffer | undefined)[]> {
    const fragments = new Map<number, Buffer>();
    const missing: ScoredTweet[] = [];
    for (const tweet of tweets) {
      const known = this.#known?.get(tweet.id);
      const fragment = known?.version === tweet.version ? known.rendered[rendering] : undefined;
      if (fragment) fragments.set(tweet.id, fragment);
      else missing.push(tweet);
    }
    countRendered("process", fragments.size);
    if (missing.length > 0) {
      for (const { json, ...tweet } of await this.#loadFragments(missing, rendering)) {
        fragments.set(tweet.id, json);
        this.#keep({ ...tweet, rendered: { [rendering]: json } });
      }
    }
    return tweets.map(({ id }) => fragments.get(id));
  }

  #keep(tweet: KnownTweet): void {
    if (!this.#ctx.clock.trusted || !this.#known) return;
    const known = this.#known.get(tweet.id);
    if (known && known.version > tweet.version) return;
    // A score that is merely confirmed must not lose the rendered texts.
    if (known?.version === tweet.version) tweet.rendered = { ...known.rendered, ...tweet.rendered };
    this.#known.delete(tweet.id);
    this.#known.set(tweet.id, tweet);
  }

  async #loadScores(ids: number[]): Promise<TweetScore[]> {
    const { feedStore, db } = this.#ctx;
    const { epoch } = feedStore;
    const stored = await this.#orWithoutStore(() => feedStore.scores(ids), []);
    const scores: TweetScore[] = [];
    const unknown: number[] = [];
    ids.forEach((id, i) => {
      const score = stored[i];
      if (!score) unknown.push(id);
      else if (score.version !== Number.POSITIVE_INFINITY) scores.push({ id, ...score });
    });
    if (unknown.length === 0) return scores;
    const rows = await tweetScores(db, unknown);
    await this.#orWithoutStore(() => feedStore.score(rows, epoch), false);
    for (const { id, likes, version } of rows) scores.push({ id, likes, version });
    return scores;
  }

  async #loadFragments(tweets: ScoredTweet[], rendering: Rendering): Promise<Fragment[]> {
    const { feedStore, db, clock } = this.#ctx;
    const stored = await this.#orWithoutStore(() => feedStore.fragments(rendering, tweets), []);
    const found: Fragment[] = [];
    const unknown: number[] = [];
    tweets.forEach(({ id, likes, version, stamp }, i) => {
      const json = stored[i];
      // A fragment never changes, so it proves nothing newer than the score that named it: a like
      // since then is told by the score's stamp alone.
      if (json) found.push({ id, likes, version, stamp, json });
      else unknown.push(id);
    });
    countRendered("redis", found.length);
    countRendered("postgres", unknown.length);
    if (unknown.length === 0) return found;
    const stamp = clock.now;
    const rendered = (await RENDERINGS[rendering](db, unknown)).map((tweet) => ({
      ...tweet,
      stamp,
    }));
    await this.#orWithoutStore(() => feedStore.keepFragments(rendering, rendered), undefined);
    return [...found, ...rendered];
  }

  async #orWithoutStore<T>(ask: () => Promise<T>, instead: T): Promise<T> {
    if (!this.#ctx.feedStore.available) return instead;
    try {
      return await ask();
    } catch (error) {
      this.#ctx.log.debug({ err: error }, "read without the store");
      return instead;
    }
  }
}
