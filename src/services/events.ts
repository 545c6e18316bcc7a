/**
 * Delivery: what follows from a committed event.
 *
 * For every event, in this order: the shared caches are put right, every process is told what
 * changed (and has dropped it), then the job queues hear of it. Browsers are told beside all that,
 * unless they would read again what is not right yet. An event whose delivery fails anywhere stays
 * undelivered, and the relay repeats all of it: every step can be taken twice. Payloads may be old
 * by then, so what is told is read from Postgres, not repeated.
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

/** What `store` leaves to a job. */
interface Rest {
  /** Followers with a higher id are still to be served. */
  afterFollowerId: number;
}

const CARRIED_ON = Symbol("carried on");

interface Delivery<T extends OutboxType> {
  /** Tells browsers, at once: what they are told is read from Postgres, so no cache has to be put
   * right first. */
  live?: (ctx: Context, event: OutboxEvent<T>) => Promise<void>;
  /** Puts the shared caches right. */
  store?: (ctx: Context, event: OutboxEvent<T>) => Promise<unknown>;
  /** What processes have to drop. */
  change?: (event: OutboxEvent<T>) => Change;
  /** What has to come after that. @param stored what `store` gave.
   * @returns `CARRIED_ON` when a job goes on with the delivery, and marks the event itself. */
  after?: (ctx: Context, event: OutboxEvent<T>, stored: unknown) => Promise<unknown>;
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
    live: async (ctx, { id, payload }) => {
      const tweet = await loadTweetV2(ctx, payload.tweetId);
      if (tweet) await ctx.live.tweetNew(tweet, { id });
    },
    store: async (ctx, { payload: { tweetId, authorId } }): Promise<Rest | undefined> => {
      const followers = await followersAfter(ctx.db, authorId, 0, FAN_OUT_BATCH + 1);
      const served = followers.slice(0, FAN_OUT_BATCH);
      await ctx.feedStore.fanOut(tweetId, [authorId, ...served]);
      const afterFollowerId = served.at(-1);
      if (afterFollowerId === undefined || followers.length === served.length) return undefined;
      return { afterFollowerId };
    },
    change: ({ payload }) => ({ topics: [["author", payload.authorId]] }),
    after: async (ctx, { id, payload: { tweetId, authorId }, requestIds }, stored) => {
      const rest = stored as Rest | undefined;
      if (!rest) return undefined;
      await postponeEvent(ctx.db, id);
      await ctx.jobs.add(
        "feeds",
        "fan-out",
        { eventId: id, tweetId, authorId, ...rest, requestIds },
        { jobId: `fan-out-${id}` },
      );
      return CARRIED_ON;
    },
  },

  "tweet:deleted": {
    live: (ctx, { id, payload: { tweetId, authorId } }) =>
      ctx.live.tweetDeleted(authorId, tweetId, { id }),
    store: (ctx, { payload }) => ctx.feedStore.tombstone(payload.tweetId),
    change: ({ payload }) => ({
      topics: [
        ["tweet", payload.tweetId],
        ["author", payload.authorId],
        ["reactions", payload.authorId],
      ],
    }),
    after: async (ctx, { payload: { tokens }, requestIds }) => {
      if (tokens.length > 0) {
        await ctx.jobs.add("pictures", "remove-pictures", { tokens, requestIds });
      }
    },
  },

  "tweet:likes": {
    store: (ctx, { payload }) => refreshScores(ctx, [payload.tweetId]),
    change: tweetChange,
    // The job publishes what is undelivered, and marks it. Nobody waits while wishes are gathered:
    // when one is lost, the event is undelivered still, and the relay comes here again.
    after: async (ctx, event) => {
      ctx.scoring.request().catch((error) => {
        ctx.log.debug({ err: error, ...eventsLogged([event]) }, "left to the relay");
      });
      return CARRIED_ON;
    },
  },

  "tweet:media": {
    live: async (ctx, { id, payload }) => {
      const tweet = await loadTweetV2(ctx, payload.tweetId);
      if (tweet) await ctx.live.tweetMedia(payload.authorId, tweet, { id });
    },
    store: (ctx, { payload }) => refreshScores(ctx, [payload.tweetId]),
    change: (event) => ({ ...tweetChange(event), mediaId: event.payload.mediaId }),
  },

  "tweet:renamed": {
    store: (ctx, { payload }) => refreshScores(ctx, [payload.tweetId]),
    change: tweetChange,
  },

  "media:uploaded": {
    after: (ctx, { payload: { mediaId }, requestIds }) => requestResize(ctx, mediaId, requestIds),
  },

  "user:follow": {
    store: (ctx, { payload }) => ctx.feedStore.drop(payload.followerId),
    change: ({ payload }) => ({ topics: [["user", payload.followerId]] }),
    // Whoever hears of it reads the feed again: it has to be the new one by then.
    after: async (ctx, { id, payload }) => {
      const change = await currentFollow(ctx, payload.followerId, payload.followeeId);
      if (change) await ctx.live.userFollow(change, { id });
    },
  },

  canary: {
    live: (ctx, { id }) => ctx.live.canary({ id }),
  },

  "user:changed": {
    change: ({ payload }) => ({ topics: [["user", payload.userId]] }),
    // A client whose socket is closed comes back at once: the key has to be forgotten by then.
    after: async (ctx, { payload }) => {
      if (payload.disconnect) await ctx.live.disconnectUser(payload.userId);
    },
  },
};

