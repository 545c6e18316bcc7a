/** The requests that this process is answering, and whether it still takes more. */
import { setTimeout as sleep } from "node:timers/promises";
import { InFlight } from "../base/in-flight.ts";

/** The last answer may still be on its way out of uWebSockets.js' own buffers. */
const LAST_BYTES_MS = 200;

class Requests extends InFlight {
  #isLeaving = false;

  /** From now on every answer ends its connection, and the service is not ready. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** To be called when no connection is taken any more. Resolves when what runs is answered, or the
   * time is up. @returns how many were not answered. */
  async leave(withinMs: number): Promise<number> {
    this.#isLeaving = true;
    const left = await this.settle(withinMs);
    await sleep(LAST_BYTES_MS);
    return left;
  }
}

/** One for the process, as there is one event loop and one app. */
export const requests = new Requests();
