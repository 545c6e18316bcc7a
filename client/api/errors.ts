/** How calls fail. */
import type { ProblemType } from "../../src/contract/errors.ts";

/** A call that was refused; `type` and `message` are the server's `error_type` and `error_message`.
 * A type that this client does not know yet is possible. */
export class ApiError extends Error {
  readonly type: ProblemType | "Offline" | (string & {});
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** When the server said how long to wait, in seconds. */
  readonly retryAfterS: number | undefined;

  constructor(type: ApiError["type"], message: string, status: number, retryAfterS?: number) {
    super(message);
    this.name = "ApiError";
    this.type = type;
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

/** There was no answer: whether a write was done is not known. */
export class Offline extends ApiError {
  constructor(cause: unknown) {
    super("Offline", "Warble cannot be reached just now. Try again in a moment.", 0);
    this.name = "Offline";
    this.cause = cause;
  }
}
