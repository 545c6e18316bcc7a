/** What browsers are told with every file, and with the page. nginx, which serves the files itself,
 * says the same: `npm run generate` writes its files from this. */
import { CLIENT_DIST } from "../base/config.ts";

export const SECURITY_HEADERS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "SAMEORIGIN",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
} as const;

/** Our own page has everything from here, and no script or style in its own text. Previews of
 * pictures are `data:` URIs. */
const OWN_PAGE = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join("; ");

/** A page that somebody else built, such as the original frontend, has its avatars from another
 * host, and `blob:` previews: what it loads is its own affair. */
const FOREIGN_PAGE = "object-src 'none'; base-uri 'self'; frame-ancestors 'self'";

/** Beside the others.
 * @param root where the page lies. */
export const pageHeaders = (root: string): Record<string, string> => ({
  "content-security-policy": root === CLIENT_DIST ? OWN_PAGE : FOREIGN_PAGE,
});

/** The files for nginx, by their names. */
export const NGINX_HEADERS: Record<string, Record<string, string>> = {
  "security-headers.conf": SECURITY_HEADERS,
  "own-page.conf": { "content-security-policy": OWN_PAGE },
  "foreign-page.conf": { "content-security-policy": FOREIGN_PAGE },
};

/** One of them. */
export const headersForNginx = (headers: Record<string, string>): string =>
  [
    "# Made by `npm run generate` from src/http/security-headers.ts: not to be edited.",
    ...Object.entries(headers).map(
      ([name, value]) => `add_header ${name} ${JSON.stringify(value)} always;`,
    ),
    "",
  ].join("\n");
