/**
 * The only file that emits to sockets. API processes give it their Socket.IO server; workers a
 * server without any listener: through the sharded Redis adapter both reach every client.
 *
 * What is told to a room resolves when Redis has taken it, and fails while Redis is away: only what
 * was taken counts as delivered.
 */
import type { Namespace, Socket } from "socket.io";
import { countDelivered, countPublished } from "../base/metrics/live.ts";
import {
  CANARY_NAMESPACE,
  type CanaryEvents,
  type ClientToServerEvents,
  type EventMeta,
  type FollowChange,
  type LikesChange,
  type PayloadOf,
  rooms,
  type ServerEventName,
  type ServerToClientEvents,
  type SocketData,
} from "../contract/events.ts";
import type { TweetV2 } from "../contract/schemas-v2.ts";
import { corked, type LiveChannel, type LiveServer } from "./live-server.ts";

export type LiveSocket = Socket<
  ClientToServerEvents,
  ServerToClientEvents,
  Record<string, never>,
  SocketData
>;

/** An event with its payload and its id, ready to be emitted. */
export type LiveMessage<E extends ServerEventName = ServerEventName> = {
  [K in E]: [event: K, payload: PayloadOf<K>, meta: EventMeta];
}[E];

type TweetMessage = LiveMessage<"tweet:new" | "tweet:deleted" | "tweet:likes" | "tweet:media">;

export class LivePublisher {
  readonly #server: LiveServer;
  readonly #channel: LiveChannel;

  constructor(server: LiveServer, channel: LiveChannel) {
    this.#server = server;
    this.#channel = channel;
  }

  tweetNew(tweet: TweetV2, meta: EventMeta): Promise<void> {
    return this.#toTweet(tweet.author.id, tweet.id, ["tweet:new", tweet, meta]);
  }

  tweetDeleted(authorId: number, id: number, meta: EventMeta): Promise<void> {
    return this.#toTweet(authorId, id, ["tweet:deleted", { id }, meta]);
  }

  tweetLikes(authorId: number, change: LikesChange, meta: EventMeta): Promise<void> {
    return this.#toTweet(authorId, change.id, ["tweet:likes", change, meta]);
  }

  tweetMedia(authorId: number, tweet: TweetV2, meta: EventMeta): Promise<void> {
    const change = { id: tweet.id, attachments: tweet.attachments };
    return this.#toTweet(authorId, tweet.id, ["tweet:media", change, meta]);
  }

  /** Both people are told, and the follower's sockets join or leave the author's room. */
  userFollow(change: FollowChange, meta: EventMeta): Promise<void> {
    const follower = rooms.user(change.follower.id);
    const author = rooms.author(change.followee.id);
    return this.#channel.taken(() => {
      const sockets = this.#server.in(follower);
      if (change.following) sockets.socketsJoin(author);
      else sockets.socketsLeave(author);
      for (const room of [follower, rooms.user(change.followee.id)]) {
        this.#server.to(room).emit("user:follow", change, meta);
      }
      countPublished("user:follow");
    });
  }

  /** To whoever measures how soon events arrive; no client of a person is in there. */
  canary(meta: EventMeta): Promise<void> {
    const namespace = this.#server.of(CANARY_NAMESPACE) as unknown as Namespace<
      Record<string, never>,
      CanaryEvents
    >;
    return this.#channel.taken(() => namespace.emit("canary", meta));
  }

  /** Closes all sockets of a person, on every process. */
  disconnectUser(userId: number): Promise<void> {
    return this.#channel.taken(() => this.#server.in(rooms.user(userId)).disconnectSockets(true));
  }

  /** To one client alone, in this order and in one go. */
  send(socket: LiveSocket, messages: LiveMessage[]): void {
    corked(socket, () => {
      for (const message of messages) {
        socket.emit(...asOne(message));
        countDelivered(message[0], 1);
      }
    });
  }

  /** One room at a time, which is one native publish in each process (Socket.IO on uWebSockets.js has
   * its fast path for a single room only, and only that reaches a client who is just connecting).
   * Who is in two of them sees the event twice. */
  #toTweet(authorId: number, tweetId: number, message: TweetMessage): Promise<void> {
    return this.#channel.taken(() => {
      for (const room of [rooms.author(authorId), rooms.profile(authorId), rooms.tweet(tweetId)]) {
        this.#server.to(room).emit(...asOne(message));
      }
      countPublished(message[0]);
    });
  }
}

/** The compiler does not pair the names of a union of messages with their payloads. */
const asOne = (message: LiveMessage) => message as LiveMessage<"tweet:new">;
