import { type Dashboard, graph, heatmap, stat } from "./panels.ts";
import { increase, quantile, quantiles, rate } from "./promql.ts";

const CANARY = "warble_commit_to_client_seconds";

export const live: Dashboard = {
  uid: "live",
  title: "Live",
  description: "Who is connected, what reaches them, and how soon after the commit.",
  rows: {
    "At a glance": [
      stat("Sockets", "short", "Clients connected to all processes.", {
        sockets: "sum(warble_sockets)",
      }),
      stat("Delivered", "ops", "Events written to sockets a second.", {
        delivered: rate("warble_live_events_delivered_total"),
      }),
      stat(
        "Commit to client, p50",
        "s",
        "Of the canary, which posts an event every ten seconds.",
        { p50: quantile(0.5, CANARY) },
        { limits: [0.05, 0.2] },
      ),
      stat(
        "Commit to client, p95",
        "s",
        "Of the canary, which posts an event every ten seconds.",
        { p95: quantile(0.95, CANARY) },
        { limits: [0.1, 0.5] },
      ),
      stat(
        "Canaries lost",
        "short",
        "Of the last ten minutes: not arrived within eight seconds, or not posted.",
        { lost: 'sum(increase(warble_canary_runs_total{result!="delivered"}[10m]))' },
        { limits: [1, 3] },
      ),
      stat(
        "Told to reload",
        "short",
        "Clients of the last ten minutes who had missed too much.",
        { resyncs: "sum(increase(warble_live_resyncs_total[10m]))" },
        { limits: [50, 500] },
      ),
    ],
    "How soon": [
      graph(
        "Commit to client",
        "s",
        "From the commit of the canary's event until it comes out of a socket: Postgres, delivery, Redis, Socket.IO, network.",
        quantiles(CANARY),
        { limits: [0.1, 0.5] },
      ),
      graph("Canaries", "short", "What became of them; six a minute for each workers' process.", {
        "{{result}}": increase("warble_canary_runs_total", "result"),
      }),
      heatmap(
        "Commit to client",
        "s",
        "How many canaries took how long.",
        {
          "{{le}}": increase(`${CANARY}_bucket`, "le"),
        },
        { width: 8 },
      ),
    ],
    Deliveries: [
      graph(
        "Events delivered",
        "ops",
        "Written to sockets: an event for a thousand followers counts a thousand times.",
        { "{{event}}": rate("warble_live_events_delivered_total", "event") },
        { stacked: true },
      ),
      graph("Events published", "ops", "Handed to Redis, once each.", {
        "{{event}}": rate("warble_live_events_published_total", "event"),
      }),
      graph(
        "Replayed",
        "ops",
        "Missed events sent to clients who came back, and clients told to reload.",
        {
          replayed: rate("warble_live_events_replayed_total"),
          "told to reload": rate("warble_live_resyncs_total"),
        },
      ),
    ],
    Sockets: [
      graph(
        "Sockets by process",
        "short",
        "A process that closes and opens sockets again and again loses its subscription, or is restarted.",
        { "{{instance}}": "sum by (instance) (warble_sockets)" },
        { stacked: true },
      ),
      graph("Handshakes", "ops", "Sockets that wanted in, by what they were told.", {
        "{{result}}": rate("warble_socket_handshakes_total", "result"),
      }),
      graph(
        "Subscription to Redis",
        "short",
        "How often processes heard nothing any more, and heard again.",
        {
          "{{change}}": increase("warble_live_subscription_changes_total", "change"),
        },
      ),
    ],
  },
};
