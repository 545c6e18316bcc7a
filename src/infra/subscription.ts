/**
 * What this process hears from the others: one connection to Redis that only subscribes, and the
 * truth about whether it hears.
 *
 * Pub/sub keeps nothing for who is away. So whoever relies on it must learn at once that it is gone,
 * and distrust what was heard until it is there again: caches are dropped, sockets are closed (their
 * clients come back and are sent what they missed).
 */
import type { Redis } from "ioredis";

/** A connection that is silently dead is found out by a ping within this time, twice over. */
const HEARTBEAT_MS = 500;

export class Subscription {
  readonly #redis: Redis;
  readonly #channels = new Set<string>();
  readonly #shards = new Set<string>();
  readonly #onChange: ((alive: boolean) => void)[] = [];
  #alive = false;
  #heartbeat: NodeJS.Timeout | undefined;

  /** @param redis a connection of its own, which does not subscribe again by itself. */
  constructor(redis: Redis) {
    this.#redis = redis;
    redis.on("ready", () => this.#restore());
    redis.on("close", () => this.#set(false));
  }

  /** Whether everything that is published arrives here. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Called at every change of `alive`. */
  onChange(listener: (alive: boolean) => void): void {
    this.#onChange.push(listener);
  }

  /** Listens to channels; `start` subscribes to them. */
  subscribe(...channels: string[]): void {
    for (const channel of channels) this.#channels.add(channel);
  }

  /** The same for a channel of sharded pub/sub. (This and the next two are what Socket.IO's adapter
   * asks of a subscriber.) */
  ssubscribe(channel: string): void {
    this.#shards.add(channel);
  }

  sunsubscribe(channel: string | string[]): void {
    for (const each of [channel].flat()) this.#shards.delete(each);
  }

  /** `message` (channel, text), `smessageBuffer` (channel and message as buffers). */
  on(event: string, listener: (...args: never[]) => void): void {
    this.#redis.on(event as "message", listener as (...args: unknown[]) => void);
  }

  /** Subscribes to all that was asked for, now if Redis is there, and after each reconnection.
   * @returns when it hears, or has failed to for now. */
  async start(): Promise<void> {
    this.#heartbeat = setInterval(() => this.#check(), HEARTBEAT_MS);
    if (this.#redis.status === "ready") await this.#restore();
  }

  close(): void {
    clearInterval(this.#heartbeat);
  }

  async #restore(): Promise<void> {
    try {
      if (this.#channels.size > 0) await this.#redis.subscribe(...this.#channels);
      if (this.#shards.size > 0) await this.#redis.ssubscribe(...this.#shards);
      this.#set(this.#redis.status === "ready");
    } catch {
      this.#redis.disconnect(true);
    }
  }

  #set(alive: boolean): void {
    if (this.#alive === alive) return;
    this.#alive = alive;
    for (const listener of this.#onChange) listener(alive);
  }

  #check(): void {
    if (!this.#alive) return;
    const timer = setTimeout(() => this.#redis.disconnect(true), HEARTBEAT_MS);
    this.#redis
      .ping()
      .catch(() => undefined)
      .finally(() => clearTimeout(timer));
  }
}
