/** One HTTP exchange as every call makes it: the key, the errors of the contract, and another try
 * where the server asks for it and where that does no harm. */
import { ApiError, Offline } from "./errors.ts";

export const IDEMPOTENCY_KEY = "idempotency-key";

/** The first try counts, too. */
const TRIES = 3;
/** Whoever waits for a page does not wait longer; the caller is told how long it would be. */
const LONGEST_WAIT_S = 10;
/** So much of the wait is added at random, so that clients do not come back all at once. */
const JITTER = 0.5;

/** @returns a `fetch` that answers successes only, wholly read.
 * @throws ApiError, Offline; DOMException `AbortError` or `TimeoutError` by the request's signal. */
export const exchange =
  (key: string) =>
  async (request: Request): Promise<Response> => {
    signWith(key, request);
    const repeatable = request.method === "GET" || request.headers.has(IDEMPOTENCY_KEY);
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(repeatable ? request.clone() : request);
      } catch (error) {
        const waitS = repeatable && attempt < TRIES ? waitAsked(error) : undefined;
        if (waitS === undefined) throw error;
        await pause(waitS * (1 + JITTER * Math.random()), request.signal);
      }
    }
  };

/** Headers take no characters beyond Latin-1, and no key has them. */
function signWith(key: string, request: Request): void {
  try {
    request.headers.set("api-key", key);
  } catch {
    throw new ApiError("Unauthorized", "No key looks like this one.", 0);
  }
}

/** The whole body is read here: a connection that breaks in the middle of it is a failure, too. */
async function once(request: Request): Promise<Response> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(request);
    text = await response.text();
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new Offline(error);
  }
  const { status, headers } = response;
  if (!response.ok) throw refusal(status, headers.get("retry-after"), text);
  return new Response(text, { status, headers });
}

/** What an answer that is no success says. @param retryAfter the header `Retry-After`. */
export function refusal(status: number, retryAfter: string | null, text: string): ApiError {
  const waitS = Number.parseInt(retryAfter ?? "", 10);
  const retryAfterS = Number.isNaN(waitS) ? undefined : waitS;
  try {
    const { error_type, error_message } = JSON.parse(text);
    if (typeof error_type === "string") {
      return new ApiError(error_type, String(error_message), status, retryAfterS);
    }
  } catch {
    // Not from Warble itself: something between it and us.
  }
  const type = status >= 500 ? "Unavailable" : "BadRequest";
  return new ApiError(type, `The answer was HTTP ${status}.`, status, retryAfterS);
}

/** How long the server wants us to wait, in seconds; undefined when another try is not in order. */
function waitAsked(error: unknown): number | undefined {
  if (!(error instanceof ApiError) || (error.status !== 503 && error.status !== 429)) {
    return undefined;
  }
  const { retryAfterS = 1 } = error;
  return retryAfterS <= LONGEST_WAIT_S ? retryAfterS : undefined;
}

const pause = (seconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, seconds * 1000);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
