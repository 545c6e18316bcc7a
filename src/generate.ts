/** `npm run generate`: writes the files that are made from the code. Tests tell when one is stale. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { REST_TYPES, restTypes } from "./client-types.ts";
import { headersForNginx, NGINX_HEADERS } from "./http/security-headers.ts";

/** Files for nginx, and what stands in them. */
export const nginxFiles = (): [file: URL, text: string][] =>
  Object.entries(NGINX_HEADERS).map(([name, headers]) => [
    new URL(`../nginx/${name}`, import.meta.url),
    headersForNginx(headers),
  ]);

if (import.meta.main) {
  for (const [file, text] of [[REST_TYPES, await restTypes()] as const, ...nginxFiles()]) {
    writeFileSync(file, text);
    console.log(`Written: ${fileURLToPath(file)}`);
  }
}
