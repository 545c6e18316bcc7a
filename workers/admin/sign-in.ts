/** Signing in and out of the dashboard: the only routes that are there for strangers. */
import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { clientAddress } from "../../src/base/client-address.ts";
import type { Log } from "../../src/base/log.ts";
import { isPassword, MAX_PASSWORD_LENGTH } from "../../src/base/password-hash.ts";
import { STATUS_OF } from "../../src/contract/errors.ts";
import { PAGES_STYLE, signInPage, signOutPage } from "./pages.ts";
import type { Sessions } from "./sessions.ts";
import type { SignInLimits } from "./sign-in-limits.ts";

export const SIGN_IN_PATH = "/admin/sign-in";
export const SIGN_OUT_PATH = "/admin/sign-out";
const STYLE_PATH = "/admin/sign-in.css";
const MAX_BODY_BYTES = 16 * 1024;

export interface SignInParts {
  passwordHash: string;
  sessions: Sessions;
  limits: SignInLimits;
  trustedProxies: number;
  /** Where who has signed in goes. */
  home: string;
  log: Log;
}

/** The client's address, as it is counted. */
export const addressOf = (c: Context, trustedProxies: number): string =>
  clientAddress(
    getConnInfo(c).remote.address ?? "",
    c.req.header("x-forwarded-for"),
    trustedProxies,
  );

/** What is there without a session. */
export function signInRoutes(parts: SignInParts): Hono {
  const { passwordHash, sessions, limits, trustedProxies, home, log } = parts;
  const refuse = (c: Context, status: ContentfulStatusCode, fault: string) =>
    c.html(signInPage(SIGN_IN_PATH, STYLE_PATH, fault), status);

  return new Hono()
    .get(STYLE_PATH, (c) => c.body(PAGES_STYLE, { headers: { "content-type": "text/css" } }))
    .get(SIGN_IN_PATH, (c) => c.html(signInPage(SIGN_IN_PATH, STYLE_PATH)))
    .post(SIGN_IN_PATH, bodyLimit({ maxSize: MAX_BODY_BYTES }), async (c) => {
      const address = addressOf(c, trustedProxies);
      const waitS = await limits.take(address);
      if (waitS !== undefined) {
        c.header("retry-after", String(waitS));
        log.warn({ address }, "too many sign-ins of operators");
        return refuse(c, STATUS_OF.TooManyRequests, `Too many attempts: wait ${waitS} seconds.`);
      }
      const { password } = await c.req.parseBody();
      if (
        typeof password !== "string" ||
        password.length > MAX_PASSWORD_LENGTH ||
        !(await isPassword(password, passwordHash))
      ) {
        log.warn({ address }, "an operator's sign-in was refused");
        return refuse(c, STATUS_OF.Unauthorized, "This is not the password.");
      }
      await limits.forgive(address);
      await sessions.open(c);
      log.info({ address }, "an operator has signed in");
      return c.redirect(home, 303);
    });
}

/** What is there for who is signed in. */
export const signOutRoutes = ({ sessions, home, log, trustedProxies }: SignInParts): Hono =>
  new Hono()
    .get(SIGN_OUT_PATH, (c) => c.html(signOutPage(SIGN_OUT_PATH, STYLE_PATH, home)))
    .post(SIGN_OUT_PATH, async (c) => {
      await sessions.close(c);
      log.info({ address: addressOf(c, trustedProxies) }, "an operator has signed out");
      return c.redirect(SIGN_IN_PATH, 303);
    });