/** Asks for a picture's variants. The job's id makes a repeated wish harmless. */
export const requestResize = (
  ctx: Pick<Context, "jobs">,
  mediaId: number,
  requestIds: string[],
): Promise<void> =>
  ctx.jobs.add(
    "pictures",
    "resize-picture",
    { mediaId, requestIds },
    { jobId: `resize-${mediaId}`, removeOnComplete: true },
  );

/**
 * Delivers committed events. Never throws: what is committed is answered as done, and what could
 * not be delivered now is delivered by the relay.
 * @param stored whether the shared caches are right already (likes do it for a whole batch).
 */
export async function deliver(ctx: Context, events: OutboxEvent[], stored = false): Promise<void> {
  ctx.deliveries.begin();
  try {
    await carryOut(ctx, events, stored);
  } finally {
    ctx.deliveries.end();
  }
}

async function carryOut(ctx: Context, events: OutboxEvent[], stored: boolean): Promise<void> {
  const failed = new Set<string>();
  const orLater = async <R>(event: OutboxEvent, work: Promise<R> | undefined) => {
    try {
      return await work;
    } catch (error) {
      failed.add(event.id);
      ctx.log.debug({ err: error, ...eventsLogged([event]) }, "left to the relay");
      return undefined;
    }
  };
  const live = events.map((event) => orLater(event, deliveryOf(event).live?.(ctx, event)));
  const kept = stored
    ? []
    : await Promise.all(
        events.map((event) => orLater(event, deliveryOf(event).store?.(ctx, event))),
      );
  const changes = events.flatMap((event) => deliveryOf(event).change?.(event) ?? []);
  const reached = changes.length === 0 || (await ctx.bus.announce(changes));
  await Promise.all(live);
  await Promise.all(
    events.map(async (event, i) => {
      // A job that carried it on would mark as delivered what has failed here.
      if (failed.has(event.id)) return;
      const ended = await orLater(event, deliveryOf(event).after?.(ctx, event, kept[i]));
      if (ended === CARRIED_ON || !reached || failed.has(event.id)) return;
      ctx.delivered.add(event.id);
    }),
  );
  const done = events.filter(({ id }) => reached && !failed.has(id));
  const left = events.filter((event) => !done.includes(event));
  // The canary's come every few seconds, and concern nobody.
  const told = done.filter(({ type }) => type !== "canary");
  if (told.length > 0) ctx.log.info(eventsLogged(told), "events delivered, or given to a job");
  if (left.length > 0) ctx.log.warn(eventsLogged(left), "events left to the relay");
}

/** How events stand in the log: of their payloads nothing does. */
const eventsLogged = (events: OutboxEvent[]) => ({
  events: events.map(({ id, type }) => `${type} ${id}`),
  requestIds: events.flatMap(({ requestIds }) => requestIds),
});

/** The compiler cannot see that an event's type picks its own delivery. */
const deliveryOf = (event: OutboxEvent): Delivery<OutboxType> =>
  DELIVERIES[event.type] as Delivery<OutboxType>;
