/** Settings: read once from the environment, checked together, frozen. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { PASSWORD_HASH } from "./password-hash.ts";

const integer = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^-?\d+$/, { error: "must be a whole number" })
    .transform(Number)
    .refine((n) => n >= min && n <= max, { error: `must be from ${min} to ${max}` })
    .default(fallback);

const url = (...schemes: string[]) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)),
      { error: `must be a URL beginning with ${schemes.map((s) => `${s}://`).join(" or ")}` },
    )
    .optional();

/** The web page as `npm run build` makes it. */
export const CLIENT_DIST = fileURLToPath(new URL("../../client/dist", import.meta.url));

/** One line each: the variable, its rule, its default. README lists the same. */
const Environment = z.object({
  PORT: integer(0, 65_535, 8000),
  HOST: z.string().default("127.0.0.1"),
  METRICS_PORT: integer(0, 65_535, 9100),
  /** The API as the workers' canary reaches it; absent: no canary. */
  CANARY_URL: url("http", "https"),
  /** The queue dashboard of the workers; 0: none. */
  ADMIN_PORT: integer(0, 65_535, 9200),
  ADMIN_PASSWORD_HASH: z
    .string()
    .regex(PASSWORD_HASH, { error: "must be what `npm run admin-password` prints" })
    .optional(),
  ADMIN_READ_ONLY: z.enum(["true", "false"], { error: "must be true or false" }).default("true"),
  /** API processes on the same port of one machine. */
  API_PROCESSES: integer(1, 64, 1),
  DATABASE_URL: url("postgres", "postgresql"),
  DATABASE_POOL: integer(1, 1000, 10),
  REDIS_URL: url("redis", "rediss"),
  /** The Redis of the queues, where it is not the same. */
  QUEUE_REDIS_URL: url("redis", "rediss"),
  /** Stands before every Redis key and channel; two installations may share one Redis. */
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w-]+$/, { error: "may have letters, digits, _ and -" })
    .default("warble"),
  DATA_DIR: z.string().min(1).default("./data"),
  STATIC_DIR: z.string().min(1).optional(),
  FEED_WINDOW: integer(1, 5000, 500),
  TWEET_MAX_LENGTH: integer(1, 100_000, 280),
  UPLOAD_MAX_BYTES: integer(1024, 1024 ** 3, 10 * 1024 ** 2),
  UPLOAD_MAX_PIXELS: integer(1, 1_000_000_000, 50_000_000),
  /** Calls a minute and person; 0: no limit. */
  RATE_LIMIT_READS: integer(0, 1_000_000_000, 6000),
  RATE_LIMIT_WRITES: integer(0, 1_000_000_000, 1200),
  RATE_LIMIT_UPLOADS: integer(0, 1_000_000_000, 120),
  /** Handshakes of sockets a minute and person. */
  RATE_LIMIT_SOCKETS: integer(0, 1_000_000_000, 600),
  /** Look-ups of unknown keys a minute and address. */
  RATE_LIMIT_FAILED_KEYS: integer(0, 1_000_000_000, 60),
  /** Proxies in front: so many of the last entries of `X-Forwarded-For` are believed. */
  TRUST_PROXY: integer(0, 10, 0),
  CACHE_MAX_BYTES: integer(0, 1024 ** 4, 128 * 1024 ** 2),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  NODE_ENV: z.string().optional(),
});

/** Their values are not repeated when they are wrong: what is there may be a password. */
const SECRETS: ReadonlySet<string> = new Set([
  "ADMIN_PASSWORD_HASH",
  "DATABASE_URL",
  "REDIS_URL",
  "QUEUE_REDIS_URL",
]);
/** The names of all settings. */
export const SETTINGS: readonly string[] = Object.keys(Environment.shape);

export class ConfigError extends Error {
  override name = "ConfigError";
}

export type Config = Readonly<ReturnType<typeof shape>>;

const shape = (env: z.output<typeof Environment>) => ({
  port: env.PORT,
  host: env.HOST,
  metricsPort: env.METRICS_PORT,
  canaryUrl: env.CANARY_URL,
  admin: {
    port: env.ADMIN_PORT,
    passwordHash: env.ADMIN_PASSWORD_HASH,
    readOnly: env.ADMIN_READ_ONLY === "true",
  },
  apiProcesses: env.API_PROCESSES,
  databaseUrl: env.DATABASE_URL,
  databasePool: env.DATABASE_POOL,
  redisUrl: env.REDIS_URL,
  queueRedisUrl: env.QUEUE_REDIS_URL ?? env.REDIS_URL,
  redisPrefix: env.REDIS_PREFIX,
  dataDir: resolve(env.DATA_DIR),
  staticDir: resolve(env.STATIC_DIR ?? CLIENT_DIST),
  feedWindow: env.FEED_WINDOW,
  tweetMaxLength: env.TWEET_MAX_LENGTH,
  uploadMaxBytes: env.UPLOAD_MAX_BYTES,
  uploadMaxPixels: env.UPLOAD_MAX_PIXELS,
  rateLimits: {
    reads: env.RATE_LIMIT_READS,
    writes: env.RATE_LIMIT_WRITES,
    uploads: env.RATE_LIMIT_UPLOADS,
    sockets: env.RATE_LIMIT_SOCKETS,
    failedKeys: env.RATE_LIMIT_FAILED_KEYS,
  },
  trustedProxies: env.TRUST_PROXY,
  cacheMaxBytes: env.CACHE_MAX_BYTES,
  logLevel: env.LOG_LEVEL,
  development: env.NODE_ENV !== "production",
});

/** The settings, frozen. An empty variable counts as absent.
 * @throws ConfigError naming every faulty variable, not only the first. */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => {
      const name = String(path[0]);
      return `  ${name} ${message}${SECRETS.has(name) ? "" : ` (it is "${given[name]}")`}`;
    });
    throw new ConfigError(`These settings are wrong:\n${faults.join("\n")}`);
  }
  return Object.freeze(shape(parsed.data));
}
