/** What a route is: data. Handlers know no framework: a checked request comes in, an answer goes
 * out; the schemas give their types, validate, and document. */
import type { z } from "zod";
import type { Person } from "../services/people.ts";
import type { Services } from "./services.ts";

export type Method = "get" | "post" | "delete";

export interface Answer {
  status: number;
  /** A Buffer is JSON already. */
  body: object | Buffer;
  headers?: Readonly<Record<string, string>>;
}

/** A file field of a multipart form, received to `path` and owned by the handler from then on. */
export interface Upload {
  path: string;
  bytes: number;
}

interface RouteOf<Query, Body> {
  method: Method;
  /** As in uWebSockets.js: `/api/tweets/:id`. A parameter is an id, of which there is one. */
  path: string;
  summary: string;
  /** What may be asked in the query. */
  query?: z.ZodType<Query>;
  /** The JSON body, or `"upload"`: a multipart form with the field `file`. */
  body?: z.ZodType<Body> | "upload";
  /** Whether it takes the header `Idempotency-Key`. */
  idempotent?: boolean;
  /** What each success answers, for the documentation. */
  answers: Record<number, z.ZodType>;
  /** The failures that this route has besides those of every route. */
  problems: readonly string[];
  handle: (request: Request<Query, Body>, services: Services) => Answer | Promise<Answer>;
}

export interface Request<Query = unknown, Body = unknown> {
  person: Person;
  /** The id in the path; 0 where the path has none. */
  id: number;
  query: Query;
  body: Body;
  /** By which log lines find together; empty for a read that is not logged. */
  requestId: string;
  /** Of a route that is `idempotent`, when the header was sent. */
  idempotencyKey: string | undefined;
}

export type Route = RouteOf<unknown, unknown>;

/** Checks that a route's parts fit one another; the table then holds them all as one type. */
export function route<Query = undefined, Body = undefined>(given: RouteOf<Query, Body>): Route {
  return given as unknown as Route;
}

/** By which limit the route's calls are counted. */
export const callClassOf = ({ method, body }: Route): "reads" | "writes" | "uploads" =>
  method === "get" ? "reads" : body === "upload" ? "uploads" : "writes";

export const ok = (body: object | Buffer): Answer => ({ status: 200, body });
export const created = (body: object): Answer => ({ status: 201, body });
/** Repeating a change is harmless: the first time it answers 201, later 200. */
export const done = (changed: boolean): Answer => ({
  status: changed ? 201 : 200,
  body: { result: true },
});
