/** Opens everything that services need, in order, and notes how each part is closed again. */
import type { Config } from "../base/config.ts";
import { InFlight } from "../base/in-flight.ts";
import type { Log } from "../base/log.ts";
import type { Shutdown } from "../base/shutdown.ts";
import { CanaryPasses } from "../infra/canary-pass.ts";
import { ChangeBus } from "../infra/change-bus.ts";
import { ChangeClock } from "../infra/change-clock.ts";
import { openDatabase } from "../infra/database.ts";
import { DeliveredMarker } from "../infra/event-queries.ts";
import { FeedStore } from "../infra/feed-store.ts";
import { FileStore } from "../infra/file-store.ts";
import { LivePublisher } from "../infra/live-publisher.ts";
import { createLiveServer, LiveChannel, type LiveServer } from "../infra/live-server.ts";
import { tellOfMachine } from "../infra/machine-figures.ts";
import { JobAdder } from "../infra/queues.ts";
import { createRateLimits } from "../infra/rate-limits.ts";
import { connectCache, connectQueue, connectSubscriber, isReady } from "../infra/redis.ts";
import { tellOfServers, tellOfStores } from "../infra/store-figures.ts";
import { Subscription } from "../infra/subscription.ts";
import type { Context } from "./context.ts";
import { ScoringRequests } from "./scoring-requests.ts";

/** Redis may be away when a process starts: it then begins without, and takes it up later. */
const REDIS_PATIENCE_MS = 2000;
/** What is not delivered by then is left to the relay of another process. */
const DELIVERIES_MS = 2000;

export interface Opened {
  ctx: Context;
  liveServer: LiveServer;
}

/** @param serving whether the process has clients and caches, and so has to hear of changes.
 * @throws Error when Postgres cannot be reached, or a URL is missing. */
export async function openContext(
  config: Config,
  log: Log,
  shutdown: Shutdown,
  serving: boolean,
): Promise<Opened> {
  const { databaseUrl, redisUrl, queueRedisUrl = redisUrl, redisPrefix } = config;
  if (!databaseUrl || !redisUrl || !queueRedisUrl) {
    throw new Error(
      "Set DATABASE_URL and REDIS_URL, or use `npm start`, which brings its own Postgres and Redis.",
    );
  }
  const db = await openDatabase(databaseUrl, config.databasePool);
  shutdown.add("database", () => db.close());

  const cache = connectCache(redisUrl, log, "cache");
  const publisher = connectCache(redisUrl, log, "live");
  const queue = connectQueue(queueRedisUrl, log);
  const connections = [cache, publisher, queue];
  shutdown.add("redis", () => {
    for (const connection of connections) connection.disconnect();
  });
  tellOfStores(db, { redis: cache, "redis-live": publisher, "redis-queues": queue });
  const subscriber = serving ? connectSubscriber(redisUrl, log) : undefined;
  const subscription = subscriber && new Subscription(subscriber);
  shutdown.add("subscription", () => {
    subscription?.close();
    subscriber?.disconnect();
  });

  const clock = new ChangeClock();
  const feedStore = new FeedStore(cache, redisPrefix, config.feedWindow, log);
  const bus = new ChangeBus({
    publisher: cache,
    ...(subscription && { subscription }),
    clock,
    prefix: redisPrefix,
    log,
  });
  const delivered = new DeliveredMarker(db, log);
  shutdown.add("delivered events", () => delivered.flush());
  const jobs = new JobAdder(queue, redisPrefix);
  shutdown.add("queues", () => jobs.close());
  const deliveries = new InFlight();
  const scoring = new ScoringRequests(jobs);
  shutdown.add("deliveries", async () => {
    await deliveries.settle(DELIVERIES_MS);
    await scoring.settle();
  });
  const channel = new LiveChannel(publisher);
  const liveServer = createLiveServer(channel, subscription, redisPrefix);
  const files = new FileStore(config.dataDir);
  await files.prepare();

  if (!serving) {
    // Of what there is one of for all processes, the workers tell.
    tellOfServers(db, { redis: cache, "redis-queues": queue });
    tellOfMachine(config.dataDir);
  }

  if (await isReady(cache, REDIS_PATIENCE_MS)) await feedStore.open();
  if (subscriber && subscription) {
    await isReady(subscriber, REDIS_PATIENCE_MS);
    await subscription.start();
  }

  const ctx: Context = {
    config,
    log,
    db,
    feedStore,
    clock,
    bus,
    live: new LivePublisher(liveServer, channel),
    jobs,
    files,
    deliveries,
    delivered,
    scoring,
    limits: createRateLimits(cache, redisPrefix, config.rateLimits),
    canaryPasses: new CanaryPasses(cache, redisPrefix),
  };
  return { ctx, liveServer };
}
