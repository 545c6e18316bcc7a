/**
 * The error table: every failure that a client can see, and its HTTP status code.
 *
 * Services throw a `Problem` by its type; only the HTTP layer turns it into a status and
 * the body `{result: false, error_type, error_message}` of the contract.
 */
export const STATUS_OF = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  RequestTimeout: 408,
  PayloadTooLarge: 413,
  UnsupportedMediaType: 415,
  ValidationError: 422,
  InvalidMedia: 422,
  InvalidImage: 422,
  TooManyRequests: 429,
  InternalError: 500,
  Unavailable: 503,
} as const;

export type ProblemType = keyof typeof STATUS_OF;

export class Problem extends Error {
  readonly type: ProblemType;
  /** Extra response headers, such as `Allow` or `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(type: ProblemType, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = "Problem";
    this.type = type;
    this.headers = headers;
  }
}

/** The status that an error is answered with; of anything but a `Problem` it is a bug. */
export const statusOf = (error: unknown): number =>
  STATUS_OF[error instanceof Problem ? error.type : "InternalError"];

/** What is left of a limit: calls a minute, calls left, seconds until all of them are free again. */
export const rateLimitHeaders = (limit: number, remaining: number, resetS: number) => ({
  "ratelimit-limit": String(limit),
  "ratelimit-remaining": String(remaining),
  "ratelimit-reset": String(resetS),
});

/** Too many calls; `retryAfterS` tells when the next one is taken. */
export const tooMany = (limit: number, retryAfterS: number, what = "calls of this kind"): Problem =>
  new Problem(
    "TooManyRequests",
    `More than ${limit} ${what} in a minute. Try again in ${retryAfterS} s.`,
    { "retry-after": String(retryAfterS), ...rateLimitHeaders(limit, 0, retryAfterS) },
  );

/** A backing service is away; `Retry-After` is in seconds. */
export const unavailable = (what: string): Problem =>
  new Problem("Unavailable", `${what} does not answer just now. Try again in a moment.`, {
    "retry-after": "2",
  });
