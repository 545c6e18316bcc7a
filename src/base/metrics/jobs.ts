/** Figures of the workers: queues, pictures, scores, and the relay. */
import { QUEUE_NAMES, type QueueName } from "../../contract/jobs.ts";
import { counter, gauge, timer, total } from "../metrics.ts";

/** Jobs take from a millisecond (a count of likes) to many seconds (a wide fan-out). */
const JOBS_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** @param read by queue, then by state. */
export const gaugeJobs = (read: () => Promise<Record<QueueName, Record<string, number>>>) =>
  gauge("jobs", "Jobs in the queues, by state", read, "queue", "state");

export const observeJobWait = timer(
  "job_wait_seconds",
  "From the moment when a job could run until it did",
  JOBS_S,
  "queue",
);

/** Not by `job`: that is Prometheus' own label, for the kind of process. */
export const observeJobRun = timer(
  "job_run_seconds",
  "The run of a job, by its name",
  JOBS_S,
  "queue",
  "name",
);

export const countCompletedJob = counter(
  "jobs_completed_total",
  "Jobs that were done",
  "queue",
  QUEUE_NAMES,
);

export const countFailedJob = counter(
  "jobs_failed_total",
  "Attempts at jobs that failed; a job is tried five times",
  "queue",
  QUEUE_NAMES,
);

export const countStalledJob = counter(
  "jobs_stalled_total",
  "Jobs whose worker died or hung; another one took them over",
  "queue",
  QUEUE_NAMES,
);

export const countPicture = counter(
  "pictures_total",
  "Uploads whose variants were made, or which failed",
  "result",
  ["ready", "failed"],
);

export const countPublishedLikes = total(
  "like_counts_published_total",
  "Tweets whose count of likes was brought up to date and told",
);

export const countComparedScores = counter(
  "scores_compared_total",
  "Stored scores compared with Postgres",
  "result",
  ["right", "mended"],
);

export const gaugeRelayBacklog = (read: () => Promise<number>) =>
  gauge("relay_backlog", "Committed events that are overdue to be delivered", read);

export const countRelayed = total(
  "relayed_events_total",
  "Events that the relay delivered, because whoever committed them could not",
);
