/**
 * Delivery: what follows from a committed event.
 *
 * For every event, in this order: the shared caches are put right, every process is told what
 * changed (and has dropped it), then people's browsers and the job queues hear of it. An event
 * whose delivery fails anywhere stays undelivered, and the relay repeats all of it: every step can
 * be taken twice. Payloads may be old by then, so what is told is read from Postgres, not repeated.
 */
import type { OutboxEvent, OutboxType } from "../contract/outbox.ts";
import type { Change } from "../infra/change-bus.ts";
import { postponeEvent } from "../infra/event-queries.ts";
import { followersAfter } from "../infra/feed-queries.ts";
import type { Context } from "./context.ts";
import { currentFollow } from "./follow-view.ts";
import { refreshScores } from "./scores.ts";
import { loadTweetV2 } from "./tweet-view.ts";

/** "Up to 1,000 live feeds" in the request; the rest is a job's work (DESIGN, rule 4). */
export const FAN_OUT_BATCH = 1000;

interface Delivery<T extends OutboxType> {
  /** Puts the shared caches right. */
  store?: (ctx: Context, event: OutboxEvent<T>) => Promise<void>;
  /** What processes have to drop. */
  change?: (event: OutboxEvent<T>) => Change;
  /** Tells browsers and queues. @returns whether the delivery ends here (true), or is carried on
   * by a job, which marks the event itself. */
  tell: (ctx: Context, event: OutboxEvent<T>) => Promise<boolean>;
}

const tweetChange = ({
  payload,
}: OutboxEvent<"tweet:likes" | "tweet:media" | "tweet:renamed">): Pick<Change, "topics"> => ({
  topics: [
    ["tweet", payload.tweetId],
    ["reactions", payload.authorId],
  ],
});

const DELIVERIES: { [T in OutboxType]: Delivery<T> } = {
  "tweet:new": {
    store: async (ctx, { payload: { tweetId, authorId } }) => {
      const followers = await followersAfter(ctx.db, authorId, 0, FAN_OUT_BATCH);
      await ctx.feedStore.fanOut(tweetId, [authorId, ...followers]);
    },
    change: ({ payload }) => ({ topics: [["author", payload.authorId]] }),
    tell: async (ctx, { id, payload: { tweetId, authorId } }) => {
      const tweet = await loadTweetV2(ctx, tweetId);
      if (!tweet) return true;
      await ctx.live.tweetNew(tweet, { id });
      const followers = await followersAfter(ctx.db, authorId, 0, FAN_OUT_BATCH + 1);
      if (followers.length <= FAN_OUT_BATCH) return true;
      const afterFollowerId = followers[FAN_OUT_BATCH - 1] as number;
      await postponeEvent(ctx.db, id);
      await ctx.jobs.add(
        "feeds",
        "fan-out",
        { eventId: id, tweetId, authorId, afterFollowerId },
        { jobId: `fan-out-${id}` },
      );
      return false;
    },
  },

  "tweet:deleted": {
    store: (ctx, { payload }) => ctx.feedStore.tombstone(payload.tweetId),
    change: ({ payload }) => ({
      topics: [
        ["tweet", payload.tweetId],
        ["author", payload.authorId],
        ["reactions", payload.authorId],
      ],
    }),
    tell: async (ctx, { id, payload: { tweetId, authorId, tokens } }) => {
      await ctx.live.tweetDeleted(authorId, tweetId, { id });
      if (tokens.length > 0) await ctx.jobs.add("pictures", "remove-pictures", { tokens });
      return true;
    },
  },

  "tweet:likes": {
    store: (ctx, { payload }) => refreshScores(ctx, [payload.tweetId]),
    change: tweetChange,
    // The job publishes what is undelivered, and marks it. Nobody waits while wishes are gathered:
    // when one is lost, the event is undelivered still, and the relay comes here again.
    tell: async (ctx, { id }) => {
      ctx.scoring.request().catch((error) => {
        ctx.log.debug({ err: error, event: id, type: "tweet:likes" }, "left to the relay");
      });
      return false;
    },
  },

  "tweet:media": {
    store: (ctx, { payload }) => refreshScores(ctx, [payload.tweetId]),
    change: (event) => ({ ...tweetChange(event), mediaId: event.payload.mediaId }),
    tell: async (ctx, { id, payload }) => {
      const tweet = await loadTweetV2(ctx, payload.tweetId);
      if (tweet) await ctx.live.tweetMedia(payload.authorId, tweet, { id });
      return true;
    },
  },

  "tweet:renamed": {
    store: (ctx, { payload }) => refreshScores(ctx, [payload.tweetId]),
    change: tweetChange,
    tell: async () => true,
  },

  "media:uploaded": {
    tell: async (ctx, { payload: { mediaId } }) => {
      await requestResize(ctx, mediaId);
      return true;
    },
  },

  "user:follow": {
    store: (ctx, { payload }) => ctx.feedStore.drop(payload.followerId),
    change: ({ payload }) => ({ topics: [["user", payload.followerId]] }),
    tell: async (ctx, { id, payload }) => {
      const change = await currentFollow(ctx, payload.followerId, payload.followeeId);
      if (change) await ctx.live.userFollow(change, { id });
      return true;
    },
  },

  "user:changed": {
    change: ({ payload }) => ({ topics: [["user", payload.userId]] }),
    tell: async (ctx, { payload }) => {
      if (payload.disconnect) await ctx.live.disconnectUser(payload.userId);
      return true;
    },
  },
};

/** Asks for a picture's variants. The job's id makes a repeated wish harmless. */
export const requestResize = (ctx: Pick<Context, "jobs">, mediaId: number): Promise<void> =>
  ctx.jobs.add(
    "pictures",
    "resize-picture",
    { mediaId },
    { jobId: `resize-${mediaId}`, removeOnComplete: true },
  );

/**
 * Delivers committed events. Never throws: what is committed is answered as done, and what could
 * not be delivered now is delivered by the relay.
 * @param stored whether the shared caches are right already (likes do it for a whole batch).
 */
export async function deliver(ctx: Context, events: OutboxEvent[], stored = false): Promise<void> {
  const failed = new Set<string>();
  const orLater = async (event: OutboxEvent, work: Promise<unknown> | undefined) => {
    try {
      return await work;
    } catch (error) {
      failed.add(event.id);
      ctx.log.debug({ err: error, event: event.id, type: event.type }, "left to the relay");
      return undefined;
    }
  };
  if (!stored) {
    await Promise.all(events.map((event) => orLater(event, deliveryOf(event).store?.(ctx, event))));
  }
  const changes = events.flatMap((event) => deliveryOf(event).change?.(event) ?? []);
  const reached = changes.length === 0 || (await ctx.bus.announce(changes));
  await Promise.all(
    events.map(async (event) => {
      const ended = await orLater(event, deliveryOf(event).tell(ctx, event));
      if (ended === true && reached && !failed.has(event.id)) ctx.delivered.add(event.id);
    }),
  );
}

/** The compiler cannot see that an event's type picks its own delivery. */
const deliveryOf = (event: OutboxEvent): Delivery<OutboxType> =>
  DELIVERIES[event.type] as Delivery<OutboxType>;
