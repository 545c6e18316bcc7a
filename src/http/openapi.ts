/** OpenAPI 3.1, made from the routing table and the schemas that validate. */
import { z } from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from "zod-openapi";
import { type ProblemType, STATUS_OF } from "../contract/errors.ts";
import { ErrorBody, Id, IdempotencyKey } from "../contract/schemas.ts";
import { callClassOf, type Route } from "./route.ts";

/** What any call may answer, whatever it does. */
const ALWAYS: ProblemType[] = ["Unauthorized", "TooManyRequests", "InternalError", "Unavailable"];

const count = (description: string, example: number) => z.int().meta({ description, example });

const LIMIT_HEADERS = z.object({
  "RateLimit-Limit": count("Calls of this kind a minute.", 1200),
  "RateLimit-Remaining": count("Calls that are left.", 1199),
  "RateLimit-Reset": count("Seconds until all of them are free again.", 42),
});

const REFUSAL_HEADERS = LIMIT_HEADERS.extend({
  "RateLimit-Remaining": count("None is left.", 0),
  "Retry-After": count("Seconds until the next call is taken.", 42),
});

const UPLOAD_FORM = z.object({
  file: z.string().meta({
    format: "binary",
    description: "The image: JPEG, PNG, WebP, GIF, AVIF or TIFF, told by its bytes.",
  }),
});

const IDEMPOTENCY = z.object({ "Idempotency-Key": IdempotencyKey.optional() });

/** Swagger UI groups the calls by it: "v1 tweets", "v2 tweets". */
function tagOf({ path }: Route): string {
  const [, , first, second] = path.split("/");
  return first === "v2" ? `v2 ${second}` : `v1 ${first}`;
}

function operation(route: Route): ZodOpenApiOperationObject {
  const responses: ZodOpenApiOperationObject["responses"] = {};
  for (const [status, schema] of Object.entries(route.answers)) {
    responses[status as "200"] = {
      description: status === "201" ? "Done; something is new" : "Done",
      ...(callClassOf(route) !== "reads" && { headers: LIMIT_HEADERS }),
      content: { "application/json": { schema } },
    };
  }
  const problems = [...route.problems, ...ALWAYS] as ProblemType[];
  if (route.body) problems.push("PayloadTooLarge", "RequestTimeout");
  for (const [status, types] of Map.groupBy(new Set(problems), (type) => STATUS_OF[type])) {
    responses[String(status) as "400"] = {
      description: types.map((type) => `\`${type}\``).join(" or "),
      ...(status === STATUS_OF.TooManyRequests && { headers: REFUSAL_HEADERS }),
      content: { "application/json": { schema: ErrorBody } },
    };
  }
  return {
    summary: route.summary,
    tags: [tagOf(route)],
    security: [{ apiKey: [] }],
    requestParams: {
      ...(route.path.includes(":id") && { path: z.object({ id: Id }) }),
      ...(route.query && { query: route.query as never }),
      ...(route.idempotent && { header: IDEMPOTENCY }),
    },
    ...(route.body && {
      requestBody: {
        required: true,
        content:
          route.body === "upload"
            ? { "multipart/form-data": { schema: UPLOAD_FORM } }
            : { "application/json": { schema: route.body } },
      },
    }),
    responses,
  };
}

/** The document as JSON text. */
export function openApiDocument(routes: Route[]): string {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return JSON.stringify(
    createDocument({
      openapi: "3.1.0",
      info: {
        title: "Warble",
        version: "1",
        description:
          "A corporate microblog. Send your key in the header `api-key`. Every failure answers " +
          "`{result: false, error_type, error_message}`. Writes and failures answer with the header " +
          "`X-Request-Id` (yours, if you send one of up to 64 letters, digits and `_.:-`), by which " +
          "operators find them in the log.",
      },
      paths,
      components: {
        securitySchemes: { apiKey: { type: "apiKey", in: "header", name: "api-key" } },
      },
    }),
  );
}
