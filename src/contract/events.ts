/**
 * The live events (Socket.IO): names and payload types, shared by server, workers and clients.
 *
 * Every event to a client has a second argument, `EventMeta`, whose `id` identifies the event: a
 * client may see an event twice and knows it by this id.
 */

/** An image of a tweet. Only derived files are linked, never the upload itself. */
export interface Attachment {
  id: number;
  status: "ready" | "processing" | "failed";
  /** Pixels of the largest variant; null until the picture is ready. */
  width: number | null;
  height: number | null;
  /** A tiny `data:` URI to show while the picture loads; null until the picture is ready. */
  placeholder: string | null;
  variants: { width: number; height: number; url: string; type: "image/webp" }[];
}

/** A tweet with counts instead of lists: what live events and `/api/v2` carry. */
export interface TweetV2 {
  id: number;
  content: string;
  author: { id: number; name: string };
  /** ISO 8601, UTC. */
  created_at: string;
  likes_count: number;
  /** Whether the reader likes it. A broadcast has no one reader: there it is false. */
  liked: boolean;
  /** Grows with every change of the tweet's likes; a lower one never overwrites a higher one. */
  version: number;
  attachments: Attachment[];
}

export interface EventMeta {
  /** The id of the event row (a decimal string: Postgres `bigint`). */
  id: string;
}

export interface LikesChange {
  id: number;
  likes_count: number;
  version: number;
}

export interface FollowChange {
  follower: { id: number; name: string };
  followee: { id: number; name: string };
  following: boolean;
  followers_count: number;
}

export interface ServerToClientEvents {
  "tweet:new": (tweet: TweetV2, meta: EventMeta) => void;
  "tweet:deleted": (tweet: { id: number }, meta: EventMeta) => void;
  "tweet:likes": (change: LikesChange, meta: EventMeta) => void;
  "tweet:media": (change: { id: number; attachments: Attachment[] }, meta: EventMeta) => void;
  "user:follow": (change: FollowChange, meta: EventMeta) => void;
  resync: (nothing: Record<string, never>) => void;
}

/** At most so many ids may be watched at once. */
export const MAX_WATCHED = 200;

export type WatchRequest = { tweetIds: number[] } | { userId: number | null };
export type WatchAnswer =
  | { result: true; watching: number }
  | { result: false; error_type: string; error_message: string };

export interface ClientToServerEvents {
  /**
   * Subscribes to what is on the screen, without following. Each call replaces what was watched
   * before of the same kind; an empty list (or `userId: null`) ends it.
   */
  watch: (request: WatchRequest, acknowledge: (answer: WatchAnswer) => void) => void;
}

/** What the server keeps beside a socket. */
export interface SocketData {
  userId: number;
  /** When its key and rooms were read, by the process' change clock. */
  admittedAt: number;
}

/** What a client sends in the handshake. */
export interface Handshake {
  apiKey: string;
  /** The id of the last event seen, to be sent what was missed. */
  since?: string;
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
