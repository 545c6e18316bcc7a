/** Who is calling? Keys are stored hashed, and looked up by their hash. */
import { createHash, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { Problem, tooMany } from "../contract/errors.ts";
import { personByKey, profileById } from "../infra/people-queries.ts";
import type { Context } from "./context.ts";

/** Who calls, and by which key. */
export interface Person {
  id: number;
  name: string;
  /** When the key expires, ms since the epoch by this process' clock; null: never. */
  keyExpiresAt: number | null;
}

const MAX_KNOWN_KEYS = 20_000;
/** Longer is no key of ours; it is refused before it is hashed. */
export const MAX_KEY_LENGTH = 200;

export const hashKey = (key: string): Buffer => createHash("sha256").update(key).digest();

/** A new key: 32 characters of base64url, 192 random bits. */
export const newKey = (): string => randomBytes(24).toString("base64url");

interface KnownKey {
  stamp: number;
  person: Person;
}

const unauthorized = () =>
  new Problem(
    "Unauthorized",
    "The key is missing or not valid. Send your key in the header api-key.",
  );

type PeopleContext = Pick<Context, "db" | "clock" | "limits">;

/** Recognizes people by their keys, and remembers them until something about them changes. */
export class People {
  readonly #ctx: PeopleContext;
  readonly #known = new LRUCache<string, KnownKey>({ max: MAX_KNOWN_KEYS });

  constructor(ctx: PeopleContext) {
    this.#ctx = ctx;
  }

  /** The person, if the key is known here, has not expired, and nothing about the person has
   * changed. */
  recognize(key: string): Person | undefined {
    const known = this.#known.get(key);
    if (known === undefined || hasExpired(known.person)) return undefined;
    return this.#ctx.clock.isFresh(known.stamp, "user", known.person.id) ? known.person : undefined;
  }

  /** @param address whose failures are counted (see `base/client-address`); without one, nobody's.
   * An address with too many is refused unknown keys before they are looked up; keys that were good
   * here before are looked up still, for the colleagues behind the same address.
   * @throws Problem `Unauthorized`: key missing, unknown, expired, or of a disabled person;
   * `TooManyRequests`; `Unavailable`. */
  async authenticate(key: string, address?: string): Promise<Person> {
    const recognized = this.recognize(key);
    if (recognized) return recognized;
    if (key === "" || key.length > MAX_KEY_LENGTH) throw unauthorized();
    if (address !== undefined && !this.#known.has(key)) this.#refuseGuessing(address);
    const person = await this.#lookUp(key);
    if (person) return person;
    this.#known.delete(key);
    if (address !== undefined) this.#ctx.limits.failedKeys.take(address);
    throw unauthorized();
  }

  async #lookUp(key: string): Promise<Person | undefined> {
    const { clock, db } = this.#ctx;
    const stamp = clock.now;
    const askedAt = Date.now();
    const row = await personByKey(db, hashKey(key));
    if (!row) return undefined;
    // What is left is told by Postgres, so that a clock that goes wrong here does no harm.
    const keyExpiresAt = row.keyMsLeft === null ? null : askedAt + row.keyMsLeft;
    const person = { id: row.id, name: row.name, keyExpiresAt };
    this.#known.set(key, { stamp, person });
    return person;
  }

  #refuseGuessing(address: string): void {
    const exceeded = this.#ctx.limits.failedKeys.exceeded(address);
    if (!exceeded) return;
    const what = "calls with unknown keys from one address";
    throw tooMany(exceeded.limit, exceeded.retryAfterS, what);
  }
}

/** Whether the key by which the person came has expired by now. */
export const hasExpired = ({ keyExpiresAt }: Person): boolean =>
  keyExpiresAt !== null && keyExpiresAt <= Date.now();

/** A person with followers and followed, as part 1 of the contract shows them.
 * @throws Problem `NotFound`. */
export async function readProfile(ctx: Pick<Context, "db">, id: number) {
  const profile = await profileById(ctx.db, id);
  if (!profile) throw new Problem("NotFound", `There is no user ${id}.`);
  return profile;
}
