/** What went wrong with an upload; the HTTP layer maps it to a status. */
export type UploadFailure = "too-large" | "missing" | "malformed" | "aborted" | "stalled";

/** An upload that the sender has to mend. Its message may be shown to them. */
export abstract class UploadError extends Error {
  abstract readonly kind: UploadFailure;
}

/** More bytes than allowed were announced or sent. */
export class UploadTooLarge extends UploadError {
  override readonly name = "UploadTooLarge";
  readonly kind = "too-large";
  /** The limit in bytes. */
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`The file is larger than ${describeBytes(maxBytes)}.`);
    this.maxBytes = maxBytes;
  }
}

/** A whole form, but no file in the field where one belongs. */
export class UploadMissing extends UploadError {
  override readonly name = "UploadMissing";
  readonly kind = "missing";

  constructor(field: string) {
    super(`The form has no file in its field "${field}".`);
  }
}

/** Not a multipart form, or one that breaks off. */
export class UploadMalformed extends UploadError {
  override readonly name = "UploadMalformed";
  readonly kind = "malformed";

  constructor(reason: string, options?: ErrorOptions) {
    super(`The body is not a valid multipart form: ${reason}.`, options);
  }
}

/** The sender has gone; nobody is left to answer. */
export class UploadAborted extends UploadError {
  override readonly name = "UploadAborted";
  readonly kind = "aborted";

  constructor() {
    super("The upload was broken off by its sender.");
  }
}

/** Not a byte arrived for too long. */
export class UploadStalled extends UploadError {
  override readonly name = "UploadStalled";
  readonly kind = "stalled";

  constructor(idleTimeoutMs: number) {
    super(`No data arrived for ${idleTimeoutMs / 1000} seconds.`);
  }
}

function describeBytes(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2;
  return Number.isInteger(mebibytes) ? `${mebibytes} MiB` : `${bytes} bytes`;
}
