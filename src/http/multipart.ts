import { rm } from "node:fs/promises";
import { UploadAborted, UploadStalled, UploadTooLarge } from "./upload-errors.ts";
import { type ReceivedUpload, UploadForm, type UploadFormOptions } from "./upload-form.ts";

/** Room for everything around the file: boundaries, part headers, small fields, line ends. */
const OVERHEAD_BYTES = 64 * 1024;

/** The request body as uWebSockets.js gives it: its `HttpResponse`, or a wrapper around one. */
export interface BodySource {
  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): unknown;
  pause(): void;
  resume(): void;
}

/** The body may be 64 KiB larger than `maxBytes`; `path` belongs to the upload until it succeeds. */
export interface UploadOptions extends UploadFormOptions {
  /** How long the body may stand still before the upload is given up, in milliseconds. */
  idleTimeoutMs: number;
  /** Registers a listener for the client's going away. */
  onAborted: (listener: () => void) => void;
  /** Gives the upload up because nobody wants it any more: it rejects with UploadAborted. */
  signal?: AbortSignal;
}

/**
 * Streams the file of a multipart form to `options.path`; answers when it is safe on the disk.
 *
 * Call it in the route handler before any `await`: it takes over the body at once. When it fails,
 * it has removed the file first. The rest of the body is then dropped as it comes, so the caller
 * can answer while the client is still sending.
 *
 * Do not answer before this has settled: it pauses and resumes the connection, and uWebSockets.js
 * throws when an answered response is touched. To answer early, abort the signal and wait.
 *
 * @param contentLength the announced size of the body in bytes; undefined when it is chunked
 * @throws UploadTooLarge as soon as it is known: announced, or while the bytes arrive
 * @throws UploadMalformed, UploadMissing, UploadStalled, UploadAborted, or an error of the disk
 */
export async function receiveUpload(
  source: BodySource,
  contentType: string,
  contentLength: number | undefined,
  options: UploadOptions,
): Promise<ReceivedUpload> {
  if (contentLength !== undefined && contentLength > options.maxBytes + OVERHEAD_BYTES) {
    throw new UploadTooLarge(options.maxBytes);
  }
  const form = new UploadForm(contentType, options);
  const stopFeeding = feedForm(source, form, options);
  try {
    return await form.received;
  } catch (error) {
    await rm(options.path, { force: true });
    throw error;
  } finally {
    stopFeeding();
  }
}

/** Moves the body into the form, no faster than the disk takes it. Returns what ends that. */
function feedForm(source: BodySource, form: UploadForm, options: UploadOptions): () => void {
  const { maxBytes, idleTimeoutMs, onAborted, signal } = options;
  let arrived = 0;
  let gone = false;
  let paused = false;
  let stopped = false;
  let idle: NodeJS.Timeout | undefined;

  const expectData = (): void => {
    clearTimeout(idle);
    idle = setTimeout(() => form.fail(new UploadStalled(idleTimeoutMs)), idleTimeoutMs);
  };
  // While we are the slow side, the client is not to blame: no clock runs.
  const pause = (): void => {
    clearTimeout(idle);
    if (paused) return;
    paused = true;
    source.pause();
    form.onceDrained(resume);
  };
  const resume = (): void => {
    if (!paused || gone) return;
    paused = false;
    if (!stopped) expectData();
    source.resume();
  };

  onAborted(() => {
    gone = true;
    form.fail(new UploadAborted());
  });
  const cancel = (): void => form.fail(new UploadAborted());
  signal?.addEventListener("abort", cancel);
  if (signal?.aborted) cancel();
  source.onData((chunk, isLast) => {
    if (stopped) return;
    arrived += chunk.byteLength;
    if (arrived > maxBytes + OVERHEAD_BYTES) {
      form.fail(new UploadTooLarge(maxBytes));
      return;
    }
    // A copy: uWebSockets.js takes the chunk's memory back when this function returns.
    const flowing = form.write(Buffer.from(chunk.slice(0)));
    if (isLast) {
      clearTimeout(idle);
      form.end();
    } else if (flowing) {
      expectData();
    } else {
      pause();
    }
  });
  expectData();

  return () => {
    stopped = true;
    clearTimeout(idle);
    signal?.removeEventListener("abort", cancel);
    // A connection that stayed paused would never show its next request.
    resume();
  };
}
