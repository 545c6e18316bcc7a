/** Queues and jobs: each queue's job names and payloads. The workers refuse to start when a job
 * has no handler. Queue names have no `:` (BullMQ uses it as a separator).
 *
 * `requestIds`: the requests that a job comes from, for the log. Operators see payloads in the queue
 * dashboard, so they hold ids and never what people wrote. */
export interface JobPayloads {
  pictures: {
    /** Makes the variants of one upload. */
    "resize-picture": { mediaId: number; requestIds: string[] };
    /** Removes the files of pictures whose rows are gone. */
    "remove-pictures": { tokens: string[]; requestIds: string[] };
  };
  scores: {
    /** Recomputes the scores of all tweets whose likes changed, and publishes their counts. */
    "score-tweets": Record<string, never>;
    /** Compares scores with Postgres, mends them, and forgets those of old tweets. */
    "decay-scores": Record<string, never>;
  };
  feeds: {
    /** Adds a new tweet to the feeds of the followers after `afterFollowerId`, in batches. */
    "fan-out": {
      eventId: string;
      tweetId: number;
      authorId: number;
      afterFollowerId: number;
      requestIds: string[];
    };
  };
  upkeep: {
    /** Removes uploads that no tweet used, abandoned files, and event rows past their window. */
    sweep: Record<string, never>;
  };
}

export type QueueName = keyof JobPayloads;
export const QUEUE_NAMES = ["pictures", "scores", "feeds", "upkeep"] as const satisfies QueueName[];

/** `${prefix}:…` stands before every key of the queues. */
export const QUEUE_PREFIX = "warble-queues";
