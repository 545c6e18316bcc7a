/** People's accounts and keys, as the company manages them (`npm run users`). */
import type { EntityManager, InferEntity } from "@mikro-orm/postgresql";
import { Problem } from "../contract/errors.ts";
import { ApiKey, User } from "../entities/entities.ts";
import {
  type AccountRow,
  accounts,
  type ImportedRow,
  importPeople,
} from "../infra/account-queries.ts";
import type { Database } from "../infra/database.ts";
import { recordEvent } from "../infra/event-queries.ts";
import { hashKey, MAX_KEY_LENGTH, newKey } from "./people.ts";

const MAX_NAME_LENGTH = 200;

/** Why this cannot be a name; undefined when it can. */
export const nameFault = (name: string): string | undefined =>
  name === "" || [...name].length > MAX_NAME_LENGTH || /\p{Cc}/u.test(name)
    ? `A name has 1 to ${MAX_NAME_LENGTH} characters, without line breaks.`
    : undefined;

export interface AddOptions {
  /** The key to use; a random one when it is left out. */
  key?: string | undefined;
  /** After how many ms the key expires; when left out: never. */
  expiresMs?: number | undefined;
}

export interface RotateOptions {
  /** How many ms the old keys stay valid, at most; 0 when left out. */
  graceMs?: number | undefined;
  /** After how many ms the new key expires; when left out: never. */
  expiresMs?: number | undefined;
}

/** A key as it is given out, once. */
export interface GivenKey {
  id: number;
  key: string;
  expiresAt: Date | null;
}

export interface ImportOptions {
  /** Disables those who have an external id and are not listed. */
  disableAbsent?: boolean;
  /** Only tells what would be done. */
  dryRun?: boolean;
  /** Called with the new people before the import becomes valid: where it fails, nothing is done. */
  keepKeys?: (created: NewPerson[]) => void;
}

export interface NewPerson {
  id: number;
  externalId: string;
  name: string;
  key: string;
}

/** Who was changed, in which way; a person may have been renamed and enabled. */
export interface Imported {
  created: NewPerson[];
  renamed: ImportedRow[];
  enabled: ImportedRow[];
  disabled: ImportedRow[];
  /** How many of the listed are as they were. */
  unchanged: number;
}

const after = (ms: number | undefined): Date | null =>
  ms === undefined ? null : new Date(Date.now() + ms);

/** The running service hears of changes through the outbox: the relay takes these events up at
 * once, drops the person's keys from every process and closes their sockets. */
export class Accounts {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @throws Problem `ValidationError`: a name or key that cannot be used, or a key in use. */
  add(name: string, { key = newKey(), expiresMs }: AddOptions = {}): Promise<GivenKey> {
    const trimmed = name.trim();
    const fault = nameFault(trimmed);
    if (fault) throw new Problem("ValidationError", fault);
    // A header carries visible ASCII only, and trims it.
    if (!/^[\x21-\x7e]+$/.test(key) || key.length > MAX_KEY_LENGTH) {
      throw new Problem(
        "ValidationError",
        `A key has 1 to ${MAX_KEY_LENGTH} letters, digits or signs, without spaces.`,
      );
    }
    return this.#db.transaction(async (em) => {
      if (await em.findOne(ApiKey, { hash: hashKey(key) })) {
        throw new Problem("ValidationError", "This key is in use: choose another.");
      }
      const user = em.create(User, { name: trimmed });
      const expiresAt = after(expiresMs);
      em.create(ApiKey, { hash: hashKey(key), user, expiresAt });
      await em.flush();
      return { id: user.id, key, expiresAt };
    });
  }

  list(): Promise<AccountRow[]> {
    return accounts(this.#db);
  }

  /** Gives a person a new key. The old ones end at once, and so do the person's sockets, unless
   * there is a grace: then the old keys expire with it. @throws Problem `NotFound`. */
  rotate(id: number, { graceMs = 0, expiresMs }: RotateOptions = {}): Promise<GivenKey> {
    const key = newKey();
    return this.#change(id, graceMs === 0, async (em, user) => {
      if (graceMs === 0) await em.nativeDelete(ApiKey, { user });
      else {
        const end = new Date(Date.now() + graceMs);
        const later = { user, $or: [{ expiresAt: null }, { expiresAt: { $gt: end } }] };
        await em.nativeUpdate(ApiKey, later, { expiresAt: end });
      }
      const expiresAt = after(expiresMs);
      em.create(ApiKey, { hash: hashKey(key), user, expiresAt });
      return { id, key, expiresAt };
    });
  }

  /** Refuses the person's keys from now on; nothing is deleted. @throws Problem `NotFound`. */
  async disable(id: number): Promise<void> {
    await this.#change(id, true, async (_, user) => {
      user.disabledAt ??= new Date();
    });
  }

  /** Takes the person's keys again. @throws Problem `NotFound`. */
  async enable(id: number): Promise<void> {
    await this.#change(id, false, async (_, user) => {
      user.disabledAt = null;
    });
  }

  /** Makes the accounts agree with a list: who is new gets an account and a key, who has another
   * name is renamed, who was disabled is enabled. All of it is done, or nothing. Doing it again
   * changes nothing. */
  async import(
    people: { externalId: string; name: string }[],
    { disableAbsent = false, dryRun = false, keepKeys }: ImportOptions = {},
  ): Promise<Imported> {
    const keys = new Map(people.map(({ externalId }) => [externalId, newKey()]));
    const keyOf = (externalId: string) => keys.get(externalId) as string;
    const input = people.map((person) => ({
      ...person,
      keyHash: hashKey(keyOf(person.externalId)),
    }));
    return this.#db.inTransaction(async (query) => {
      const changes = await importPeople(query, input, disableAbsent);
      const created = changes
        .filter((change) => change.created)
        .map(({ id, externalId, name }) => ({ id, externalId, name, key: keyOf(externalId) }));
      if (!dryRun) keepKeys?.(created);
      const disabled = changes.filter((change) => change.disabled);
      return {
        created,
        renamed: changes.filter(({ was }) => was !== null),
        enabled: changes.filter((change) => change.enabled),
        disabled,
        unchanged: people.length - (changes.length - disabled.length),
      };
    }, !dryRun);
  }

  #change<T>(
    id: number,
    disconnect: boolean,
    change: (em: EntityManager, user: InferEntity<typeof User>) => Promise<T>,
  ): Promise<T> {
    return this.#db.transaction(async (em) => {
      const user = await em.findOne(User, id);
      if (!user) throw new Problem("NotFound", `There is no user ${id}.`);
      const result = await change(em, user);
      recordEvent(em, "user:changed", { userId: id, disconnect }, { dueAt: new Date() });
      await em.flush();
      return result;
    });
  }
}
