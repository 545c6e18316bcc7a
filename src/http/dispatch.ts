/**
 * From uWebSockets.js to a route's handler and back.
 *
 * What can be answered at once is answered within uWebSockets.js' callback: no promise, no abort
 * handler, one cork. All that is needed of the request is copied before the first `await`, since
 * the request is gone afterwards.
 */

import type { HttpRequest, HttpResponse } from "uWebSockets.js";
import { LRUCache } from "lru-cache";
import { clientAddress } from "../base/client-address.ts";
import { requestTimes } from "../base/metrics/requests.ts";
import { Problem, type ProblemType, rateLimitHeaders, tooMany } from "../contract/errors.ts";
import { IdempotencyKey } from "../contract/schemas.ts";
import type { Person } from "../services/people.ts";
import { BODY_TIMEOUT_MS, check, readJson } from "./body.ts";
import { Call } from "./call.ts";
import { receiveUpload } from "./multipart.ts";
import { Responder } from "./respond.ts";
import { type Answer, callClassOf, type Request, type Route, type Upload } from "./route.ts";
import type { Services } from "./services.ts";
import { UploadError, type UploadFailure } from "./upload-errors.ts";

/** Above the largest id that the schema has, so that a path cannot overflow Postgres' integer. */
const ID = /^[1-9]\d{0,9}$/;
const MAX_ID = 2_147_483_647;

/** A longer one holds a cursor, which hardly comes twice. */
const MAX_REMEMBERED_QUERY = 200;

type Handler = (res: HttpResponse, req: HttpRequest) => void;

/** The uWebSockets.js handler of one route. */
export function handlerOf(route: Route, services: Services): Handler {
  const { people, ctx } = services;
  const hasId = route.path.includes(":id");
  const parseQuery = memoizedQuery(route);
  const callClass = callClassOf(route);
  const limit = ctx.limits[callClass];
  const times = requestTimes(route.method, route.path);

  const count = (person: Person) => {
    const exceeded = limit.take(person.id);
    if (exceeded) throw tooMany(exceeded.limit, exceeded.retryAfterS);
  };

  /** Answers to writes say what is left of the limit. Those to reads do not: most are ready bytes,
   * for which three more headers would be a cost, and their limit is far away for who polls. */
  const limitHeaders = (person: Person): Record<string, string> | undefined => {
    const left = callClass === "reads" ? undefined : limit.left(person.id);
    return left && rateLimitHeaders(left.limit, left.remaining, left.resetS);
  };

  /** A read that is answered at once and not logged is no call: most are, and cost the least. */
  const name = `${route.method.toUpperCase()} ${route.path}`;
  const [level, isLogged] = (
    callClass === "reads" ? ["debug", ctx.log.isLevelEnabled("debug")] : ["info", true]
  ) as ["debug" | "info", boolean];
  const callOf = (req: HttpRequest) =>
    new Call(ctx.log, name, req.getHeader("x-request-id"), level);

  const handle = (request: Request): Answer | Promise<Answer> => {
    const headers = limitHeaders(request.person);
    const answer = route.handle(request, services);
    if (!headers) return answer;
    return Promise.resolve(answer).then((given) => ({
      ...given,
      headers: { ...given.headers, ...headers },
    }));
  };

  /** As with all of the request: to be read before the handler returns. */
  const addressOf = (res: HttpResponse, req: HttpRequest): string =>
    clientAddress(
      Buffer.from(res.getRemoteAddressAsText()).toString(),
      req.getHeader("x-forwarded-for"),
      ctx.config.trustedProxies,
    );

  const fail = (responder: Responder, error: unknown, call: Call) => {
    call.failed(error);
    responder.problem(error, call.headers);
  };

  const send = (responder: Responder, { status, body, headers }: Answer, call?: Call) => {
    if (!call) return responder.json(status, body, headers);
    call.succeeded(status);
    responder.json(status, body, { ...headers, ...call.headers });
  };

  const settle = async (responder: Responder, answer: Promise<Answer>, call: Call) => {
    try {
      send(responder, await answer, call);
    } catch (error) {
      fail(responder, error, call);
    }
  };

  const withoutBody: Handler = (res, req) => {
    const responder = new Responder(res, times);
    let call = isLogged ? callOf(req) : undefined;
    try {
      const key = req.getHeader("api-key");
      const rawQuery = route.query ? (req.getQuery() ?? "") : "";
      const rawId = hasId ? req.getParameter(0) : undefined;
      const answerTo = (person: Person) => {
        if (call) call.userId = person.id;
        count(person);
        const id = hasId ? idOf(rawId) : 0;
        const query = parseQuery(rawQuery);
        const requestId = call?.requestId ?? "";
        return handle({ person, id, query, body: undefined, requestId, idempotencyKey: undefined });
      };
      const known = people.recognize(key);
      const answer = known
        ? answerTo(known)
        : people.authenticate(key, addressOf(res, req)).then(answerTo);
      if (!(answer instanceof Promise)) return send(responder, answer, call);
      responder.watch();
      call ??= callOf(req);
      void settle(responder, answer, call);
    } catch (error) {
      fail(responder, error, call ?? callOf(req));
    }
  };

  const discard = async (body: unknown) => {
    if (isUpload(body)) await ctx.files.discardUpload(body.path);
  };

  const admit = async (key: string, address: string, call: Call): Promise<Person> => {
    const person = await people.authenticate(key, address);
    call.userId = person.id;
    count(person);
    return person;
  };

  const withBody: Handler = (res, req) => {
    const responder = new Responder(res, times);
    responder.watch();
    const call = callOf(req);
    const head = {
      key: req.getHeader("api-key"),
      address: addressOf(res, req),
      rawId: hasId ? req.getParameter(0) : undefined,
      contentType: req.getHeader("content-type"),
      contentLength: contentLengthOf(req),
      idempotencyKey: route.idempotent ? req.getHeader("idempotency-key") : "",
    };
    const unwanted = new AbortController();
    // The body is taken in at once, beside the look-up of the key: uWebSockets.js does not wait.
    const arriving =
      route.body === "upload"
        ? acceptUpload(responder, head, unwanted.signal, services)
        : readJson(responder, head.contentType, head.contentLength);
    // It may fail before anybody waits for it, while the key is still looked up.
    arriving.catch(() => undefined);
    const answer = async (): Promise<Answer> => {
      const person = await admit(head.key, head.address, call).catch(async (error) => {
        // Who is not allowed in is told so, whatever the body is like; nothing of it is kept.
        unwanted.abort();
        await arriving.then(discard, () => undefined);
        throw error;
      });
      const body = await arriving.catch((error) => {
        throw asProblem(error);
      });
      const request: Request = {
        person,
        id: hasId ? idOf(head.rawId) : 0,
        query: undefined,
        body: route.body === "upload" ? body : check(route.body as never, body),
        requestId: call.requestId,
        idempotencyKey:
          head.idempotencyKey === "" ? undefined : check(IdempotencyKey, head.idempotencyKey),
      };
      return handle(request);
    };
    void settle(responder, answer(), call);
  };

  return route.body ? withBody : withoutBody;
}

