/** The workers' process: BullMQ workers for every queue, the relay, and the schedules. Any number
 * may run side by side. */
import { type Job, Worker } from "bullmq";
import { loadConfig } from "../src/base/config.ts";
import { createLog } from "../src/base/log.ts";
import { gaugeJobs, gaugeRelayBacklog, observeJobRun } from "../src/base/metrics/jobs.ts";
import { serveMetrics, timed } from "../src/base/metrics.ts";
import { Shutdown } from "../src/base/shutdown.ts";
import { QUEUE_NAMES, type QueueName } from "../src/contract/jobs.ts";
import { eventBacklog } from "../src/infra/event-queries.ts";
import { queuePrefix } from "../src/infra/queues.ts";
import { connectWorkerQueue } from "../src/infra/redis.ts";
import { openContext } from "../src/services/open-context.ts";
import { retryStuckPictures } from "../src/services/upkeep.ts";
import { serveDashboard } from "./admin/dashboard.ts";
import { Canary } from "./canary.ts";
import { countJobsOf } from "./job-figures.ts";
import { CONCURRENCY, handlers } from "./jobs/handlers.ts";
import { Relay } from "./relay.ts";

/** A job whose worker died is taken up again after this time at the latest, twice over. */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5000;
/** Schedules are set again and again: a flushed Redis has forgotten them. */
const UPKEEP_MS = 10_000;
const MINUTE_MS = 60_000;

const config = loadConfig();
const log = createLog(config, "workers");
const shutdown = new Shutdown(log);
shutdown.onSignals();

const { ctx } = await openContext(config, log, shutdown, false);

/** How a job stands in the log. */
const jobLogged = (queue: QueueName, job: Job | undefined) => ({
  queue,
  job: job?.name,
  id: job?.id,
  attempts: job?.attemptsMade,
  requestIds: job?.data?.requestIds,
});

function startWorker(name: QueueName): Worker {
  const jobs = handlers[name] as Record<string, (c: typeof ctx, data: never) => Promise<unknown>>;
  const connection = connectWorkerQueue(config.queueRedisUrl as string, log);
  const worker = new Worker(
    name,
    async (job) => {
      const handle = jobs[job.name];
      if (!handle) throw new Error(`no handler for the job ${job.name}`);
      return timed(
        (seconds) => observeJobRun(seconds, name, job.name),
        () => handle(ctx, job.data as never),
      );
    },
    {
      connection,
      prefix: queuePrefix(config.redisPrefix),
      concurrency: CONCURRENCY[name],
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: 3,
      // The version has to be known: an unknown one is taken for an old Redis, which waits in whole
      // seconds, and a count of likes that is due in 100 ms then came after one second.
      skipVersionCheck: false,
    },
  );
  countJobsOf(worker, name);
  worker.on("error", (error) => log.debug({ err: error, queue: name }, "worker"));
  worker.on("completed", (job) => {
    // What nobody asked for, and what many ask for together, happens all the time.
    log[job.data?.requestIds?.length > 0 ? "info" : "debug"](jobLogged(name, job), "job done");
  });
  worker.on("failed", (job, error) =>
    log.warn({ err: error, ...jobLogged(name, job) }, "job failed"),
  );
  shutdown.add(`worker ${name}`, async () => {
    await worker.close();
    connection.disconnect();
  });
  return worker;
}

async function keepUp(): Promise<void> {
  try {
    await ctx.jobs.schedule("scores", "decay-scores", 5 * MINUTE_MS);
    await ctx.jobs.schedule("upkeep", "sweep", 10 * MINUTE_MS);
    await retryStuckPictures(ctx);
  } catch (error) {
    log.debug({ err: error }, "schedules could not be set; tried again soon");
  }
}

for (const name of QUEUE_NAMES) startWorker(name);
const relay = new Relay(ctx);
relay.start();
shutdown.add("relay", () => relay.stop());
const timer = setInterval(keepUp, UPKEEP_MS);
shutdown.add("schedules", () => clearInterval(timer));
await keepUp();

if (config.canaryUrl !== undefined) {
  const canary = new Canary(ctx, config.canaryUrl);
  canary.start();
  shutdown.add("canary", () => canary.stop());
}

gaugeRelayBacklog(() => eventBacklog(ctx.db));
gaugeJobs(() => ctx.jobs.counts());
shutdown.add("metrics", await serveMetrics(config.host, config.metricsPort, log));
shutdown.add("queue dashboard", await serveDashboard(config, log));
log.info("the workers wait for jobs");
process.send?.({ ready: true });
