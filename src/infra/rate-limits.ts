/**
 * How many calls a person may make, and how many unknown keys an address may try.
 *
 * Each process counts in its own memory and settles with Redis several times a second, so that a
 * call waits for nothing: a limit is exact for one process, and among several it is exceeded by
 * what arrives between two settlements at most. While Redis is away each process limits alone.
 */
import type { Redis } from "ioredis";
import { LRUCache } from "lru-cache";
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { type LimitClass, limitsPrefix } from "../contract/keys.ts";

const WINDOW_S = 60;
const SETTLE_MS = 200;
/** So many people or addresses are counted at once; who falls out begins anew with what Redis knows. */
const MAX_COUNTED = 50_000;

/** Who is counted: a person's id, or an address. */
type Subject = number | string;

interface Window {
  subject: Subject;
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

/** One limit for each class. */
export type RateLimits = Record<LimitClass, RateLimit>;

/** @param limits a minute and subject; 0 for no limit. */
export function createRateLimits(
  redis: Redis,
  prefix: string,
  limits: Readonly<Record<LimitClass, number>>,
): RateLimits {
  const of = (kind: LimitClass) => new RateLimit(redis, limitsPrefix(prefix, kind), limits[kind]);
  return {
    reads: of("reads"),
    writes: of("writes"),
    uploads: of("uploads"),
    sockets: of("sockets"),
    failedKeys: of("failedKeys"),
  };
}

const secondsLeft = ({ endsAt }: Window, now: number): number =>
  Math.max(1, Math.ceil((endsAt - now) / 1000));

export class RateLimit {
  readonly limit: number;
  readonly #limiter: RateLimiterRedis;
  readonly #windows = new LRUCache<Subject, Window>({ max: MAX_COUNTED });
  readonly #unsettled = new Set<Window>();
  #timer: NodeJS.Timeout | undefined;

  constructor(redis: Redis, keyPrefix: string, limit: number) {
    this.limit = limit;
    this.#limiter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix,
      points: limit,
      duration: WINDOW_S,
      rejectIfRedisNotReady: true,
    });
  }

  /** Counts one call. @returns what it exceeds, if it does. */
  take(subject: Subject): Exceeded | undefined {
    if (this.limit === 0) return undefined;
    const now = Date.now();
    const window = this.#running(subject, now) ?? this.#open(subject, now);
    if (window.used >= this.limit) return this.#refusal(window, now);
    window.used += 1;
    window.unsettled += 1;
    this.#unsettled.add(window);
    this.#timer ??= setTimeout(() => this.#settle(), SETTLE_MS).unref();
    return undefined;
  }

  /** What one more call would exceed; counts nothing. */
  exceeded(subject: Subject): Exceeded | undefined {
    if (this.limit === 0) return undefined;
    const now = Date.now();
    const window = this.#running(subject, now);
    return window && window.used >= this.limit ? this.#refusal(window, now) : undefined;
  }

  /** How many calls are left, as far as this process knows; undefined when there is no limit. */
  left(subject: Subject): { limit: number; remaining: number; resetS: number } | undefined {
    if (this.limit === 0) return undefined;
    const now = Date.now();
    const window = this.#running(subject, now);
    return {
      limit: this.limit,
      remaining: Math.max(0, this.limit - (window?.used ?? 0)),
      resetS: window ? secondsLeft(window, now) : WINDOW_S,
    };
  }

  #running(subject: Subject, now: number): Window | undefined {
    const window = this.#windows.get(subject);
    return window && now < window.endsAt ? window : undefined;
  }

  #open(subject: Subject, now: number): Window {
    const window = { subject, endsAt: now + WINDOW_S * 1000, used: 0, unsettled: 0 };
    this.#windows.set(subject, window);
    return window;
  }

  #refusal(window: Window, now: number): Exceeded {
    return { limit: this.limit, retryAfterS: secondsLeft(window, now) };
  }

  #settle(): void {
    this.#timer = undefined;
    for (const window of this.#unsettled) {
      const calls = window.unsettled;
      window.unsettled = 0;
      this.#limiter.consume(window.subject, calls).then(
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
