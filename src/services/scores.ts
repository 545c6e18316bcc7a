/** Brings what the store says about tweets up to what is true. */
import { tweetScores } from "../infra/feed-queries.ts";
import type { Context } from "./context.ts";

/** A flush between reading and writing makes it begin again; so many in a row are no accident. */
const ATTEMPTS = 5;

/** @throws Error when Redis is away, or is flushed again and again. */
export async function refreshScores(
  { db, feedStore }: Pick<Context, "db" | "feedStore">,
  tweetIds: number[],
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { epoch } = feedStore;
    if (await feedStore.score(await tweetScores(db, tweetIds), epoch)) return;
  }
  throw new Error("Redis is flushed faster than scores can be kept");
}
