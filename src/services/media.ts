/**
 * Pictures, from the upload to the finished variants.
 *
 *     upload ─► original (never served) ─► row + event ─► job: variants ─► row ready, original gone
 *
 * The upload waits a bounded time for the job, so that the link works when it answers; a picture
 * that takes longer is shown as a neutral one until it is ready.
 */
import { countPicture } from "../base/metrics/jobs.ts";
import { Problem } from "../contract/errors.ts";
import type { JobPayloads } from "../contract/jobs.ts";
import type { OutboxEvent } from "../contract/outbox.ts";
import { Media, User } from "../entities/entities.ts";
import { isBackupRunning } from "../infra/backup/backup-lock.ts";
import { recordEvent } from "../infra/event-queries.ts";
import { newToken } from "../infra/file-store.ts";
import { finishMedia, forgetMedia, isTokenProcessing, mediaById } from "../infra/media-queries.ts";
import { inspectPicture, makeVariants, PictureRejected } from "../infra/pictures.ts";
import type { Context } from "./context.ts";
import { deliver } from "./events.ts";

/** How often it is looked whether a backup has ended and files may go. */
const AFTER_BACKUP_MS = 5000;
/** Longer no upload waits; its link then shows a neutral picture for a while. */
const READY_TIMEOUT_MS = 5000;

/** Uploads that wait here for a picture which is made elsewhere. */
export class MediaWaiters {
  readonly #waiting = new Map<number, () => void>();

  constructor(bus: Context["bus"]) {
    bus.onChange(({ mediaId }) => {
      if (mediaId !== undefined) this.#waiting.get(mediaId)?.();
    });
  }

  /** Resolves when the picture is ready or has failed, or after `timeoutMs`. */
  wait(mediaId: number, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(mediaId);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#waiting.set(mediaId, done);
    });
  }
}

/** Takes an uploaded file. It is moved away or removed, whatever happens.
 * @param uploadPath a whole file, made by the file store's `createUpload`
 * @param requestId of the request that uploads
 * @returns the id of the picture
 * @throws Problem `InvalidImage`. */
export async function addPicture(
  ctx: Context,
  waiters: MediaWaiters,
  ownerId: number,
  uploadPath: string,
  requestId: string,
): Promise<number> {
  const token = newToken();
  let event: OutboxEvent<"media:uploaded">;
  try {
    await inspectPicture(uploadPath, { maxPixels: ctx.config.uploadMaxPixels });
    await ctx.files.keepOriginal(uploadPath, token);
    event = await recordUpload(ctx, ownerId, token, requestId);
  } catch (error) {
    await ctx.files.discardUpload(uploadPath);
    await ctx.files.removeOriginal(token);
    throw error instanceof PictureRejected ? new Problem("InvalidImage", error.message) : error;
  }
  const { mediaId } = event.payload;
  const ready = waiters.wait(mediaId, READY_TIMEOUT_MS);
  await deliver(ctx, [event]);
  await ready;
  await refuseDamaged(ctx, mediaId, requestId);
  return mediaId;
}

function recordUpload(ctx: Context, ownerId: number, token: string, requestId: string) {
  return ctx.db.transaction(async (em) => {
    const media = em.create(Media, { owner: em.getReference(User, ownerId), token });
    await em.persist(media).flush();
    const event = recordEvent(em, "media:uploaded", { mediaId: media.id }, { requestId });
    await em.flush();
    return event;
  });
}

/** A file whose header is right and whose pixels are not is found out by the worker only. */
async function refuseDamaged(ctx: Context, mediaId: number, requestId: string): Promise<void> {
  const media = await mediaById(ctx.db, mediaId);
  if (media?.status !== "failed") return;
  await forgetMedia(ctx.db, mediaId);
  await removePictures(ctx, { tokens: [media.token], requestIds: [requestId] });
  throw new Problem(
    "InvalidImage",
    "The image is damaged: its pixels cannot be read. Save it anew and upload that.",
  );
}

/** The work of the job `resize-picture`: makes the variants and says so. May be repeated.
 * @throws Error when the disk fails; the job is then tried again. */
export async function processPicture(
  ctx: Context,
  { mediaId, requestIds }: JobPayloads["pictures"]["resize-picture"],
): Promise<void> {
  const media = await mediaById(ctx.db, mediaId);
  if (media?.status !== "processing") return;
  const original = ctx.files.originalPath(media.token) as string;
  const outDir = ctx.files.variantsDir(media.token) as string;
  const made = await makeVariants(original, outDir).catch((error) => {
    if (error instanceof PictureRejected || error.code === "ENOENT") return undefined;
    throw error;
  });
  await finish(ctx, mediaId, made, requestIds);
  // What a backup keeps from going is left to the sweep.
  if (!(await isBackupRunning(ctx.db))) await ctx.files.removeOriginal(media.token);
  // Deleted meanwhile: nobody else would remove what was just made.
  if (!(await mediaById(ctx.db, mediaId))) {
    await removePictures(ctx, { tokens: [media.token], requestIds });
  }
}

/** Removes the files of pictures whose rows are gone; while a backup reads, a while later. */
export async function removePictures(
  ctx: Pick<Context, "db" | "files" | "jobs">,
  job: JobPayloads["pictures"]["remove-pictures"],
): Promise<void> {
  if (await isBackupRunning(ctx.db)) {
    await ctx.jobs.add("pictures", "remove-pictures", job, { delay: AFTER_BACKUP_MS });
    return;
  }
  for (const token of job.tokens) await ctx.files.remove(token);
}

async function finish(
  ctx: Context,
  mediaId: number,
  made: Parameters<typeof finishMedia>[3],
  requestIds: string[],
): Promise<void> {
  for (;;) {
    const media = await mediaById(ctx.db, mediaId);
    if (media?.status !== "processing") return;
    const { finished, event } = await finishMedia(ctx.db, mediaId, media.tweetId, made, requestIds);
    if (!finished) continue; // put into a tweet between the two statements: look again
    countPicture(made ? "ready" : "failed");
    if (event) await deliver(ctx, [event]);
    else await ctx.bus.announce([{ topics: [], mediaId }]);
    return;
  }
}

/** Whether the files of this token are still being made. */
export const isProcessing = (ctx: Pick<Context, "db">, token: string): Promise<boolean> =>
  isTokenProcessing(ctx.db, token);
