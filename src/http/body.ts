/** JSON bodies: counted while they arrive, refused early. */
import type { z } from "zod";
import { Problem } from "../contract/errors.ts";
import type { Responder } from "./respond.ts";

export const JSON_MAX_BYTES = 64 * 1024;
/** Below the 10 s after which uWebSockets.js closes a connection whose body stands still. */
export const BODY_TIMEOUT_MS = 8000;

const isJson = (contentType: string): boolean =>
  /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType);

const tooLarge = () =>
  new Problem("PayloadTooLarge", `The body is larger than ${JSON_MAX_BYTES / 1024} KiB.`);

/** Reads a JSON body. Call it before the handler returns to uWebSockets.js.
 * @throws Problem `UnsupportedMediaType`, `PayloadTooLarge`, `BadRequest`, `RequestTimeout` (all in
 * the promise). It never settles when the client goes away: nobody is left to answer. */
export function readJson(
  responder: Responder,
  contentType: string,
  contentLength: number | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (!isJson(contentType)) {
      return reject(
        new Problem("UnsupportedMediaType", "Send JSON, with content-type: application/json."),
      );
    }
    if (contentLength !== undefined && contentLength > JSON_MAX_BYTES) return reject(tooLarge());
    const chunks: Buffer[] = [];
    let size = 0;
    const stalled = setTimeout(() => {
      reject(new Problem("RequestTimeout", "The body did not arrive in time."));
    }, BODY_TIMEOUT_MS);
    responder.onAborted(() => clearTimeout(stalled));
    responder.onData((chunk, isLast) => {
      size += chunk.byteLength;
      if (size > JSON_MAX_BYTES) {
        clearTimeout(stalled);
        chunks.length = 0;
        return reject(tooLarge());
      }
      chunks.push(Buffer.from(chunk.slice(0))); // uWebSockets.js takes its memory back
      if (!isLast) return;
      clearTimeout(stalled);
      try {
        resolve(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      } catch {
        reject(new Problem("BadRequest", "The body is not valid JSON."));
      }
    });
  });
}

/** @throws Problem `ValidationError` with the first fault of each field. */
export function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 && !message.includes(String(path[0]))
      ? `${path.join(".")}: ${message}`
      : message,
  );
  throw new Problem("ValidationError", `${[...new Set(faults)].join("; ")}.`);
}
