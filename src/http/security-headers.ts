/** What browsers are told with every file. nginx, which serves the files itself, says the same:
 * `npm run generate` writes `nginx/security-headers.conf` from this. */
export const SECURITY_HEADERS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "SAMEORIGIN",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
} as const;

/** The file for nginx. */
export const securityHeadersForNginx = (): string =>
  [
    "# Made by `npm run generate` from src/http/security-headers.ts: not to be edited.",
    ...Object.entries(SECURITY_HEADERS).map(
      ([name, value]) => `add_header ${name} ${JSON.stringify(value)} always;`,
    ),
    "",
  ].join("\n");
