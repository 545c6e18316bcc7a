/** Figures for Prometheus, on a port of their own, so that nobody reads them from outside. */
import { once } from "node:events";
import { createServer } from "node:http";
import { collectDefaultMetrics, Gauge, register } from "prom-client";
import type { Log } from "./log.ts";

const PREFIX = "warble_";

/** A figure that is read when Prometheus asks. `read` answers one number, or one for each value
 * of `label`; where it fails (a store is away), the figure is left out of that answer. */
export function gauge(
  name: string,
  help: string,
  read: () => number | Promise<number>,
): Gauge<string>;
export function gauge(
  name: string,
  help: string,
  read: () => Promise<Record<string, number>>,
  label: string,
): Gauge<string>;
export function gauge(
  name: string,
  help: string,
  read: () => number | Promise<number | Record<string, number>>,
  label?: string,
): Gauge<string> {
  return new Gauge({
    name: PREFIX + name,
    help,
    labelNames: label ? [label] : [],
    async collect() {
      this.reset();
      try {
        const values = await read();
        if (typeof values === "number") this.set(values);
        else if (label)
          for (const [key, n] of Object.entries(values)) this.set({ [label]: key }, n);
      } catch {
        this.remove();
      }
    },
  });
}

/** Serves all figures of this process at `/metrics`; 0 switches them off. A port that is taken is
 * logged, and the service goes on without figures: people matter more than their graph.
 * @returns what ends it. */
export async function serveMetrics(host: string, port: number, log: Log): Promise<() => void> {
  if (port === 0) return () => undefined;
  collectDefaultMetrics({ prefix: PREFIX });
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
