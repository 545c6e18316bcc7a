/** What has to be cleaned up, in small batches, and what has to be started again. */
import { forgetExpiredKeys } from "../infra/account-queries.ts";
import { isBackupRunning } from "../infra/backup/backup-lock.ts";
import { trimEvents } from "../infra/event-queries.ts";
import { trimIdempotencyKeys } from "../infra/idempotency-queries.ts";
import { knownTokens, processingTokens, stuckMedia, takeOrphans } from "../infra/media-queries.ts";
import type { Context } from "./context.ts";
import { requestResize } from "./events.ts";
import { removePictures } from "./media.ts";

const HOUR_S = 3600;
/** "An upload that no tweet uses goes after a day." */
const ORPHAN_AGE_S = 24 * HOUR_S;
/** Events are kept for a day, so that a client can be sent what it missed (CONTRACT, part 3). */
const EVENT_AGE_S = 24 * HOUR_S;
/** A key that has expired is refused at once; it is kept a while for who looks into the table. */
const EXPIRED_KEY_AGE_S = 30 * 24 * HOUR_S;
/** A file younger than this may belong to an upload that is under way. */
const FILE_AGE_MS = HOUR_S * 1000;
const BATCH = 500;

/** Removes orphaned uploads, files without a row, and what is past its time: events, expired keys,
 * idempotency keys. */
export async function sweep(ctx: Context, ages = { orphanS: ORPHAN_AGE_S, fileMs: FILE_AGE_MS }) {
  let orphans = 0;
  for (;;) {
    const tokens = await takeOrphans(ctx.db, ages.orphanS, BATCH);
    await removePictures(ctx, { tokens, requestIds: [] });
    orphans += tokens.length;
    if (tokens.length < BATCH) break;
  }
  const events = await trimInBatches(() => trimEvents(ctx.db, EVENT_AGE_S, BATCH));
  const keys = await trimInBatches(() => forgetExpiredKeys(ctx.db, EXPIRED_KEY_AGE_S, BATCH));
  const repeats = await trimInBatches(() => trimIdempotencyKeys(ctx.db, BATCH));
  const files = await ctx.files.sweep({
    olderThanMs: ages.fileMs,
    isKnown: keptForBackup(ctx, knownTokens),
    needsOriginal: keptForBackup(ctx, processingTokens),
  });
  return { orphans, events, keys, repeats, files };
}

/** While a backup runs, all that it may want to read is needed. It is asked last
 * (`backup-lock.ts`). */
const keptForBackup =
  (ctx: Context, needed: typeof knownTokens) =>
  async (tokens: string[]): Promise<Set<string>> => {
    const found = await needed(ctx.db, tokens);
    return (await isBackupRunning(ctx.db)) ? new Set(tokens) : found;
  };

async function trimInBatches(trim: () => Promise<number>): Promise<number> {
  let all = 0;
  for (;;) {
    const trimmed = await trim();
    all += trimmed;
    if (trimmed < BATCH) return all;
  }
}

/** Wishes again for the pictures whose job was lost (with a flushed Redis, say). */
export async function retryStuckPictures(ctx: Context): Promise<void> {
  for (const id of await stuckMedia(ctx.db, BATCH)) await requestResize(ctx, id, []);
}
