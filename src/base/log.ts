/** Logging by pino: JSON lines in production, readable ones in development. */
import { type Logger, pino } from "pino";
import type { Config } from "./config.ts";

export type Log = Logger;

/** `name` is the part that speaks: `api`, `workers`, … Keys of people never reach a line: they are
 * redacted wherever a logged object has them. */
export function createLog(config: Pick<Config, "logLevel" | "development">, name: string): Log {
  const options = {
    name,
    level: config.logLevel,
    redact: ["apiKey", "*.apiKey", "headers['api-key']", "password", "*.password"],
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
