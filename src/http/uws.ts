import { createRequire } from "node:module";

/** Request line and headers, bytes; uWebSockets.js itself would take 4 kB, which a company's cookies
 * fill, and it answers what is larger before any handler. It reads this when it is loaded. nginx
 * takes a little less (`nginx/nginx.conf`), so that its refusal is one in the contract's form. */
const MAX_HEADER_BYTES = 16 * 1024;
Object.assign(process.env, { UWS_HTTP_MAX_HEADERS_SIZE: String(MAX_HEADER_BYTES) });

type UWebSockets = typeof import("uWebSockets.js");

/**
 * uWebSockets.js. The current binary needs glibc 2.38; on an older system its predecessor,
 * `uws-compat`, takes over. It has no `onDataV2` and no `collectBody`: use `onData`.
 *
 * Importing this file throws when neither binary loads, with both reasons.
 */
export const uWS: UWebSockets = load(["uWebSockets.js", "uws-compat"]);

function load(packages: string[]): UWebSockets {
  // Binaries load synchronously through require(); an import would have to be awaited by everyone.
  const require = createRequire(import.meta.url);
  const reasons: string[] = [];
  for (const name of packages) {
    try {
      return require(name) as UWebSockets;
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`uWebSockets.js does not load here.\n\n${reasons.join("\n\n")}`);
}
