/**
 * The feed of part 1, as a pipeline: candidates → rank → hydrate → present.
 *
 * Every step first looks into the process cache, then into the shared store in Redis, then into
 * Postgres; what is found further away is kept nearer. What is kept in the process carries the
 * change clock's stamp, and is used only while nothing that it depends on was touched since: so a
 * finished answer is given again without asking anyone, and one like makes one tweet be read anew.
 */
import type { FeedPage } from "../contract/schemas.ts";
import { feedCandidates, followees } from "../infra/feed-queries.ts";
import type { FeedStore } from "../infra/feed-store.ts";
import type { Context } from "./context.ts";
import { FeedCache, type ReaderView } from "./feed-cache.ts";
import { type RankedTweet, TweetLoader } from "./tweet-loader.ts";

const HEAD = Buffer.from('{"result":true,"tweets":[');
const COMMA = Buffer.from(",");
const TAIL = Buffer.from("]}");

type FeedContext = Pick<Context, "config" | "db" | "feedStore" | "clock" | "log">;

interface Candidates {
  ids: number[];
  /** There may be older tweets beyond these. */
  full: boolean;
}

interface Load {
  stamp: number;
  answer: Promise<Buffer>;
}

export class Feed {
  readonly #ctx: FeedContext;
  readonly #cache: FeedCache;
  readonly #tweets: TweetLoader;
  /** Loads on their way, by reader and page: who comes later with nothing changed takes part. */
  readonly #loads = new Map<string, Load>();

  constructor(ctx: FeedContext) {
    this.#ctx = ctx;
    this.#cache = new FeedCache(ctx.clock, ctx.config.cacheMaxBytes / 2);
    this.#tweets = new TweetLoader(ctx, ctx.config.cacheMaxBytes / 2);
  }

  /** The feed as the body of the answer: at once when nothing has changed, else as a promise.
   * @throws Problem `Unavailable` (in the promise) when even Postgres does not answer. */
  read(readerId: number, page: FeedPage): Buffer | Promise<Buffer> {
    const key = page.limit === undefined ? "" : `${page.offset ?? 1}/${page.limit}`;
    const view = this.#cache.view(readerId);
    const known = view && this.#cache.answer(view, key);
    if (known) return known;

    const { clock } = this.#ctx;
    const flight = `${readerId} ${key}`;
    const running = this.#loads.get(flight);
    if (running && clock.trusted && running.stamp === clock.now) return running.answer;
    const stamp = clock.now;
    const answer = this.#load(readerId, page, key, stamp).finally(() => {
      if (this.#loads.get(flight)?.stamp === stamp) this.#loads.delete(flight);
    });
    this.#loads.set(flight, { stamp, answer });
    return answer;
  }

  async #load(readerId: number, page: FeedPage, key: string, stamp: number): Promise<Buffer> {
    const { window, view } = await this.#rankedWindow(readerId);
    const { offset = 1, limit = window.length } = page;
    const shown = window.slice((offset - 1) * limit, offset * limit);
    const answer = present(await this.#tweets.hydrate(shown));
    this.#cache.keep(readerId, view, key, { stamp, body: answer });
    return answer;
  }

  /** All of the reader's window, best first. */
  async #rankedWindow(readerId: number): Promise<{ window: RankedTweet[]; view: ReaderView }> {
    const view = await this.#candidates(readerId);
    const window = await this.#ranked(view);
    const { feedWindow } = this.#ctx.config;
    if (window.length >= feedWindow || !view.full) return { window, view };
    // Deletions have eaten up the slack: older tweets have to come up from Postgres.
    const rebuilt = await this.#candidates(readerId, true);
    return { window: await this.#ranked(rebuilt), view: rebuilt };
  }

  /** The newest tweets of the window that still exist, by likes, then newest first. */
  async #ranked(view: ReaderView): Promise<RankedTweet[]> {
    const existing = await this.#tweets.scores(view.ids);
    return existing
      .slice(0, this.#ctx.config.feedWindow)
      .sort((a, b) => b.likes - a.likes || b.id - a.id);
  }

  async #candidates(readerId: number, anew = false): Promise<ReaderView> {
    const view = this.#cache.view(readerId);
    if (view && !anew && this.#cache.hasFreshCandidates(view)) return view;
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
        return stored ?? (await feedStore.rebuild(readerId, load));
      } catch (error) {
        log.debug({ err: error }, "feed read from Postgres");
      }
    }
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

function present(fragments: Buffer[]): Buffer {
  const parts: Buffer[] = [HEAD];
  fragments.forEach((fragment, i) => {
    if (i > 0) parts.push(COMMA);
    parts.push(fragment);
  });
  parts.push(TAIL);
  return Buffer.concat(parts);
}
