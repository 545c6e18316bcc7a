import { type Dashboard, graph, heatmap, stat, table } from "./panels.ts";
import { quantile, quantiles, rate, share } from "./promql.ts";

const DURATION = "warble_http_request_duration_seconds";
const API = '{route=~"/api/.*"}';
/** An upload waits for its picture, by intent. */
const CALLS = '{route=~"/api/.*", route!="/api/medias"}';
const FAILED = '{route=~"/api/.*", status=~"5.."}';

/** Satisfied up to 50 ms, tolerating up to 200 ms; a failure of ours is frustrating at any speed. */
const within = (le: string): string =>
  rate(`${DURATION}_bucket{le="${le}", route=~"/api/.*", route!="/api/medias", status!~"5.."}`);
const APDEX = `(${within("0.05")} + ${within("0.2")}) / 2 / ${rate(`${DURATION}_count${CALLS}`)}`;

const byRoute = (q: number) => ({
  "{{method}} {{route}}": quantile(q, DURATION, API, "method", "route"),
});

export const latency: Dashboard = {
  uid: "latency",
  title: "Latency",
  description: "How soon the API answers, from the request's arrival until the answer is written.",
  rows: {
    "At a glance": [
      stat("Calls", "reqps", "Calls of the API a second.", {
        calls: rate(`${DURATION}_count${API}`),
      }),
      stat(
        "p50",
        "s",
        "Half of the calls are answered faster (uploads apart).",
        { p50: quantile(0.5, DURATION, CALLS) },
        { limits: [0.02, 0.1] },
      ),
      stat(
        "p95",
        "s",
        "One call in twenty takes longer (uploads apart).",
        { p95: quantile(0.95, DURATION, CALLS) },
        { limits: [0.05, 0.25] },
      ),
      stat(
        "p99",
        "s",
        "One call in a hundred takes longer (uploads apart).",
        { p99: quantile(0.99, DURATION, CALLS) },
        { limits: [0.1, 0.5] },
      ),
      stat(
        "Apdex",
        "short",
        "1: every call is answered within 50 ms. Up to 200 ms counts half; later, or a failure of ours, nothing. Uploads apart.",
        { apdex: APDEX },
        { limits: [0.95, 0.85], max: 1 },
      ),
      stat(
        "Failures",
        "percentunit",
        "Share of the calls that we could not answer (5xx).",
        { failures: share(`${DURATION}_count${FAILED}`, `${DURATION}_count${API}`) },
        { limits: [0.001, 0.01] },
      ),
    ],
    "All calls": [
      graph("Latency", "s", "Of all calls but uploads.", quantiles(DURATION, CALLS)),
      graph(
        "Calls by status",
        "reqps",
        "499: the client went away before its answer.",
        { "{{status}}": rate(`${DURATION}_count${API}`, "status") },
        { stacked: true },
      ),
      graph(
        "Apdex",
        "short",
        "Satisfied within 50 ms, tolerating up to 200 ms.",
        { apdex: APDEX },
        { limits: [0.95, 0.85], max: 1 },
      ),
      heatmap(
        "Reads of the feed",
        "s",
        "How many took how long. Those that are kept are answered in less than a millisecond; a second band is of those that had to be made.",
        {
          "{{le}}": rate(`${DURATION}_bucket{method="GET", route=~"/api/(tweets|v2/feed)"}`, "le"),
        },
      ),
      heatmap("Writes", "s", "Likes, tweets, follows: each waits for a commit.", {
        "{{le}}": rate(
          `${DURATION}_bucket{method=~"POST|DELETE", route=~"/api/.*", route!="/api/medias"}`,
          "le",
        ),
      }),
    ],
    "By route": [
      graph("p50 by route", "s", "Half of the calls are faster.", byRoute(0.5)),
      graph("p95 by route", "s", "One call in twenty is slower.", byRoute(0.95)),
      graph("p99 by route", "s", "One call in a hundred is slower.", byRoute(0.99)),
      table(
        "Slowest routes",
        "s",
        "The ten routes with the highest p99 in the time shown.",
        {
          p99: `topk(10, histogram_quantile(0.99, sum by (le, method, route) (rate(${DURATION}_bucket${API}[$__range]))))`,
        },
        { limits: [0.1, 0.5] },
      ),
      graph(
        "Calls by route",
        "reqps",
        "All that is asked for, the page and its files too.",
        { "{{method}} {{route}}": rate(`${DURATION}_count`, "method", "route") },
        { stacked: true, width: 12 },
      ),
    ],
  },
};
