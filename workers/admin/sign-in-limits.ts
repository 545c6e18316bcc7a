/** How often a password may be tried: by one address, and by all together, since whoever attacks may
 * have many addresses, and each try is a tenth of a second's work. */
import type { Redis } from "ioredis";
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { adminSignInsPrefix } from "../../src/contract/keys.ts";

const ATTEMPTS_OF_ADDRESS = { points: 10, duration: 15 * 60 };
/** Short, so that an attack keeps nobody out for long. */
const ATTEMPTS_OF_ALL = { points: 30, duration: 60 };
const EVERYBODY = "all";

export class SignInLimits {
  readonly #ofAddress: RateLimiterRedis;
  readonly #ofAll: RateLimiterRedis;

  constructor(storeClient: Redis, prefix: string) {
    const keyPrefix = adminSignInsPrefix(prefix);
    this.#ofAddress = new RateLimiterRedis({ storeClient, keyPrefix, ...ATTEMPTS_OF_ADDRESS });
    this.#ofAll = new RateLimiterRedis({ storeClient, keyPrefix, ...ATTEMPTS_OF_ALL });
  }

  /** Counts an attempt before the password is looked at, so that many at once are counted, too.
   * @returns seconds until the next attempt is taken; undefined when this one is.
   * @throws Error when Redis is away. */
  async take(address: string): Promise<number | undefined> {
    try {
      await this.#ofAddress.consume(address);
      await this.#ofAll.consume(EVERYBODY);
      return undefined;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    }
  }

  /** Who knew the password begins anew. */
  async forgive(address: string): Promise<void> {
    await this.#ofAddress.delete(address);
  }
}
