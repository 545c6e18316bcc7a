/** Likes: committed in groups, counted by the transaction itself. */
import { Problem } from "../contract/errors.ts";
import type { OutboxEvent } from "../contract/outbox.ts";
import { Batches } from "../infra/batches.ts";
import { type LikeInput, type LikeRow, setLikes } from "../infra/like-queries.ts";
import type { Context } from "./context.ts";
import { deliver } from "./events.ts";

/** Large enough that a burst costs few transactions, small enough that one stays short. */
const MAX_BATCH = 200;
/** Two, so that one is being gathered by Postgres while the other's results are taken up. */
const IN_FLIGHT = 2;

export class Likes {
  readonly #commits: Batches<LikeInput, LikeRow>;

  constructor(ctx: Context) {
    this.#commits = new Batches({
      run: (batch) => commitLikes(ctx, batch),
      key: ({ tweetId, userId }) => `${tweetId}:${userId}`,
      maxBatch: MAX_BATCH,
      inFlight: IN_FLIGHT,
    });
  }

  /** Likes or unlikes; repeating it is harmless.
   * @returns whether anything changed.
   * @throws Problem `NotFound` when there is no such tweet. */
  async set(userId: number, tweetId: number, liked: boolean, requestId: string): Promise<boolean> {
    const row = await this.#commits.add({ userId, tweetId, liked, requestId });
    if (!row.found) throw new Problem("NotFound", `There is no tweet ${tweetId}.`);
    return row.changed;
  }
}

/** Commits a batch, and waits until every process shows it (read your own writes). */
async function commitLikes(ctx: Context, batch: LikeInput[]): Promise<LikeRow[]> {
  const { epoch } = ctx.feedStore;
  const rows = await setLikes(ctx.db, batch);
  const changed = new Map(
    rows.filter((row) => row.eventId !== null).map((row) => [row.tweetId, row]),
  );
  if (changed.size === 0) return rows;
  const scores = [...changed.values()].map((row) => ({
    ...row,
    id: row.tweetId,
    likes: row.likesCount,
  }));
  const events = scores.map(
    ({ eventId, requestIds, tweetId, authorId, likesCount, version }): OutboxEvent => ({
      id: eventId as string,
      type: "tweet:likes",
      payload: { tweetId, authorId, likesCount, version },
      requestIds: requestIds as string[],
    }),
  );
  const stored = await ctx.feedStore.score(scores, epoch).catch(() => false);
  await deliver(ctx, events, stored);
  return rows;
}
