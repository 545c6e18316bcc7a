/** The REST calls, with the key of whoever is signed in. */
const STORED_AS = "warble-key";
/** A fresh installation has a person with this key. */
const FIRST_KEY = "test";

export const signedInKey = () => localStorage.getItem(STORED_AS) ?? FIRST_KEY;
export const keepKey = (key) => localStorage.setItem(STORED_AS, key);

/** A call that failed; `type` is the contract's `error_type`, or `Offline`. */
export class ApiError extends Error {
  constructor(type, message) {
    super(message);
    this.type = type;
  }
}

/** @param body FormData, or what is sent as JSON. @throws ApiError. */
export async function call(method, path, body, key = signedInKey()) {
  const headers = headersOf(key);
  const init = { method, headers };
  if (body instanceof FormData) init.body = body;
  else if (body !== undefined) {
    headers.set("content-type", "application/json");
    init.body = JSON.stringify(body);
  }
  let response;
  let answer;
  try {
    response = await fetch(path, init);
    answer = await response.json();
  } catch {
    throw new ApiError("Offline", "Warble cannot be reached just now. Try again in a moment.");
  }
  if (!response.ok) throw new ApiError(answer.error_type, answer.error_message);
  return answer;
}

/** Headers take no characters beyond Latin-1, and no key has them. */
function headersOf(key) {
  try {
    return new Headers({ "api-key": key });
  } catch {
    throw new ApiError("Unauthorized", "No key looks like this one.");
  }
}
