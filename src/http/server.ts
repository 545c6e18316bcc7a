/** The HTTP server: the routing table on uWebSockets.js, and the files around it. */
import type { HttpRequest, HttpResponse, TemplatedApp, us_listen_socket } from "uWebSockets.js";
import type { Config } from "../base/config.ts";
import { requestTimes } from "../base/metrics/requests.ts";
import { Problem } from "../contract/errors.ts";
import { isProcessing } from "../services/media.ts";
import { asyncApiDocument } from "./asyncapi.ts";
import { Call } from "./call.ts";
import { handlerOf } from "./dispatch.ts";
import { DOCS_PAGE, DOCS_SCRIPT, DOCS_STYLE, SWAGGER_UI_DIR } from "./docs.ts";
import { eventsPage } from "./events-page.ts";
import { checkReadiness } from "./health.ts";
import { openApiDocument } from "./openapi.ts";
import { Responder } from "./respond.ts";
import type { Route } from "./route.ts";
import { mediaRoutes } from "./routes/medias.ts";
import { tweetRoutes } from "./routes/tweets.ts";
import { userRoutes } from "./routes/users.ts";
import { v2Routes } from "./routes/v2.ts";
import type { Services } from "./services.ts";
import { clientFiles, fileHandler, folderFiles, mediaFiles } from "./static.ts";
import { uWS } from "./uws.ts";

/** Every API call there is: the router, the 405 answers and `/openapi.json` are made from this. */
export const routesOf = (config: Config): Route[] => [
  ...tweetRoutes(config),
  ...mediaRoutes,
  ...userRoutes,
  ...v2Routes,
];

/** `LIBUS_LISTEN_EXCLUSIVE_PORT`: without it two services would silently share a port. The types
 * have it as an enum, which exists at compile time only. */
const EXCLUSIVE_PORT = 1;
/** `LIBUS_LISTEN_DEFAULT`, with `SO_REUSEPORT`: the system spreads connections over all that listen. */
const SHARED_PORT = 0;

/** As what calls are counted that no route takes. */
const UNKNOWN = "unknown";

const HTML = { "content-type": "text/html; charset=utf-8" };
const SCRIPT = { "content-type": "text/javascript; charset=utf-8" };
const STYLE = { "content-type": "text/css; charset=utf-8" };
const JSON_TYPE = { "content-type": "application/json" };

/** An app with all routes; it does not listen yet. */
export function createApp(services: Services): TemplatedApp {
  const { ctx } = services;
  const app = uWS.App();
  const routes = routesOf(ctx.config);
  for (const route of routes) {
    app[route.method === "delete" ? "del" : route.method](route.path, handlerOf(route, services));
  }

  const get = (path: string, find: Parameters<typeof fileHandler>[1]) => {
    const handler = fileHandler(path, find);
    app.get(path, handler).head(path, handler);
  };
  const text = (body: string, headers: Record<string, string>) => async () => ({
    body: Buffer.from(body),
    headers,
  });

  const live = asyncApiDocument();
  get("/openapi.json", text(openApiDocument(routes), JSON_TYPE));
  get("/asyncapi.json", text(JSON.stringify(live), JSON_TYPE));
  get("/docs", text(DOCS_PAGE, HTML));
  get("/docs/", text(DOCS_PAGE, HTML));
  get("/docs/events", text(eventsPage(live), HTML));
  get("/docs/start.js", text(DOCS_SCRIPT, SCRIPT));
  get("/docs/docs.css", text(DOCS_STYLE, STYLE));
  get("/docs/*", folderFiles("/docs", SWAGGER_UI_DIR));
  get(
    "/media/*",
    mediaFiles(ctx.files, (token) => isProcessing(ctx, token)),
  );
  const healthTimes = requestTimes("get", "/healthz");
  app.get("/healthz", (res) => new Responder(res, healthTimes).json(200, { result: true }));
  const readyTimes = requestTimes("get", "/readyz");
  app.get("/readyz", (res) => {
    const responder = new Responder(res, readyTimes);
    responder.watch();
    checkReadiness(ctx).then(
      (parts) => responder.json(200, { result: true, parts }),
      (error) => responder.problem(error),
    );
  });

  const refuse = (
    res: HttpResponse,
    method: string,
    problem: Problem,
    headers: Record<string, string> = {},
  ) => new Responder(res, requestTimes(method, UNKNOWN)).problem(problem, headers);
  const unknown = (res: HttpResponse, req: HttpRequest) => {
    const method = req.getMethod();
    const problem = unknownCall(routes, method, req.getUrl());
    const call = new Call(ctx.log, "(unknown)", req.getHeader("x-request-id"), "debug");
    call.failed(problem);
    refuse(res, method, problem, call.headers);
  };
  // A route of a method goes before one of any: without its own, GET would come to the files.
  app.get("/api/*", unknown).head("/api/*", unknown).any("/api/*", unknown);
  get("/*", clientFiles(ctx.config.staticDir));
  app.any("/*", (res, req) => {
    const method = req.getMethod();
    refuse(res, method, notOffered(method.toUpperCase(), ["get", "head"]));
  });
  return app;
}

/** 404 for an unknown path; 405 with `Allow` for a known one. */
function unknownCall(routes: Route[], method: string, url: string): Problem {
  const parts = url.split("/");
  const offered = routes.filter((route) => {
    const pattern = route.path.split("/");
    return (
      pattern.length === parts.length &&
      pattern.every((part, i) => part === parts[i] || (part.startsWith(":") && parts[i] !== ""))
    );
  });
  if (offered.length > 0)
    return notOffered(
      method.toUpperCase(),
      offered.map((r) => r.method),
    );
  return new Problem("NotFound", `There is no call ${url}; see /docs.`);
}

function notOffered(method: string, offered: string[]): Problem {
  const allow = [...new Set(offered)].map((each) => each.toUpperCase()).join(", ");
  return new Problem("MethodNotAllowed", `${method} is not offered here; ${allow} is.`, { allow });
}

/** Listens; resolves with the socket to be closed and the port (the given one, or a free one). Where
 * the service has several API processes, they share the port.
 * @throws Error when the address is in use. */
export function listen(
  app: TemplatedApp,
  { host, port, apiProcesses }: Pick<Config, "host" | "port" | "apiProcesses">,
): Promise<{ socket: us_listen_socket; port: number }> {
  return new Promise((resolve, reject) => {
    app.listen(host, port, apiProcesses > 1 ? SHARED_PORT : EXCLUSIVE_PORT, (socket) => {
      if (socket) resolve({ socket, port: uWS.us_socket_local_port(socket) });
      else reject(new Error(`Cannot listen on ${host}:${port}: is another program using it?`));
    });
  });
}

export const stopListening = (socket: us_listen_socket): void => uWS.us_listen_socket_close(socket);
