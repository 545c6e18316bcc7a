/**
 * How long requests take, by method, route and status.
 *
 * A warm feed is answered in about ten microseconds, and prom-client's own histogram, which checks
 * and joins its labels at every call, would take half a microsecond of these. So the counts of a
 * route are found once, when the route is made, and counting is a few additions.
 */
import { type Histogram, register } from "prom-client";
import { PREFIX } from "../metrics.ts";

/** From 0.2 ms to 5 s. 50 ms and 200 ms are the bounds of the Apdex on the dashboard. */
const BOUNDS_S = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
/** So does nginx call a request whose client went away before the answer. */
const CLIENT_GONE = 499;

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

class Times {
  /** By bucket, not yet summed up; the last one is beyond all bounds. */
  readonly counts = new Float64Array(BOUNDS_S.length + 1);
  sum = 0;
}

export class RequestTimes {
  readonly labels: Readonly<{ method: string; route: string }>;
  readonly byStatus = new Map<number, Times>();

  constructor(method: string, route: string) {
    this.labels = { method, route };
  }

  answered(status: number, seconds: number): void {
    let times = this.byStatus.get(status);
    if (times === undefined) {
      times = new Times();
      this.byStatus.set(status, times);
    }
    let bucket = 0;
    while (bucket < BOUNDS_S.length && seconds > (BOUNDS_S[bucket] as number)) bucket++;
    times.counts[bucket] = (times.counts[bucket] as number) + 1;
    times.sum += seconds;
  }

  /** The client went before it was answered. */
  abandoned(seconds: number): void {
    this.answered(CLIENT_GONE, seconds);
  }
}

const known = new Map<string, RequestTimes>();

/** The times of one route.
 * @param method in any case; one that HTTP clients hardly use counts as `other`.
 * @param route the pattern in the table of routes, never a path: those are without number. */
export function requestTimes(method: string, route: string): RequestTimes {
  const upper = method.toUpperCase();
  const counted = METHODS.has(upper) ? upper : "other";
  const key = `${counted} ${route}`;
  let times = known.get(key);
  if (times === undefined) {
    times = new RequestTimes(counted, route);
    known.set(key, times);
  }
  return times;
}

const name = `${PREFIX}http_request_duration_seconds`;

/** The lines of a histogram: for each bucket what is in it and below. */
function linesOf(labels: Record<string, string>, { counts, sum }: Times) {
  let below = 0;
  const lines = [...BOUNDS_S, "+Inf"].map((le, i) => {
    below += counts[i] as number;
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: below };
  });
  return [
    ...lines,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: below },
  ];
}

const metric = {
  name,
  help: "From the request's arrival until its answer was written, by the route's pattern",
  type: "histogram",
  aggregator: "sum",
};
const values = () =>
  [...known.values()].flatMap(({ labels, byStatus }) =>
    [...byStatus].flatMap(([status, times]) =>
      linesOf({ ...labels, status: String(status) }, times),
    ),
  );
// All that a registry asks of a metric.
register.registerMetric({
  ...metric,
  get: async () => ({ ...metric, values: values() }),
} as unknown as Histogram);
