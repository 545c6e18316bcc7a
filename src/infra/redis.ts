/** Connections to Redis. Each use has its own: a blocking reader or a subscriber must not hold up
 * the others, and the cache must fail at once where a queue has to wait. */
import { Redis } from "ioredis";
import type { Log } from "../base/log.ts";
import { keyPatterns } from "../contract/keys.ts";

const SCAN_COUNT = 1000;

/** Never longer than half a second between two tries: after a restart of Redis every process is
 * back well within the two seconds that the design allows. */
const retryStrategy = (attempt: number): number => Math.min(50 * attempt, 500);

/** Logs the beginning and the end of an outage, not each failed try. */
function logOutages(redis: Redis, log: Log, name: string): Redis {
  let away = false;
  redis.on("error", (error: Error) => {
    if (away) return;
    away = true;
    log.warn({ err: error.message, connection: name }, "Redis does not answer");
  });
  redis.on("ready", () => {
    if (away) log.info({ connection: name }, "Redis is back");
    away = false;
  });
  return redis;
}

/** For caches and for publishing: a command fails at once while Redis is away, and is never repeated
 * by itself (a repeated command could reach a restarted Redis, where what it assumed no longer
 * holds). */
export const connectCache = (url: string, log: Log, name: string): Redis =>
  logOutages(
    new Redis(url, {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: 1500,
      retryStrategy,
    }),
    log,
    name,
  );

/** For a `Subscription`, which subscribes anew by itself and so knows when it hears again. */
export const connectSubscriber = (url: string, log: Log): Redis =>
  logOutages(
    new Redis(url, {
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy,
    }),
    log,
    "subscription",
  );

/** For BullMQ workers, which block and wait (`maxRetriesPerRequest: null` is BullMQ's demand). */
export const connectWorkerQueue = (url: string, log: Log): Redis =>
  logOutages(new Redis(url, { maxRetriesPerRequest: null, retryStrategy }), log, "queues");

/** For adding jobs: fails at once while Redis is away; the relay adds them later. */
export const connectQueue = (url: string, log: Log): Redis =>
  logOutages(
    new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1, retryStrategy }),
    log,
    "queues",
  );

/** Waits until the connection is ready, or `timeoutMs` have passed.
 * @returns whether it is ready. */
export async function isReady(redis: Redis, timeoutMs: number): Promise<boolean> {
  if (redis.status === "ready") return true;
  return new Promise((resolve) => {
    const done = (ready: boolean) => {
      clearTimeout(timer);
      redis.off("ready", onReady);
      resolve(ready);
    };
    const onReady = () => done(true);
    const timer = setTimeout(() => done(false), timeoutMs);
    redis.once("ready", onReady);
  });
}

/** Removes all that an installation keeps in this Redis; it can all be made again from Postgres.
 * @returns how many keys went. @throws Error when Redis does not answer. */
export async function forgetInstallation(url: string, prefix: string): Promise<number> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on("error", () => undefined); // the commands tell
  let removed = 0;
  try {
    await redis.connect();
    for (const match of keyPatterns(prefix)) {
      for await (const keys of redis.scanStream({ match, count: SCAN_COUNT })) {
        if (keys.length > 0) removed += await redis.unlink(keys);
      }
    }
    return removed;
  } finally {
    redis.disconnect();
  }
}