const isUpload = (body: unknown): body is Upload =>
  typeof body === "object" && body !== null && "path" in body;

function acceptUpload(
  responder: Responder,
  head: { contentType: string; contentLength: number | undefined },
  signal: AbortSignal,
  { ctx }: Services,
): Promise<Upload> {
  if (!/^multipart\/form-data\b/i.test(head.contentType)) {
    const message = "Send the image as multipart/form-data, in the field named file.";
    return Promise.reject(new Problem("UnsupportedMediaType", message));
  }
  const path = ctx.files.createUpload();
  return receiveUpload(responder, head.contentType, head.contentLength, {
    maxBytes: ctx.config.uploadMaxBytes,
    field: "file",
    path,
    idleTimeoutMs: BODY_TIMEOUT_MS,
    onAborted: (listener) => responder.onAborted(listener),
    signal,
  }).then(({ bytes }) => ({ path, bytes }));
}

const PROBLEM_OF: Record<UploadFailure, ProblemType> = {
  "too-large": "PayloadTooLarge",
  missing: "InvalidImage",
  malformed: "BadRequest",
  stalled: "RequestTimeout",
  aborted: "BadRequest",
};

const asProblem = (error: unknown): unknown =>
  error instanceof UploadError ? new Problem(PROBLEM_OF[error.kind], error.message) : error;

/** @throws Problem `NotFound`: what is no id names nothing. */
function idOf(raw: string | undefined): number {
  const id = raw !== undefined && ID.test(raw) ? Number(raw) : 0;
  if (id < 1 || id > MAX_ID)
    throw new Problem("NotFound", `There is nothing with the id "${raw}".`);
  return id;
}

const contentLengthOf = (req: HttpRequest): number | undefined => {
  const raw = req.getHeader("content-length");
  return raw === "" ? undefined : Number(raw);
};

/** The same few queries come again and again; a checked query is remembered by its text. An empty
 * value is as if it were absent. */
function memoizedQuery(route: Route): (raw: string) => unknown {
  const { query } = route;
  if (!query) return () => undefined;
  const known = new LRUCache<string, object>({ max: 1000 });
  return (raw) => {
    const before = known.get(raw);
    if (before) return before;
    const given = [...new URLSearchParams(raw)].filter(([, value]) => value !== "");
    const parsed = check(query, Object.fromEntries(given)) as object;
    if (raw.length <= MAX_REMEMBERED_QUERY) known.set(raw, parsed);
    return parsed;
  };
}
