import { type Dashboard, graph, stat } from "./panels.ts";
import { increase, quantile, quantiles, rate } from "./promql.ts";

/** Every workers' process tells the same of the queues. */
const jobs = (state: string): string => `max by (queue) (warble_jobs{state="${state}"})`;
const RESIZE = '{name="resize-picture"}';

export const workers: Dashboard = {
  uid: "workers",
  title: "Workers",
  description: "Queues, pictures, scores, and the relay.",
  rows: {
    "At a glance": [
      stat(
        "Jobs that wait",
        "short",
        "In all queues, without those that are for later.",
        { waiting: `sum(${jobs("waiting")})` },
        { limits: [100, 1000] },
      ),
      stat(
        "Longest wait, p95",
        "s",
        "Of the queue that keeps its jobs waiting longest.",
        { p95: `max(${quantile(0.95, "warble_job_wait_seconds", "", "queue")})` },
        { limits: [5, 30] },
      ),
      stat(
        "Failed jobs",
        "short",
        "That were given up after five attempts; see /admin/queues.",
        { failed: `sum(${jobs("failed")})` },
        { limits: [1, 20] },
      ),
      stat(
        "Relay backlog",
        "short",
        "Committed events that are overdue to be delivered.",
        { backlog: "max(warble_relay_backlog)" },
        { limits: [10, 100] },
      ),
      stat(
        "A picture, p95",
        "s",
        "Making its variants.",
        { p95: quantile(0.95, "warble_job_run_seconds", RESIZE) },
        { limits: [2, 5] },
      ),
      stat("Like counts", "ops", "Tweets a second whose count was told.", {
        tweets: rate("warble_like_counts_published_total"),
      }),
    ],
    Queues: [
      graph("Waiting", "short", "Jobs that could run now.", { "{{queue}}": jobs("waiting") }),
      graph("Running", "short", "Jobs in the hands of a worker.", { "{{queue}}": jobs("active") }),
      graph("For later", "short", "Delayed, scheduled, or tried again after a pause.", {
        "{{queue}}": jobs("delayed"),
      }),
      graph("Wait, p95", "s", "From the moment when a job could run until it did.", {
        "{{queue}}": quantile(0.95, "warble_job_wait_seconds", "", "queue"),
      }),
      graph("Run, p95", "s", "By job.", {
        "{{name}}": quantile(0.95, "warble_job_run_seconds", "", "name"),
      }),
      graph("Done", "ops", "Jobs a second.", {
        "{{queue}}": rate("warble_jobs_completed_total", "queue"),
      }),
      graph("Failed attempts", "short", "A job is tried five times, with growing pauses.", {
        "{{queue}}": increase("warble_jobs_failed_total", "queue"),
      }),
      graph("Stalled", "short", "Jobs whose worker died or hung; another one took them over.", {
        "{{queue}}": increase("warble_jobs_stalled_total", "queue"),
      }),
      graph("Given up", "short", "After five attempts; see /admin/queues.", {
        "{{queue}}": jobs("failed"),
      }),
    ],
    "Pictures and scores": [
      graph(
        "Pictures",
        "ops",
        "failed: an upload whose header was right and whose pixels were not.",
        { "{{result}}": rate("warble_pictures_total", "result") },
        { stacked: true },
      ),
      graph(
        "Making the variants",
        "s",
        "Decoding, three sizes, a placeholder.",
        quantiles("warble_job_run_seconds", RESIZE),
      ),
      graph("Like counts told", "ops", "Tweets a second; at most ten times a second for one.", {
        tweets: rate("warble_like_counts_published_total"),
      }),
      graph(
        "Publishing like counts",
        "s",
        "One turn for all tweets whose likes changed.",
        quantiles("warble_job_run_seconds", '{name="score-tweets"}'),
      ),
      graph(
        "Scores compared with Postgres",
        "short",
        "Every five minutes. Some are mended after an outage; many at other times are a fault.",
        { "{{result}}": increase("warble_scores_compared_total", "result") },
      ),
      graph("Relay", "short", "Events that it found overdue, and those that it delivered.", {
        overdue: "max(warble_relay_backlog)",
        delivered: increase("warble_relayed_events_total"),
      }),
    ],
  },
};
