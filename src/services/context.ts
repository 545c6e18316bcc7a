/** What services work with: filled once, by hand, at the start, and passed as an argument. */
import type { Config } from "../base/config.ts";
import type { InFlight } from "../base/in-flight.ts";
import type { Log } from "../base/log.ts";
import type { CanaryPasses } from "../infra/canary-pass.ts";
import type { ChangeBus } from "../infra/change-bus.ts";
import type { ChangeClock } from "../infra/change-clock.ts";
import type { Database } from "../infra/database.ts";
import type { DeliveredMarker } from "../infra/event-queries.ts";
import type { FeedStore } from "../infra/feed-store.ts";
import type { FileStore } from "../infra/file-store.ts";
import type { LivePublisher } from "../infra/live-publisher.ts";
import type { JobAdder } from "../infra/queues.ts";
import type { RateLimits } from "../infra/rate-limits.ts";
import type { ScoringRequests } from "./scoring-requests.ts";

export interface Context {
  config: Config;
  log: Log;
  db: Database;
  feedStore: FeedStore;
  clock: ChangeClock;
  bus: ChangeBus;
  live: LivePublisher;
  jobs: JobAdder;
  files: FileStore;
  /** Deliveries that are under way. */
  deliveries: InFlight;
  delivered: DeliveredMarker;
  scoring: ScoringRequests;
  limits: RateLimits;
  canaryPasses: CanaryPasses;
}
