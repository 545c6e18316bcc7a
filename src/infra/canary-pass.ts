/** Lets the workers' canary into the API's sockets without a person's key: a pass is written into
 * Redis by the one and looked up there by the other. */
import { randomBytes } from "node:crypto";
import type { Redis } from "ioredis";
import { canaryPassKey } from "../contract/keys.ts";

/** Long enough for a handshake. */
const VALID_S = 30;

export class CanaryPasses {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /** A pass for one connection. @throws Error when Redis is away. */
  async issue(): Promise<string> {
    const pass = randomBytes(24).toString("base64url");
    await this.#redis.set(canaryPassKey(this.#prefix, pass), "", "EX", VALID_S);
    return pass;
  }

  /** @throws Error when Redis is away. */
  async isValid(pass: unknown): Promise<boolean> {
    if (typeof pass !== "string" || !/^[\w-]{32}$/.test(pass)) return false;
    return (await this.#redis.exists(canaryPassKey(this.#prefix, pass))) === 1;
  }
}
