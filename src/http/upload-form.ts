import { createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import busboy from "busboy";
import { UploadMalformed, UploadMissing, UploadTooLarge } from "./upload-errors.ts";

/** More parts than this are no upload form; without a bound, empty parts would only cost time. */
const MAX_PARTS = 100;

const MAX_FILENAME = 255;

export interface UploadFormOptions {
  /** The largest file taken, in bytes. */
  maxBytes: number;
  /** The form field that holds the file. */
  field: string;
  /** Where the file is written. It must not exist. */
  path: string;
}

export interface ReceivedUpload {
  /** The size of the file; 0 for an empty one. */
  bytes: number;
  /** As the sender named it, without folders, at most 255 characters. Never a path to use. */
  filename?: string;
}

interface FileOnDisk {
  filename: string | undefined;
  bytes: () => number;
  /** Resolves when the file is closed, whole or not. */
  closed: Promise<unknown>;
}

/**
 * A multipart form that arrives in pieces, and its one file that goes to the disk. Other fields and
 * further files are read and dropped. Knows nothing of HTTP: `write` the body, then `end` it.
 */
export class UploadForm {
  /**
   * Settles when the form is over and the file is closed; the file stays where it is, whole or not.
   *
   * Rejects with UploadMalformed, UploadMissing, UploadTooLarge, what `fail` was given, or an error
   * of the disk.
   */
  readonly received: Promise<ReceivedUpload>;

  readonly #parser: busboy.Busboy;
  readonly #options: UploadFormOptions;
  #file: FileOnDisk | undefined;
  #failure: unknown;

  /** @throws UploadMalformed when `contentType` is not multipart/form-data with a boundary */
  constructor(contentType: string, options: UploadFormOptions) {
    this.#options = options;
    this.#parser = createParser(contentType, options.maxBytes);
    this.#parser.on("file", (name, stream, info) => this.#takeFile(name, stream, info));
    this.#parser.on("partsLimit", () => this.fail(new UploadMalformed("it has too many parts")));
    this.#parser.on("error", (cause: Error) => {
      this.fail(new UploadMalformed(cause.message.toLowerCase(), { cause }));
    });
    this.received = this.#receive();
  }

  /** False when the disk is behind: wait for `onceDrained` before writing more. */
  write(chunk: Buffer): boolean {
    return this.#failure !== undefined || this.#parser.write(chunk);
  }

  onceDrained(listener: () => void): void {
    this.#parser.once("drain", listener);
  }

  end(): void {
    this.#parser.end();
  }

  /** Gives the form up; `received` rejects with the first failure that it was given. */
  fail(failure: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    // Not at once: busboy goes on using its file stream after telling that the limit is reached.
    process.nextTick(() => this.#parser.destroy(failure));
  }

  #takeFile(name: string, stream: Readable, info: busboy.FileInfo): void {
    if (name !== this.#options.field || this.#file !== undefined) {
      stream.on("error", () => undefined).resume();
      return;
    }
    const { maxBytes, path } = this.#options;
    stream.once("limit", () => this.fail(new UploadTooLarge(maxBytes)));
    // Flushed: once the upload is answered, its picture outlives a power cut.
    const target = createWriteStream(path, { flags: "wx", flush: true });
    const closed = new Promise<void>((resolve) => target.once("close", resolve));
    // The disk may refuse after the whole form has been read: wait for its last word.
    const written = pipeline(stream, target).catch((error: Error) => this.fail(error));
    target.on("error", (error) => this.fail(error));
    this.#file = {
      filename: info.filename,
      bytes: () => target.bytesWritten,
      closed: Promise.all([written, closed]),
    };
  }

  async #receive(): Promise<ReceivedUpload> {
    await new Promise<void>((resolve) => this.#parser.once("close", resolve));
    const file = this.#file;
    await file?.closed;
    if (this.#failure !== undefined) throw this.#failure;
    const bytes = file?.bytes() ?? 0;
    // A browser sends an empty part without a name when no file was chosen.
    if (file === undefined || (bytes === 0 && !file.filename)) {
      throw new UploadMissing(this.#options.field);
    }
    return file.filename ? { bytes, filename: file.filename.slice(0, MAX_FILENAME) } : { bytes };
  }
}

function createParser(contentType: string, maxBytes: number): busboy.Busboy {
  if (!/^multipart\/form-data\s*;/i.test(contentType.trim())) {
    throw new UploadMalformed("it is not multipart/form-data");
  }
  try {
    return busboy({
      headers: { "content-type": contentType },
      defParamCharset: "utf8",
      // busboy tells of the limit when it is reached, and a file of exactly maxBytes is welcome.
      limits: { fileSize: maxBytes + 1, parts: MAX_PARTS },
    });
  } catch (cause) {
    throw new UploadMalformed("its boundary is missing or unusable", { cause });
  }
}
