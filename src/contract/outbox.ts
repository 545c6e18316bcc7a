/**
 * The outbox: what happened, as written into the `events` table in the same transaction as the
 * change itself. Everything else (cached feeds, scores, live messages, jobs) follows from these
 * and can be made again; so a payload holds ids and what the database no longer knows.
 */
export interface OutboxPayloads {
  "tweet:new": { tweetId: number; authorId: number };
  /** `tokens`: the pictures that went with the tweet; their files are removed by a job. */
  "tweet:deleted": { tweetId: number; authorId: number; tokens: string[] };
  /** One row a tweet and batch of likes; count and version as committed. */
  "tweet:likes": { tweetId: number; authorId: number; likesCount: number; version: number };
  /** A picture of the tweet is ready, or has failed. */
  "tweet:media": { tweetId: number; authorId: number; mediaId: number; version: number };
  /** The tweet's author, or somebody who likes it, has another name. */
  "tweet:renamed": { tweetId: number; authorId: number };
  /** A picture was uploaded: its variants are to be made. */
  "media:uploaded": { mediaId: number };
  "user:follow": {
    followerId: number;
    followeeId: number;
    following: boolean;
    followersCount: number;
  };
  /** Keys were rotated, or the person was disabled, enabled or renamed; `disconnect`: their sockets
   * are closed at once. */
  "user:changed": { userId: number; disconnect: boolean };
  /** Of nobody: shows how soon events arrive. Its row goes again at once. */
  canary: Record<string, never>;
}

export type OutboxType = keyof OutboxPayloads;

/** What happened. */
export type RecordedEvent<T extends OutboxType = OutboxType> = {
  [K in T]: {
    /** Postgres `bigint`, as text. Ids are not commit order. */
    id: string;
    type: K;
    payload: OutboxPayloads[K];
  };
}[T];

/** An event to be delivered. */
export type OutboxEvent<T extends OutboxType = OutboxType> = RecordedEvent<T> & {
  /** The requests that it comes from, so that logs can be followed from one to the other. Likes of
   * several requests share an event; what the company does by hand has none. */
  requestIds: string[];
};
