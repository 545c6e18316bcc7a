/**
 * How many calls a person may make.
 *
 * Each process counts in its own memory and settles with Redis several times a second, so that a
 * call waits for nothing: a limit is exact for one process, and among several it is exceeded by
 * what arrives between two settlements at most. While Redis is away each process limits alone.
 */
import type { Redis } from "ioredis";
import { LRUCache } from "lru-cache";
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { type CallClass, limitsPrefix } from "../contract/keys.ts";

const WINDOW_S = 60;
const SETTLE_MS = 200;
/** So many people are counted at once; who falls out begins anew with what Redis knows. */
const MAX_COUNTED = 50_000;

interface Window {
  person: number;
  /** When it ends, ms since the epoch. */
  endsAt: number;
  /** As far as this process knows. */
  used: number;
  /** Counted here and not yet told to Redis. */
  unsettled: number;
}

/** A refusal: what the headers `RateLimit-*` and `Retry-After` say. */
export interface Exceeded {
  limit: number;
  /** Seconds until the window ends, at least 1. */
  retryAfterS: number;
}

/** One limit for each class of calls. */
export type RateLimits = Record<CallClass, RateLimit>;

export class RateLimit {
  readonly limit: number;
  readonly #limiter: RateLimiterRedis;
  readonly #windows = new LRUCache<number, Window>({ max: MAX_COUNTED });
  readonly #unsettled = new Set<Window>();
  #timer: NodeJS.Timeout | undefined;

  /** @param limit calls a minute and person; 0 for no limit. */
  constructor(redis: Redis, prefix: string, kind: CallClass, limit: number) {
    this.limit = limit;
    this.#limiter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: limitsPrefix(prefix, kind),
      points: limit,
      duration: WINDOW_S,
      rejectIfRedisNotReady: true,
    });
  }

  /** Counts one call. @returns what it exceeds, if it does. */
  take(person: number): Exceeded | undefined {
    if (this.limit === 0) return undefined;
    const now = Date.now();
    let window = this.#windows.get(person);
    if (window === undefined || now >= window.endsAt) {
      window = { person, endsAt: now + WINDOW_S * 1000, used: 0, unsettled: 0 };
      this.#windows.set(person, window);
    }
    if (window.used >= this.limit) {
      return {
        limit: this.limit,
        retryAfterS: Math.max(1, Math.ceil((window.endsAt - now) / 1000)),
      };
    }
    window.used += 1;
    window.unsettled += 1;
    this.#unsettled.add(window);
    this.#timer ??= setTimeout(() => this.#settle(), SETTLE_MS).unref();
    return undefined;
  }

  #settle(): void {
    this.#timer = undefined;
    for (const window of this.#unsettled) {
      const calls = window.unsettled;
      window.unsettled = 0;
      this.#limiter.consume(window.person, calls).then(
        (known) => this.#correct(window, known),
        (refused) => {
          // Redis is away otherwise: what this process counted goes on to hold.
          if (refused instanceof RateLimiterRes) this.#correct(window, refused);
        },
      );
    }
    this.#unsettled.clear();
  }

  #correct(window: Window, { consumedPoints, msBeforeNext }: RateLimiterRes): void {
    window.used = consumedPoints + window.unsettled;
    window.endsAt = Date.now() + msBeforeNext;
  }
}
