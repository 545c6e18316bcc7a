/** The wide part of a fan-out: the followers beyond those that the request has served. */
import type { JobPayloads } from "../contract/jobs.ts";
import { followersAfter } from "../infra/feed-queries.ts";
import type { Context } from "./context.ts";
import { FAN_OUT_BATCH } from "./events.ts";

/** Adds the tweet to the remaining followers' feeds, batch by batch (keyset pagination). Every
 * batch is announced: a process may have read a feed again before the tweet was in it.
 * @returns how many feeds took it. */
export async function fanOut(ctx: Context, job: JobPayloads["feeds"]["fan-out"]): Promise<number> {
  let after = job.afterFollowerId;
  let fed = 0;
  for (;;) {
    const followers = await followersAfter(ctx.db, job.authorId, after, FAN_OUT_BATCH);
    fed += await ctx.feedStore.fanOut(job.tweetId, followers);
    if (followers.length > 0) await ctx.bus.announce([{ topics: [["author", job.authorId]] }]);
    if (followers.length < FAN_OUT_BATCH) break;
    after = followers.at(-1) as number;
  }
  ctx.delivered.add(job.eventId);
  return fed;
}
