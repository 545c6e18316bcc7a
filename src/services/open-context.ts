/** Opens everything that services need, in order, and notes how each part is closed again. */
import type { Config } from "../base/config.ts";
import type { Log } from "../base/log.ts";
import type { Shutdown } from "../base/shutdown.ts";
import { ChangeBus } from "../infra/change-bus.ts";
import { ChangeClock } from "../infra/change-clock.ts";
import { openDatabase } from "../infra/database.ts";
import { DeliveredMarker } from "../infra/event-queries.ts";
import { FeedStore } from "../infra/feed-store.ts";
import { FileStore } from "../infra/file-store.ts";
import { createLiveServer, LivePublisher, type LiveServer } from "../infra/live-publisher.ts";
import { JobAdder } from "../infra/queues.ts";
import { RateLimit } from "../infra/rate-limits.ts";
import { connectCache, connectQueue, connectSubscriber, isReady } from "../infra/redis.ts";
import type { Context } from "./context.ts";
import { ScoringRequests } from "./scoring-requests.ts";

/** Redis may be away when a process starts: it then begins without, and takes it up later. */
const REDIS_PATIENCE_MS = 2000;

export interface Opened {
  ctx: Context;
  liveServer: LiveServer;
}

/** @param caching whether the process keeps caches, and so has to hear of changes.
 * @throws Error when Postgres cannot be reached, or a URL is missing. */
export async function openContext(
  config: Config,
  log: Log,
  shutdown: Shutdown,
  caching: boolean,
): Promise<Opened> {
  const { databaseUrl, redisUrl, queueRedisUrl = redisUrl, redisPrefix } = config;
  if (!databaseUrl || !redisUrl || !queueRedisUrl) {
    throw new Error(
      "Set DATABASE_URL and REDIS_URL, or use `npm start`, which brings its own Postgres and Redis.",
    );
  }
  const db = await openDatabase(databaseUrl, config.databasePool);
  shutdown.add("database", () => db.close());

  const cache = connectCache(redisUrl, log);
  const subscriber = connectSubscriber(redisUrl, log, "changes");
  const livePublisher = connectSubscriber(redisUrl, log, "live");
  const liveSubscriber = connectSubscriber(redisUrl, log, "live");
  const queue = connectQueue(queueRedisUrl, log);
  const connections = [cache, subscriber, livePublisher, liveSubscriber, queue];
  shutdown.add("redis", () => {
    for (const connection of connections) connection.disconnect();
  });

  const clock = new ChangeClock();
  const feedStore = new FeedStore(cache, redisPrefix, config.feedWindow, log);
  const bus = new ChangeBus({
    publisher: cache,
    ...(caching && { subscriber }),
    clock,
    prefix: redisPrefix,
    log,
  });
  shutdown.add("changes", () => bus.close());
  const delivered = new DeliveredMarker(db, log);
  shutdown.add("delivered events", () => delivered.flush());
  const jobs = new JobAdder(queue, redisPrefix);
  shutdown.add("queues", () => jobs.close());
  const liveServer = createLiveServer(livePublisher, liveSubscriber, redisPrefix);
  const files = new FileStore(config.dataDir);
  await files.prepare();

  if (await isReady(cache, REDIS_PATIENCE_MS)) await feedStore.open();
  if (await isReady(subscriber, REDIS_PATIENCE_MS)) await bus.start();
  else void bus.start();

  const ctx: Context = {
    config,
    log,
    db,
    feedStore,
    clock,
    bus,
    live: new LivePublisher(liveServer),
    jobs,
    files,
    delivered,
    scoring: new ScoringRequests(jobs),
    limits: {
      reads: new RateLimit(cache, redisPrefix, "reads", config.rateLimits.reads),
      writes: new RateLimit(cache, redisPrefix, "writes", config.rateLimits.writes),
      uploads: new RateLimit(cache, redisPrefix, "uploads", config.rateLimits.uploads),
    },
  };
  return { ctx, liveServer };
}
