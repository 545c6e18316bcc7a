/** `npm run generate`: writes the files that are made from the code. Tests tell when one is stale. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { REST_TYPES, restTypes } from "./client-types.ts";
import { securityHeadersForNginx } from "./http/security-headers.ts";

export const NGINX_SECURITY_HEADERS = new URL("../nginx/security-headers.conf", import.meta.url);

if (import.meta.main) {
  for (const [file, text] of [
    [REST_TYPES, await restTypes()],
    [NGINX_SECURITY_HEADERS, securityHeadersForNginx()],
  ] as const) {
    writeFileSync(file, text);
    console.log(`Written: ${fileURLToPath(file)}`);
  }
}
