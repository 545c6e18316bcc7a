/** Who is calling? Keys are stored hashed, and looked up by their hash. */
import { createHash, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { Problem } from "../contract/errors.ts";
import { type PersonRow, personByKey, profileById } from "../infra/people-queries.ts";
import type { Context } from "./context.ts";

export type Person = PersonRow;

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

/** Recognizes people by their keys, and remembers them until something about them changes. */
export class People {
  readonly #ctx: Pick<Context, "db" | "clock">;
  readonly #known = new LRUCache<string, KnownKey>({ max: MAX_KNOWN_KEYS });

  constructor(ctx: Pick<Context, "db" | "clock">) {
    this.#ctx = ctx;
  }

  /** The person, if the key is known here and nothing about the person has changed. */
  recognize(key: string): Person | undefined {
    const known = this.#known.get(key);
    if (known === undefined) return undefined;
    return this.#ctx.clock.isFresh(known.stamp, "user", known.person.id) ? known.person : undefined;
  }

  /** @throws Problem `Unauthorized`: key missing, unknown, or of a disabled person. */
  async authenticate(key: string): Promise<Person> {
    const recognized = this.recognize(key);
    if (recognized) return recognized;
    if (key === "" || key.length > MAX_KEY_LENGTH) throw unauthorized();
    const stamp = this.#ctx.clock.now;
    const person = await personByKey(this.#ctx.db, hashKey(key));
    if (!person) throw unauthorized();
    this.#known.set(key, { stamp, person });
    return person;
  }
}

/** A person with followers and followed, as part 1 of the contract shows them.
 * @throws Problem `NotFound`. */
export async function readProfile(ctx: Pick<Context, "db">, id: number) {
  const profile = await profileById(ctx.db, id);
  if (!profile) throw new Problem("NotFound", `There is no user ${id}.`);
  return profile;
}
