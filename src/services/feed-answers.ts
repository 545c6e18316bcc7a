/**
 * Finished answers of feeds. What is kept carries the change clock's stamp, and is given again
 * without asking anyone while nothing that it depends on was touched since.
 */
import { countFeedRead, observeFeedLoad } from "../base/metrics/feeds.ts";
import { timed } from "../base/metrics.ts";
import type { ChangeClock } from "../infra/change-clock.ts";
import type { FeedCache } from "./feed-cache.ts";
import type { FeedWindow, FeedWindows } from "./feed-windows.ts";

interface Load {
  stamp: number;
  answer: Promise<Buffer>;
}

/** Puts a window in order, and makes the answer of it. */
export type Make = (window: FeedWindow) => Promise<Buffer>;

export class FeedAnswers {
  readonly #clock: ChangeClock;
  readonly #cache: FeedCache;
  readonly #windows: FeedWindows;
  /** Loads on their way, by reader and answer: who comes later with nothing changed takes part. */
  readonly #loads = new Map<string, Load>();

  constructor(clock: ChangeClock, cache: FeedCache, windows: FeedWindows) {
    this.#clock = clock;
    this.#cache = cache;
    this.#windows = windows;
  }

  /** The answer: at once when nothing has changed, else as a promise.
   * @param key tells the reader's different answers apart.
   * @throws Problem `Unavailable` (in the promise) when even Postgres does not answer. */
  read(readerId: number, key: string, make: Make): Buffer | Promise<Buffer> {
    const view = this.#cache.view(readerId);
    const known = view && this.#cache.answer(view, key);
    if (known) {
      countFeedRead("hit");
      return known;
    }

    const flight = `${readerId} ${key}`;
    const running = this.#loads.get(flight);
    const stamp = this.#clock.now;
    if (running && this.#clock.trusted && running.stamp === stamp) {
      countFeedRead("joined");
      return running.answer;
    }
    countFeedRead("miss");
    const load = timed(observeFeedLoad, () => this.#load(readerId, key, make, stamp));
    const answer = load.finally(() => {
      if (this.#loads.get(flight)?.stamp === stamp) this.#loads.delete(flight);
    });
    this.#loads.set(flight, { stamp, answer });
    return answer;
  }

  async #load(readerId: number, key: string, make: Make, stamp: number): Promise<Buffer> {
    const window = await this.#windows.of(readerId);
    const body = await make(window);
    this.#cache.keep(readerId, window.view, key, { stamp, body });
    return body;
  }
}
