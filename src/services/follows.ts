/** Follows: one row, two counters and the event in one transaction. */
import { Problem } from "../contract/errors.ts";
import type { OutboxEvent } from "../contract/outbox.ts";
import { setFollow } from "../infra/people-queries.ts";
import type { Context } from "./context.ts";
import { deliver } from "./events.ts";

/** Follows or unfollows; repeating it is harmless.
 * @returns whether anything changed.
 * @throws Problem `NotFound` (no such person), `Forbidden` (oneself). */
export async function follow(
  ctx: Context,
  followerId: number,
  followeeId: number,
  following: boolean,
  requestId: string,
): Promise<boolean> {
  if (followerId === followeeId) {
    throw new Problem(
      "Forbidden",
      "Nobody can follow themselves: your own tweets are in your feed.",
    );
  }
  const row = await setFollow(ctx.db, followerId, followeeId, following, requestId);
  if (!row.found) throw new Problem("NotFound", `There is no user ${followeeId}.`);
  if (row.eventId === null || row.followersCount === null) return false;
  const event: OutboxEvent = {
    id: row.eventId,
    type: "user:follow",
    payload: { followerId, followeeId, following, followersCount: row.followersCount },
    requestIds: [requestId],
  };
  await deliver(ctx, [event]);
  return true;
}
