/** Logging by pino: JSON lines in production, readable ones in development. */
import { type Logger, pino } from "pino";
import type { Config } from "./config.ts";

export type Log = Logger;

/** `name` is the part that speaks: `api`, `workers`, … Keys of people and what they write never
 * reach a line: keys are redacted wherever a logged object has them, and of an error only what is
 * said here is told. */
export function createLog(config: Pick<Config, "logLevel" | "development">, name: string): Log {
  const options = {
    name,
    level: config.logLevel,
    redact: ["apiKey", "*.apiKey", "headers['api-key']", "password", "*.password"],
    serializers: { err: describeError },
  };
  if (!config.development) return pino(options);
  return pino({
    ...options,
    transport: {
      target: "pino-pretty",
      options: { ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss" },
    },
  });
}

/** An error without its other properties: PostgreSQL's have the row that was refused (`detail`, which
 * MikroORM repeats in the message), those of Redis the command with all its values. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = "code" in error ? error.code : undefined;
  const detail = "detail" in error && typeof error.detail === "string" ? error.detail : "";
  const withoutDetail = (text = "") => (detail === "" ? text : text.replaceAll(detail, "(hidden)"));
  return {
    type: error.name,
    message: withoutDetail(error.message),
    stack: withoutDetail(error.stack),
    ...(code !== undefined && { code }),
    ...(error.cause instanceof Error && { cause: describeError(error.cause) }),
  };
}
