/**
 * The only file that emits to sockets. API processes give it their Socket.IO server; workers a
 * server without any listener: through the sharded Redis adapter both reach every client once.
 */
import { createShardedAdapter } from "@socket.io/redis-adapter";
import type { Redis } from "ioredis";
import { Server } from "socket.io";
import {
  type ClientToServerEvents,
  type EventMeta,
  type FollowChange,
  type LikesChange,
  rooms,
  type ServerToClientEvents,
  type SocketData,
} from "../contract/events.ts";
import { liveChannelPrefix } from "../contract/keys.ts";
import type { TweetV2 } from "../contract/schemas-v2.ts";

export type LiveServer = Server<
  ClientToServerEvents,
  ServerToClientEvents,
  Record<string, never>,
  SocketData
>;

/** How long a half-open connection may stay unnoticed: ping interval + timeout, ms. */
const PING_INTERVAL_MS = 20_000;
const PING_TIMEOUT_MS = 10_000;

/** A Socket.IO server over the sharded adapter; not yet attached to anything.
 * Static subscription: two channels for all rooms, since every reader is in a hundred of them. */
export function createLiveServer(publisher: Redis, subscriber: Redis, prefix: string): LiveServer {
  const server: LiveServer = new Server({
    serveClient: true,
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    // Clients send a handshake and short lists of ids.
    maxHttpBufferSize: 64 * 1024,
  });
  server.adapter(
    createShardedAdapter(publisher, subscriber, {
      channelPrefix: liveChannelPrefix(prefix),
      subscriptionMode: "static",
    }),
  );
  return server;
}

type TweetEvent = "tweet:new" | "tweet:deleted" | "tweet:likes" | "tweet:media";

export class LivePublisher {
  readonly #server: LiveServer;

  constructor(server: LiveServer) {
    this.#server = server;
  }

  tweetNew(tweet: TweetV2, meta: EventMeta): void {
    this.#toTweet(tweet.author.id, tweet.id, "tweet:new", tweet, meta);
  }

  tweetDeleted(authorId: number, id: number, meta: EventMeta): void {
    this.#toTweet(authorId, id, "tweet:deleted", { id }, meta);
  }

  tweetLikes(authorId: number, change: LikesChange, meta: EventMeta): void {
    this.#toTweet(authorId, change.id, "tweet:likes", change, meta);
  }

  tweetMedia(authorId: number, tweet: TweetV2, meta: EventMeta): void {
    const change = { id: tweet.id, attachments: tweet.attachments };
    this.#toTweet(authorId, tweet.id, "tweet:media", change, meta);
  }

  /** Both people are told, and the follower's sockets join or leave the author's room. */
  userFollow(change: FollowChange, meta: EventMeta): void {
    const follower = rooms.user(change.follower.id);
    const author = rooms.author(change.followee.id);
    const sockets = this.#server.in(follower);
    if (change.following) sockets.socketsJoin(author);
    else sockets.socketsLeave(author);
    for (const room of [follower, rooms.user(change.followee.id)]) {
      this.#server.to(room).emit("user:follow", change, meta);
    }
  }

  /** Closes all sockets of a person, on every process. */
  disconnectUser(userId: number): void {
    this.#server.in(rooms.user(userId)).disconnectSockets(true);
  }

  /** The author's room gets one native publish. Who only watches the tweet or the profile is few,
   * and is written to one by one, without those who have it already. */
  #toTweet<E extends TweetEvent>(
    authorId: number,
    tweetId: number,
    event: E,
    ...args: Parameters<ServerToClientEvents[E]>
  ): void {
    const author = rooms.author(authorId);
    this.#server.to(author).emit(event, ...args);
    const watchers = [rooms.tweet(tweetId), rooms.profile(authorId)];
    this.#server
      .to(watchers)
      .except(author)
      .emit(event, ...args);
  }
}
