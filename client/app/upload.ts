/** Uploads a picture and tells how far it is. (`fetch` does not tell; hence XMLHttpRequest.) */
import { ApiError, Offline } from "../api/errors.ts";
import { refusal } from "../api/exchange.ts";

interface Upload {
  file: File;
  key: string;
  signal: AbortSignal;
  /** Is told the share of the bytes that were sent, 0 to 1. */
  progress: (share: number) => void;
}

/** @returns the picture's id, for a tweet. @throws ApiError, Offline; the signal's reason. */
export function upload({ file, key, signal, progress }: Upload): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = new XMLHttpRequest();
  request.open("POST", "/api/medias");
  request.setRequestHeader("api-key", key);
  request.upload.addEventListener("progress", ({ loaded, total }) => progress(loaded / total));
  request.addEventListener("load", () => {
    const { status, responseText } = request;
    if (status !== 201) {
      reject(refusal(status, request.getResponseHeader("retry-after"), responseText));
      return;
    }
    try {
      resolve((JSON.parse(responseText) as { media_id: number }).media_id);
    } catch {
      reject(new ApiError("Unavailable", "The answer could not be read.", status));
    }
  });
  request.addEventListener("error", () => reject(new Offline(undefined)));
  signal.addEventListener("abort", () => {
    request.abort();
    reject(signal.reason);
  });
  const form = new FormData();
  form.set("file", file);
  request.send(form);
  return promise;
}
