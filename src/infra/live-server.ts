/** The Socket.IO server: its adapter, its limits, and how it sits on uWebSockets.js. */
import type { TemplatedApp, WebSocket, WebSocketBehavior } from "uWebSockets.js";
import { setTimeout as sleep } from "node:timers/promises";
import { createShardedAdapter } from "@socket.io/redis-adapter";
import type { Redis } from "ioredis";
import { Server, type Socket } from "socket.io";
import { countDelivered, countSubscriptionChange } from "../base/metrics/live.ts";
import {
  CANARY_NAMESPACE,
  type ClientToServerEvents,
  SERVER_EVENTS,
  type ServerEventName,
  type ServerToClientEvents,
  type SocketData,
} from "../contract/events.ts";
import { liveChannelPrefix } from "../contract/keys.ts";
import type { Subscription } from "./subscription.ts";

export type LiveServer = Server<
  ClientToServerEvents,
  ServerToClientEvents,
  Record<string, never>,
  SocketData
>;

/** How long a half-open connection may stay unnoticed: ping interval + timeout, ms. */
const PING_INTERVAL_MS = 20_000;
const PING_TIMEOUT_MS = 10_000;
/** What may wait for a slow client: more than the longest replay (1,000 events). */
const MAX_BACKPRESSURE_BYTES = 16 * 1024 ** 2;

/** Tells when Redis has taken what was emitted; Socket.IO's adapter itself keeps that to itself. */
export class LiveChannel {
  readonly #redis: Redis;
  #sent: Promise<unknown>[] = [];

  /** @param redis a connection that fails at once while Redis is away. */
  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** What the adapter calls, within `emit`. */
  spublish(channel: string, message: string | Buffer): Promise<unknown> {
    const sent = this.#redis.spublish(channel, message);
    this.#sent.push(sent);
    return sent;
  }

  /** @param emit emits at once, not later.
   * @throws Error when Redis is away, or takes not all of it. */
  async taken(emit: () => void): Promise<void> {
    this.#sent = [];
    emit();
    if (this.#sent.length === 0) throw new Error("nothing was published");
    await Promise.all(this.#sent);
  }
}

/** For a process without clients: it publishes, and has nobody to pass on to what it would hear. */
const DEAF = { on: () => undefined, ssubscribe: () => undefined, sunsubscribe: () => undefined };

/** A Socket.IO server over the sharded adapter; not yet attached to anything.
 * Static subscription: two channels for all rooms, since every reader is in a hundred of them.
 * @param subscription absent in a process that has no clients (workers). */
export function createLiveServer(
  channel: LiveChannel,
  subscription: Subscription | undefined,
  prefix: string,
): LiveServer {
  const server: LiveServer = new Server({
    serveClient: true,
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    // Clients send a handshake and short lists of ids.
    maxHttpBufferSize: 64 * 1024,
    // Who would hear nothing is not let in; clients try again by themselves, perhaps elsewhere.
    allowRequest: (_, answer) =>
      answer("Unavailable", !leaving.has(server) && (subscription?.alive ?? false)),
  });
  server.adapter(
    createShardedAdapter(channel, subscription ?? DEAF, {
      channelPrefix: liveChannelPrefix(prefix),
      subscriptionMode: "static",
    }),
  );
  // Made before the subscription starts, so that its channels are among those subscribed to.
  server.of(CANARY_NAMESPACE);
  // What is published while nobody listens here is lost to the sockets of this process. Closed, they
  // come back with the last event that they had, and are sent what they missed.
  subscription?.onChange((alive) => {
    countSubscriptionChange(alive ? "restored" : "lost");
    if (!alive) closeConnections(server);
  });
  return server;
}

/** Closes every connection as a network would: clients connect again by themselves. (A client that
 * Socket.IO tells to leave stays away.) */
export function closeConnections(server: LiveServer): void {
  for (const socket of server.of("/").sockets.values()) socket.conn.close(true);
}

/** Servers that let nobody in any more. */
const leaving = new WeakSet<LiveServer>();

/** Sends all clients elsewhere: each is closed at a moment of its own within the time, so that the
 * other processes are not met by all of them at once. Resolves when the last one is gone. */
export async function sendElsewhere(server: LiveServer, withinMs: number): Promise<void> {
  leaving.add(server);
  const sockets = [...server.of("/").sockets.values()];
  await Promise.all(
    sockets.map(async ({ conn }) => {
      await sleep(Math.random() * withinMs);
      conn.close(true);
    }),
  );
  closeConnections(server); // whoever was just connecting as it began
}

/** Serves the live events on the app's `/socket.io`. By default uWebSockets.js drops messages for a
 * client that is too slow; here its connection is closed, so that nothing is missed silently. */
export function attachTo(app: TemplatedApp, server: LiveServer): void {
  const strict = {
    any: app.any.bind(app),
    get: app.get.bind(app),
    publish: (topic: string, message: string, isBinary: boolean) => {
      const event = eventIn(message);
      if (event) countDelivered(event, app.numSubscribers(topic));
      return app.publish(topic, message, isBinary);
    },
    ws: <T>(path: string, behavior: WebSocketBehavior<T>) =>
      app.ws(path, {
        ...behavior,
        maxBackpressure: MAX_BACKPRESSURE_BYTES,
        closeOnBackpressureLimit: true,
      }),
  };
  server.attachApp(strict as unknown as TemplatedApp);
}

/** Which live event is it that Socket.IO has just written, in its protocol? */
function eventIn(message: string): ServerEventName | undefined {
  const name = /^42\["([\w:]+)"/.exec(message)?.[1];
  return name !== undefined && name in SERVER_EVENTS ? (name as ServerEventName) : undefined;
}

/** Has all that `send` sends to a client written by few system calls, instead of one for each. */
export function corked({ conn }: Pick<Socket, "conn">, send: () => void): void {
  const { socket } = conn.transport as { socket?: Partial<Pick<WebSocket<unknown>, "cork">> };
  // Long polling has no socket of its own, and a closed one must not be touched.
  if (socket?.cork && conn.readyState === "open") socket.cork(send);
  else send();
}
