/** The kinds of figures for Prometheus, and the port where it reads them: a port of their own, so that
 * nobody reads them from outside. The figures themselves stand in `metrics/`, one function each. */
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Counter, collectDefaultMetrics, Gauge, Histogram, register } from "prom-client";
import type { Log } from "./log.ts";

export const PREFIX = "warble_";

/** One figure for each value of a label; of two labels: by the first, then by the second. */
type Figures = Record<string, number> | Record<string, Record<string, number>>;
type Read<T> = () => T | Promise<T>;

/** A store that hangs must not keep Prometheus from all the other figures. */
const READ_TIMEOUT_MS = 2500;

/** A figure that is read when Prometheus asks: one number, or one for each value of the labels. Where
 * `read` fails or hangs (a store is away), the figure is left out of that answer. */
export function gauge(name: string, help: string, read: Read<number>): Gauge;
export function gauge(name: string, help: string, read: Read<Figures>, ...labels: string[]): Gauge;
export function gauge(
  name: string,
  help: string,
  read: Read<number | Figures>,
  ...labelNames: string[]
): Gauge {
  return new Gauge({
    name: PREFIX + name,
    help,
    labelNames,
    async collect() {
      const found = await rowsFrom(read, labelNames);
      this.reset();
      if (found.length === 0) this.remove();
      for (const [labels, value] of found) this.set(labels, value);
    },
  });
}

/** A sum that somebody else keeps (a store, the runtime, a plain variable on a hot path), read when
 * Prometheus asks; as with `gauge`. */
export function readCounter(
  name: string,
  help: string,
  read: Read<number | Figures>,
  ...labelNames: string[]
): Counter {
  return new Counter({
    name: PREFIX + name,
    help,
    labelNames,
    async collect() {
      const found = await rowsFrom(read, labelNames);
      this.reset();
      if (found.length === 0) this.remove();
      for (const [labels, value] of found) this.inc(labels, value);
    },
  });
}

/** Counts what happens. All values that the label can have are there from the start, at 0, so that the
 * first event is seen as a rise.
 * @returns what counts `n` more. */
export function counter<V extends string>(
  name: string,
  help: string,
  label: string,
  values: readonly V[],
): (value: V, n?: number) => void {
  const counts = new Counter({ name: PREFIX + name, help, labelNames: [label] });
  for (const value of values) counts.inc({ [label]: value }, 0);
  return (value, n = 1) => counts.inc({ [label]: value }, n);
}

/** The same without a label. */
export function total(name: string, help: string): (n?: number) => void {
  const counts = new Counter({ name: PREFIX + name, help });
  return (n = 1) => counts.inc(n);
}

/** Times, in seconds, in buckets. The labels' values are given in the order of their names. */
export function timer(
  name: string,
  help: string,
  buckets: number[],
  ...labelNames: string[]
): (seconds: number, ...labels: string[]) => void {
  const times = new Histogram({ name: PREFIX + name, help, buckets, labelNames });
  if (labelNames.length === 0) return (seconds) => times.observe(seconds);
  return (seconds, ...labels) =>
    times.observe(Object.fromEntries(labelNames.map((label, i) => [label, labels[i]])), seconds);
}

/** Runs `work` and tells how long it took, in seconds, whether or not it failed. */
export async function timed<T>(
  tell: (seconds: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    tell((performance.now() - startedAt) / 1000);
  }
}

async function rowsFrom(
  read: Read<number | Figures>,
  labelNames: string[],
): Promise<[labels: Record<string, string>, value: number][]> {
  try {
    const late = sleep(READ_TIMEOUT_MS, undefined, { ref: false });
    const figures = await Promise.race([read(), late]);
    return figures === undefined ? [] : rowsOf(figures, labelNames, {});
  } catch {
    return [];
  }
}

function rowsOf(
  figures: number | Figures,
  [label, ...rest]: string[],
  labels: Record<string, string>,
): [Record<string, string>, number][] {
  if (typeof figures === "number") return [[labels, figures]];
  if (label === undefined) return [];
  return Object.entries(figures).flatMap(([value, inner]) =>
    rowsOf(inner, rest, { ...labels, [label]: value }),
  );
}

/** Serves all figures of this process at `/metrics`; 0 switches them off. A port that is taken is
 * logged, and the service goes on without figures: people matter more than their graph.
 * @returns what ends it. */
export async function serveMetrics(host: string, port: number, log: Log): Promise<() => void> {
  if (port === 0) return () => undefined;
  collectDefaultMetrics({ prefix: PREFIX });
  readCounter(
    "event_loop_active_seconds_total",
    "Time in which the event loop was at work; its rate is the share of a core",
    () => performance.eventLoopUtilization().active / 1000,
  );
  const server = createServer(async (request, response) => {
    try {
      if (request.url !== "/metrics") {
        response.writeHead(404).end("Only /metrics is here.\n");
        return;
      }
      const text = await register.metrics();
      response.writeHead(200, { "content-type": register.contentType }).end(text);
    } catch (error) {
      response.writeHead(500).end(`${error}\n`);
    }
  });
  try {
    await once(server.listen(port, host), "listening");
    log.info({ port }, "metrics are served");
  } catch (error) {
    log.warn({ err: error, port }, "no metrics: set METRICS_PORT to a free port");
  }
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
