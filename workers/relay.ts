/**
 * The relay: delivers what was committed and not delivered, because a process died or a store was
 * away in between. A plain loop on Postgres, not a job: it has to work when the queues are lost.
 */
import { countRelayed } from "../src/base/metrics/jobs.ts";
import { claimDueEvents } from "../src/infra/event-queries.ts";
import type { Context } from "../src/services/context.ts";
import { deliver } from "../src/services/events.ts";

const PAUSE_MS = 500;
const BATCH = 200;

export class Relay {
  readonly #ctx: Context;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  start(): void {
    const turn = () => {
      this.#running = this.#deliverDue().then(() => {
        if (!this.#stopped) this.#timer = setTimeout(turn, PAUSE_MS);
      });
    };
    turn();
  }

  /** Waits for the batch that is on its way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #deliverDue(): Promise<void> {
    try {
      for (let claimed = BATCH; claimed === BATCH && !this.#stopped; ) {
        const events = await claimDueEvents(this.#ctx.db, BATCH);
        claimed = events.length;
        if (claimed > 0) this.#ctx.log.info({ events: claimed }, "delivering again");
        await deliver(this.#ctx, events);
        countRelayed(claimed);
      }
    } catch (error) {
      this.#ctx.log.warn({ err: error }, "the relay pauses");
    }
  }
}
