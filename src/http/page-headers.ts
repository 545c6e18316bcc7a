/** The headers of the web page itself (nginx sends the same, from `nginx/`). */
import { CLIENT_DIST } from "../base/config.ts";

/** Everything from here, and no script or style in the page's own text. Previews of pictures are
 * `data:` URIs. */
const OWN_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** A page that somebody else built, such as the original frontend, has its avatars from another
 * host, and `blob:` previews: what it loads is its own affair. */
const FOREIGN_POLICY = "object-src 'none'; base-uri 'self'; frame-ancestors 'self'";

/** @param root where the page lies. */
export const pageHeaders = (root: string): Record<string, string> => ({
  "content-security-policy": root === CLIENT_DIST ? OWN_POLICY : FOREIGN_POLICY,
  "referrer-policy": "same-origin",
});
