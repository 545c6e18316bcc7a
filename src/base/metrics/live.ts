/** Figures of the live events: who is connected, what reached them, and how soon. */
import { SERVER_EVENTS, type ServerEventName } from "../../contract/events.ts";
import { counter, gauge, timer, total } from "../metrics.ts";

const EVENTS = Object.keys(SERVER_EVENTS) as ServerEventName[];

export const gaugeSockets = (read: () => number) =>
  gauge("sockets", "Live clients that are connected to this process", read);

export const countHandshake = counter(
  "socket_handshakes_total",
  "Sockets that wanted in, by what they were told",
  "result",
  ["admitted", "Unauthorized", "TooManyRequests", "ValidationError", "Unavailable"],
);
export type HandshakeResult = Parameters<typeof countHandshake>[0];

export const countPublished = counter(
  "live_events_published_total",
  "Live events that were handed to Redis for all processes",
  "event",
  EVENTS,
);

export const countDelivered = counter(
  "live_events_delivered_total",
  "Live events that were written to sockets: one for each socket",
  "event",
  EVENTS,
);

export const countReplayed = total(
  "live_events_replayed_total",
  "Missed events that were sent to clients who came back",
);

export const countResync = total(
  "live_resyncs_total",
  "Clients who had missed too much, and were told to read their pages again",
);

export const countSubscriptionChange = counter(
  "live_subscription_changes_total",
  "How often this process heard nothing from Redis any more, and heard again",
  "change",
  ["lost", "restored"],
);

export const observeCommitToClient = timer(
  "commit_to_client_seconds",
  "From the commit of the canary's event until it came out of a socket",
  [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
);

export const countCanary = counter(
  "canary_runs_total",
  "Events of the canary: delivered, lost on the way, or failed to be posted",
  "result",
  ["delivered", "lost", "failed"],
);
export type CanaryResult = Parameters<typeof countCanary>[0];
