/** People's accounts and keys, as the company manages them (`npm run users`). */
import type { EntityManager, InferEntity } from "@mikro-orm/postgresql";
import { Problem } from "../contract/errors.ts";
import { ApiKey, User } from "../entities/entities.ts";
import type { Database } from "../infra/database.ts";
import { recordEvent } from "../infra/event-queries.ts";
import { hashKey, MAX_KEY_LENGTH, newKey } from "./people.ts";

const MAX_NAME_LENGTH = 200;

export interface Account {
  id: number;
  name: string;
  disabled: boolean;
}

/** The running service hears of changes through the outbox: the relay takes these events up at
 * once, drops the person's keys from every process and closes their sockets. */
export class Accounts {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @param key the key to use; a random one when it is left out.
   * @throws Problem `ValidationError`: a name or key that cannot be used, or a key in use. */
  add(name: string, key = newKey()): Promise<{ id: number; key: string }> {
    const trimmed = name.trim();
    if (trimmed === "" || trimmed.length > MAX_NAME_LENGTH) {
      throw new Problem("ValidationError", `A name has 1 to ${MAX_NAME_LENGTH} characters.`);
    }
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
      em.create(ApiKey, { hash: hashKey(key), user });
      await em.flush();
      return { id: user.id, key };
    });
  }

  async list(): Promise<Account[]> {
    const users = await this.#db.orm.em.fork().find(User, {}, { orderBy: { id: "asc" } });
    return users.map(({ id, name, disabledAt }) => ({ id, name, disabled: disabledAt != null }));
  }

  /** Replaces all keys of a person by a new one. @throws Problem `NotFound`. */
  rotate(id: number): Promise<{ id: number; key: string }> {
    const key = newKey();
    return this.#change(id, true, async (em, user) => {
      await em.nativeDelete(ApiKey, { user });
      em.create(ApiKey, { hash: hashKey(key), user });
      return { id, key };
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

  #change<T>(
    id: number,
    disconnect: boolean,
    change: (em: EntityManager, user: InferEntity<typeof User>) => Promise<T>,
  ): Promise<T> {
    return this.#db.transaction(async (em) => {
      const user = await em.findOne(User, id);
      if (!user) throw new Problem("NotFound", `There is no user ${id}.`);
      const result = await change(em, user);
      recordEvent(em, "user:changed", { userId: id, disconnect }, new Date());
      await em.flush();
      return result;
    });
  }
}
