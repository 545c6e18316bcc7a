/**
 * Tells every process what changed, and waits until they have taken it in.
 *
 * One pub/sub channel carries the changes. `PUBLISH` answers how many subscribers got the message,
 * so the writer knows without any registry how many acknowledgements to wait for: all but its own.
 * After `ACK_TIMEOUT_MS` it goes on (a process that hangs must not hold up the others' writes).
 * A process that loses its subscription trusts nothing it has cached until it hears again.
 */
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { Log } from "../base/log.ts";
import { countOverdueAck, observeAnnouncement } from "../base/metrics/feeds.ts";
import { timed } from "../base/metrics.ts";
import { acksChannel, changesChannel } from "../contract/keys.ts";
import type { ChangeClock, Topic } from "./change-clock.ts";
import type { Subscription } from "./subscription.ts";

/** "…or 50 ms have passed" (DESIGN, process cache). */
const ACK_TIMEOUT_MS = 50;

export interface Change {
  topics: Topic[];
  /** A picture that is ready or failed: an upload may be waiting for it. */
  mediaId?: number;
  /** A person whose keys are to be looked up anew. */
  userId?: number;
}

interface Message {
  /** Where to acknowledge; absent when nobody waits. */
  from?: string;
  number?: number;
  changes: Change[];
}

/** A writer that waits: acknowledgements may overtake the answer to `PUBLISH`. */
interface Waiting {
  acknowledged: number;
  expected: number | undefined;
  done: () => void;
}

export interface BusOptions {
  publisher: Redis;
  /** Absent in a process that keeps no cache: it publishes only. */
  subscription?: Subscription;
  clock: ChangeClock;
  prefix: string;
  log: Log;
}

export class ChangeBus {
  readonly processId = randomUUID();
  readonly #options: BusOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners: ((change: Change) => void)[] = [];
  #number = 0;

  /** The clock is trusted whenever the subscription is alive. */
  constructor(options: BusOptions) {
    this.#options = options;
    const { subscription, clock, prefix } = options;
    if (!subscription) return;
    subscription.subscribe(changesChannel(prefix), acksChannel(prefix, this.processId));
    subscription.on("message", (channel: string, text: string) => this.#receive(channel, text));
    subscription.onChange((alive) => (alive ? clock.trust() : clock.distrust()));
  }

  /** Called with every change, also this process's own. */
  onChange(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes the changes in here, tells the others, and waits for them for a bounded time.
   * Never throws: a process that cannot be reached distrusts its cache by itself.
   * @returns whether the changes could be published. */
  announce(changes: Change[]): Promise<boolean> {
    return timed(observeAnnouncement, () => this.#announce(changes));
  }

  async #announce(changes: Change[]): Promise<boolean> {
    this.#takeIn(changes);
    const { publisher, prefix, subscription, log } = this.#options;
    const number = ++this.#number;
    const message: Message = subscription ? { from: this.processId, number, changes } : { changes };
    const acknowledged = subscription ? this.#expectAcks(number) : undefined;
    let receivers = 0;
    let published = true;
    try {
      receivers = await publisher.publish(changesChannel(prefix), JSON.stringify(message));
    } catch (error) {
      published = false;
      log.debug({ err: error }, "changes could not be announced");
    }
    this.#settle(number, (waiting) => {
      waiting.expected = receivers - (subscription?.alive ? 1 : 0);
    });
    await acknowledged;
    return published;
  }

  #takeIn(changes: Change[]): void {
    for (const change of changes) {
      for (const [kind, id] of change.topics) this.#options.clock.touch(kind, id);
      for (const listener of this.#listeners) listener(change);
    }
  }

  #receive(channel: string, text: string): void {
    if (channel === acksChannel(this.#options.prefix, this.processId)) {
      this.#settle(Number(text), (waiting) => {
        waiting.acknowledged += 1;
      });
      return;
    }
    const message = JSON.parse(text) as Message;
    if (message.from === this.processId) return;
    this.#takeIn(message.changes);
    if (message.from === undefined) return;
    const ack = acksChannel(this.#options.prefix, message.from);
    this.#options.publisher.publish(ack, String(message.number)).catch(() => undefined);
  }

  #expectAcks(number: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(number);
        resolve();
      };
      const timer = setTimeout(() => {
        countOverdueAck();
        done();
      }, ACK_TIMEOUT_MS);
      this.#waiting.set(number, { acknowledged: 0, expected: undefined, done });
    });
  }

  #settle(number: number, update: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(number);
    if (!waiting) return;
    update(waiting);
    if (waiting.expected !== undefined && waiting.acknowledged >= waiting.expected) waiting.done();
  }
}
