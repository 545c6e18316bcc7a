/** Whose key the page uses, and the calls that go with it. */
import { type Profile, Rest } from "../api/rest.ts";

const STORED_AS = "warble-key";
/** A fresh installation has a person with this key. */
const FIRST_KEY = "test";

const restFor = (key: string): Rest => new Rest({ url: "", key });

export class Session {
  #key = localStorage.getItem(STORED_AS) ?? FIRST_KEY;
  #rest = restFor(this.#key);

  get key(): string {
    return this.#key;
  }

  get rest(): Rest {
    return this.#rest;
  }

  /** The old key stays until the new one was taken. @throws ApiError, Offline. */
  async signIn(key: string): Promise<Profile> {
    const rest = restFor(key);
    const me = await rest.me();
    localStorage.setItem(STORED_AS, key);
    [this.#key, this.#rest] = [key, rest];
    return me;
  }
}

/** Runs what may fail, and tells the person why it did. @returns whether it went well. */
export type Guard = (action: () => Promise<unknown>) => Promise<boolean>;
