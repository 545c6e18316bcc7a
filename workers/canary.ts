/**
 * The canary: what a reader feels of a live event, measured all the time.
 *
 * Every ten seconds it posts an event and takes the time from its commit until it comes out of a
 * socket to the API: through Postgres, delivery (or the relay), Redis, Socket.IO and the network. It
 * has a namespace of its own and no person, so nobody sees it, and its row is deleted again.
 * The socket is the very client that browsers have.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { io, type Socket } from "socket.io-client";
import { type CanaryResult, countCanary, observeCommitToClient } from "../src/base/metrics/live.ts";
import { CANARY_NAMESPACE, type CanaryEvents } from "../src/contract/events.ts";
import { forgetEvent } from "../src/infra/event-queries.ts";
import { postCanary } from "../src/services/canary.ts";
import type { Context } from "../src/services/context.ts";
import { deliver } from "../src/services/events.ts";

const INTERVAL_MS = 10_000;
/** What comes later counts as lost. */
const PATIENCE_MS = 8000;

export class Canary {
  readonly #ctx: Context;
  readonly #socket: Socket<CanaryEvents, Record<string, never>>;
  readonly #awaited = new Map<string, () => void>();
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  /** @param url of the API, or of what stands in front of it (setting `CANARY_URL`). */
  constructor(ctx: Context, url: string) {
    this.#ctx = ctx;
    this.#socket = io(new URL(CANARY_NAMESPACE, url).href, {
      transports: ["websocket"],
      reconnectionDelayMax: 2000,
      auth: (give) => {
        ctx.canaryPasses.issue().then(
          (pass) => give({ pass }),
          () => give({}),
        );
      },
    });
    this.#socket.on("canary", ({ id }) => this.#awaited.get(id)?.());
    this.#socket.on("connect_error", (error) => {
      ctx.log.debug({ err: error }, "the canary is not let in");
    });
  }

  start(): void {
    this.#socket.once("connect", () => this.#turn());
    this.#timer = setInterval(() => this.#turn(), INTERVAL_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#running;
    this.#socket.disconnect();
  }

  #turn(): void {
    // Refused by the server, it would not try again by itself.
    if (!this.#socket.active) this.#socket.connect();
    this.#running = this.#run().then(
      (result) => result && countCanary(result),
      (error) => {
        countCanary("failed");
        this.#ctx.log.warn({ err: error }, "the canary could not be posted");
      },
    );
  }

  /** @returns undefined when it was cut off by `stop`. */
  async #run(): Promise<CanaryResult | undefined> {
    if (!this.#socket.connected) return "failed";
    const event = await postCanary(this.#ctx);
    const committedAt = performance.now();
    try {
      const arrival = this.#arrivalOf(event.id);
      await deliver(this.#ctx, [event]);
      const arrivedAt = await arrival;
      if (arrivedAt === undefined) return this.#stopping.signal.aborted ? undefined : "lost";
      observeCommitToClient((arrivedAt - committedAt) / 1000);
      return "delivered";
    } finally {
      this.#awaited.delete(event.id);
      await forgetEvent(this.#ctx.db, event.id);
    }
  }

  /** When the event came out of the socket; undefined when it did not in time. */
  #arrivalOf(id: string): Promise<number | undefined> {
    const arrived = new Promise<number>((resolve) => {
      this.#awaited.set(id, () => resolve(performance.now()));
    });
    const late = sleep(PATIENCE_MS, undefined, { signal: this.#stopping.signal });
    return Promise.race([arrived, late.catch(() => undefined)]);
  }
}
