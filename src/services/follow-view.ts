/** How a follow looks to clients. */
import type { FollowChange } from "../contract/events.ts";
import { readFollow } from "../infra/people-queries.ts";
import type { Context } from "./context.ts";

/** How things stand between two people now; undefined when one is gone. */
export async function currentFollow(
  ctx: Pick<Context, "db">,
  followerId: number,
  followeeId: number,
): Promise<FollowChange | undefined> {
  const row = await readFollow(ctx.db, followerId, followeeId);
  return (
    row && {
      follower: { id: followerId, name: row.followerName },
      followee: { id: followeeId, name: row.followeeName },
      following: row.following,
      followers_count: row.followersCount,
    }
  );
}
