/**
 * The live events (Socket.IO): names and payload types, shared by server, workers and clients.
 *
 * Every event to a client has a second argument, `EventMeta`, whose `id` identifies the event: a
 * client may see an event twice and knows it by this id.
 */
import { z } from "zod";
import { ErrorBody, Id, UserRef } from "./schemas.ts";
import { Attachment, TweetV2 } from "./schemas-v2.ts";

/** Beside every event. */
export const EventMeta = z
  .object({
    id: z.string().regex(/^\d+$/).meta({
      description: "Identifies the event. The last one seen is the `since` of the next connection.",
      example: "4711",
    }),
  })
  .meta({ id: "EventMeta" });

export const LikesChange = z
  .object({ id: Id, likes_count: z.int().min(0), version: z.int().min(0) })
  .meta({ id: "LikesChange" });

export const MediaChange = z
  .object({ id: Id, attachments: z.array(Attachment) })
  .meta({ id: "MediaChange" });

export const FollowChange = z
  .object({
    follower: UserRef,
    followee: UserRef,
    following: z.boolean(),
    followers_count: z.int().min(0).meta({ description: "Of the followee." }),
  })
  .meta({ id: "FollowChange" });

const Nothing = z.object({}).meta({ id: "Nothing" });

/** What the server sends: payload, and for whom it is (README, `/asyncapi.json`). */
export const SERVER_EVENTS = {
  "tweet:new": { payload: TweetV2, tells: "A tweet was posted: to its author and the followers." },
  "tweet:deleted": {
    payload: z.object({ id: Id }).meta({ id: "TweetDeleted" }),
    tells: "A tweet is gone: to the same, and to whoever watches it or its author.",
  },
  "tweet:likes": {
    payload: LikesChange,
    tells:
      "The likes of a tweet, at most ten times a second for one tweet; the last one is always sent.",
  },
  "tweet:media": { payload: MediaChange, tells: "Pictures of a tweet are ready, or have failed." },
  "user:follow": { payload: FollowChange, tells: "A follow began or ended: to both people." },
  resync: {
    payload: Nothing,
    tells: "`since` is too old, or too much was missed: the client reads its pages again.",
  },
  ready: {
    payload: Nothing,
    tells:
      "All that was missed has been sent, and everything from here on comes by itself. Its id is a `since`, too.",
  },
} as const;

type ServerEvents = typeof SERVER_EVENTS;
export type ServerEventName = keyof ServerEvents;
export type PayloadOf<E extends ServerEventName> = z.output<ServerEvents[E]["payload"]>;

export type EventMeta = z.output<typeof EventMeta>;
export type LikesChange = z.output<typeof LikesChange>;
export type MediaChange = z.output<typeof MediaChange>;
export type FollowChange = z.output<typeof FollowChange>;

export type ServerToClientEvents = {
  [E in ServerEventName]: (payload: PayloadOf<E>, meta: EventMeta) => void;
};

/** At most so many ids may be watched at once. */
export const MAX_WATCHED = 200;

/** Subscribes to what is on the screen, without following. Each request replaces what was watched
 * before of the same kind; an empty list (or `userId: null`) ends it. */
export const WatchRequest = z
  .union([
    z.object({ tweetIds: z.array(Id).max(MAX_WATCHED) }),
    z.object({ userId: Id.nullable() }),
  ])
  .meta({ id: "WatchRequest" });

export const WatchAnswer = z
  .union([z.object({ result: z.literal(true), watching: z.int() }), ErrorBody])
  .meta({ id: "WatchAnswer" });

/** What a client gives as `auth` when it connects. */
export const Handshake = z
  .object({
    apiKey: z.string().meta({ example: "test" }),
    since: z.string().optional().meta({
      description: "The id of the last event seen: what was missed since then is sent first.",
      example: "4711",
    }),
    watch: z
      .object({
        tweetIds: z.array(Id).max(MAX_WATCHED).optional(),
        userId: Id.nullish(),
      })
      .optional()
      .meta({ description: "What to watch from the start; missed events of it are sent, too." }),
  })
  .meta({ id: "Handshake" });

export type WatchRequest = z.output<typeof WatchRequest>;
export type WatchAnswer = z.output<typeof WatchAnswer>;
export type Handshake = z.output<typeof Handshake>;

export interface ClientToServerEvents {
  watch: (request: WatchRequest, acknowledge: (answer: WatchAnswer) => void) => void;
}

/** What the server keeps beside a socket. */
export interface SocketData {
  userId: number;
  /** When its key and rooms were read, by the process' change clock. */
  admittedAt: number;
  /** A `since` for what comes after what it was sent at the start. */
  cursor: string;
  /** What it wants to watch from the start. */
  tweetIds: number[];
}

/** Where the workers' canary listens, apart from all people: an event of nobody, posted to learn how
 * soon events arrive. */
export const CANARY_NAMESPACE = "/canary";

export interface CanaryEvents {
  canary: (meta: EventMeta) => void;
}

/** Rooms: who is sent what. */
export const rooms = {
  /** All sockets of one person. */
  user: (userId: number) => `user:${userId}`,
  /** The author and the followers: one room, so that a broadcast is one native publish (Socket.IO
   * on uWebSockets.js has a fast path for a single room only). */
  author: (authorId: number) => `author:${authorId}`,
  /** Whoever watches a person's tweets without following. */
  profile: (userId: number) => `profile:${userId}`,
  /** Whoever watches a tweet without following its author. */
  tweet: (tweetId: number) => `tweet:${tweetId}`,
} as const;
