/**
 * Sessions of operators. The cookie holds a random id, signed by a key that is made of the password's
 * hash; Redis knows which ids are signed in. So every workers' process takes every session; a new
 * password, a sign-out and an emptied Redis end them.
 */
import { createHash, hkdfSync, randomBytes } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getSignedCookie, setSignedCookie } from "hono/cookie";
import type { Redis } from "ioredis";
import { adminSessionKey } from "../../src/contract/keys.ts";

const COOKIE = "warble_operator";
const COOKIE_PATH = "/admin";
/** A working day; it does not grow longer by use. */
const SESSION_S = 8 * 3600;

export class Sessions {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #signingKey: ArrayBuffer;

  constructor(redis: Redis, prefix: string, passwordHash: string) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#signingKey = hkdfSync("sha256", passwordHash, "", "warble operators' sessions", 32);
  }

  /** @throws Error when Redis is away. */
  async open(c: Context): Promise<void> {
    const id = randomBytes(24).toString("base64url");
    await this.#redis.set(this.#keyOf(id), "1", "EX", SESSION_S);
    await setSignedCookie(c, COOKIE, id, this.#signingKey, {
      path: COOKIE_PATH,
      httpOnly: true,
      sameSite: "Strict",
      secure: cameByHttps(c),
      maxAge: SESSION_S,
    });
  }

  /** @throws Error when Redis is away. */
  async isOpen(c: Context): Promise<boolean> {
    const id = await this.#idOf(c);
    return id !== undefined && (await this.#redis.exists(this.#keyOf(id))) === 1;
  }

  /** @throws Error when Redis is away. */
  async close(c: Context): Promise<void> {
    const id = await this.#idOf(c);
    if (id !== undefined) await this.#redis.del(this.#keyOf(id));
    deleteCookie(c, COOKIE, { path: COOKIE_PATH, secure: cameByHttps(c) });
  }

  async #idOf(c: Context): Promise<string | undefined> {
    return (await getSignedCookie(c, this.#signingKey, COOKIE)) || undefined;
  }

  /** By its hash: who can read Redis cannot take over a session. */
  #keyOf(id: string): string {
    return adminSessionKey(this.#prefix, createHash("sha256").update(id).digest("base64url"));
  }
}

/** By the proxy in front, which alone speaks TLS. Who lies here only harms their own session. */
const cameByHttps = (c: Context): boolean => c.req.header("x-forwarded-proto") === "https";
