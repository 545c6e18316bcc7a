/** Counts what becomes of a queue's jobs. */
import type { Worker } from "bullmq";
import {
  countCompletedJob,
  countFailedJob,
  countStalledJob,
  observeJobWait,
} from "../src/base/metrics/jobs.ts";
import type { QueueName } from "../src/contract/jobs.ts";

export function countJobsOf(worker: Worker, queue: QueueName): void {
  worker.on("active", ({ attemptsMade, timestamp, processedOn = Date.now(), opts }) => {
    // Of a second attempt nothing tells since when it could run.
    if (attemptsMade > 0) return;
    const waitedMs = processedOn - timestamp - (opts.delay ?? 0);
    observeJobWait(Math.max(0, waitedMs) / 1000, queue);
  });
  worker.on("completed", () => countCompletedJob(queue));
  worker.on("failed", () => countFailedJob(queue));
  worker.on("stalled", () => countStalledJob(queue));
}
