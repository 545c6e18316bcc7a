/**
 * The queue dashboard of the workers' process, on a port of its own.
 *
 *     same origin? ─► signing in ─► session? ─► signing out ─► may it change anything? ─► Bull Board
 *
 * Whatever is asked for goes through these in this order, by any method and path: what stands behind
 * the session cannot be reached by a path that looks otherwise.
 */
import { once } from "node:events";
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { csrf } from "hono/csrf";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Config } from "../../src/base/config.ts";
import type { Log } from "../../src/base/log.ts";
import { STATUS_OF } from "../../src/contract/errors.ts";
import { openQueues } from "../../src/infra/queues.ts";
import { connectQueue, isReady } from "../../src/infra/redis.ts";
import { BOARD_PATH, createBoard, withoutForeignParts } from "./board.ts";
import { Sessions } from "./sessions.ts";
import {
  addressOf,
  SIGN_IN_PATH,
  type SignInParts,
  signInRoutes,
  signOutRoutes,
} from "./sign-in.ts";
import { SignInLimits } from "./sign-in-limits.ts";

/** Redis may be away when the process starts; signing in then has to wait. */
const REDIS_PATIENCE_MS = 2000;
const READS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** A style element within Bull Board's script. Without it the icon is black. */
const COLOURS_OF_REDIS_ICON = "'sha256-r2N1TB/gHbBtBZFKg7ejmq1acVSREzucTAEw6ga4hoU='";

/** Nothing of another host, no inline script or style, no frame around it. Forms need their origin
 * told (`referrerPolicy`), or it could not be compared. */
const HEADERS = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", COLOURS_OF_REDIS_ICON],
    imgSrc: ["'self'", "data:"],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'self'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
  referrerPolicy: "same-origin",
  xFrameOptions: "DENY",
  strictTransportSecurity: false, // the proxy's that speaks TLS
});

const jsonError = (c: Context, status: ContentfulStatusCode, message: string) =>
  c.json({ error: message }, status);

/** Another site's forms and scripts change nothing. Behind a proxy that speaks TLS the scheme is
 * another one here, so hosts are compared. */
const sameOrigin = csrf({
  origin: (origin, c) => URL.canParse(origin) && new URL(origin).host === c.req.header("host"),
});

const sessionNeeded =
  (sessions: Sessions): MiddlewareHandler =>
  async (c, next) => {
    if (await sessions.isOpen(c)) return next();
    const wantsPage = c.req.method === "GET" && c.req.header("accept")?.includes("text/html");
    if (wantsPage) return c.redirect(SIGN_IN_PATH, 303);
    return jsonError(c, STATUS_OF.Unauthorized, `Sign in at ${SIGN_IN_PATH}.`);
  };

/** Changes are refused, or told in the log. */
const changes =
  (readOnly: boolean, trustedProxies: number, log: Log): MiddlewareHandler =>
  async (c, next) => {
    if (READS.has(c.req.method)) return next();
    if (readOnly) {
      c.header("allow", "GET, HEAD");
      const message = "The dashboard is read-only; ADMIN_READ_ONLY=false allows changes.";
      return jsonError(c, STATUS_OF.MethodNotAllowed, message);
    }
    await next();
    const { method, path } = c.req;
    const address = addressOf(c, trustedProxies);
    log.info({ address, method, path, status: c.res.status }, "an operator's change of the queues");
  };

const pagesOfOurOwn: MiddlewareHandler = async (c, next) => {
  await next();
  c.header("cache-control", "no-store");
  if (!c.res.headers.get("content-type")?.startsWith("text/html")) return;
  c.res = new Response(withoutForeignParts(await c.res.text()), c.res);
};

/** The dashboard as an application; it does not listen. */
export function dashboardApp(parts: SignInParts, board: Hono, readOnly: boolean): Hono {
  const { sessions, trustedProxies, log } = parts;
  const app = new Hono();
  app.use("*", HEADERS, pagesOfOurOwn, sameOrigin);
  app.route("/", signInRoutes(parts));
  app.use("*", sessionNeeded(sessions));
  app.route("/", signOutRoutes(parts));
  app.use("*", changes(readOnly, trustedProxies, log));
  app.get("/admin", (c) => c.redirect(BOARD_PATH));
  app.route(BOARD_PATH, board);
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    log.warn({ err: error }, "the dashboard could not answer");
    return jsonError(c, STATUS_OF.Unavailable, "The queues do not answer just now.");
  });
  return app;
}

/** Serves the dashboard, unless it is switched off or nobody could sign in. A port that is taken is
 * logged, and the workers go on without.
 * @returns what ends it. */
export async function serveDashboard(config: Config, log: Log): Promise<() => Promise<void>> {
  const { port, passwordHash, readOnly } = config.admin;
  if (port === 0) return async () => undefined;
  if (passwordHash === undefined) {
    log.warn("no queue dashboard: set ADMIN_PASSWORD_HASH to what `npm run admin-password` prints");
    return async () => undefined;
  }
  const redis = connectQueue(config.queueRedisUrl as string, log);
  await isReady(redis, REDIS_PATIENCE_MS);
  const queues = openQueues(redis, config.redisPrefix);
  const parts = {
    passwordHash,
    sessions: new Sessions(redis, config.redisPrefix, passwordHash),
    limits: new SignInLimits(redis, config.redisPrefix),
    trustedProxies: config.trustedProxies,
    home: BOARD_PATH,
    log,
  };
  const app = dashboardApp(parts, createBoard(queues, readOnly), readOnly);
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  try {
    await once(server.listen(port, config.host), "listening");
    log.info({ port, readOnly }, `the queue dashboard is served at ${BOARD_PATH}`);
  } catch (error) {
    log.warn({ err: error, port }, "no queue dashboard: set ADMIN_PORT to a free port");
  }
  return async () => {
    server.close();
    server.closeAllConnections();
    await Promise.all(Object.values(queues).map((queue) => queue.close()));
    redis.disconnect();
  };
}
