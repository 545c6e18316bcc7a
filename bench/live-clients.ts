/** Many live clients in one process, which notes when each of them is told of which tweet.
 * The first message says where to and as whom; each later one how many arrivals to wait for. */
import { LiveSocket } from "./live-socket.ts";

export interface Connecting {
  url: string;
  /** One client each. */
  apiKeys: string[];
  /** The last event that all of them have seen. */
  since?: string;
}

export interface Arrivals {
  tweetIds: number[];
  /** When each arrived, in ms since the epoch. */
  at: number[];
  /** The first event as it came. */
  sample: string;
  /** Of all events together. */
  bytes: number;
}

export interface Connected {
  connected: number;
  /** When the first began to connect, in ms since the epoch. */
  startedAt: number;
}

const AT_ONCE = 50;
/** Later than this, events are lost. */
const PATIENCE_MS = 10_000;
const TWEET_NEW = Buffer.from(`42["tweet:new",{"id":`);
const ZERO = "0".charCodeAt(0);

let arrivals: Arrivals = { tweetIds: [], at: [], sample: "", bytes: 0 };
/** By tweet, the clients that know it: an event may come twice, and counts once. */
const told = new Map<number, Uint8Array>();
let clients = 0;
let wanted = Number.POSITIVE_INFINITY;
let timer: NodeJS.Timeout | undefined;

const now = (): number => performance.timeOrigin + performance.now();

function onEvent(client: number, bytes: Buffer, start: number, end: number): void {
  const at = now();
  let digit = start + TWEET_NEW.length;
  if (TWEET_NEW.compare(bytes, start, digit) !== 0) return;
  let id = 0;
  for (; (bytes[digit] as number) >= ZERO; digit++) id = id * 10 + (bytes[digit] as number) - ZERO;
  let known = told.get(id);
  if (!known) {
    known = new Uint8Array(clients);
    told.set(id, known);
  }
  if (known[client]) return;
  known[client] = 1;
  if (arrivals.at.length === 0) arrivals.sample = bytes.toString("utf8", start, end);
  arrivals.tweetIds.push(id);
  arrivals.at.push(at);
  arrivals.bytes += end - start;
  answerWhenAllAreThere();
}

function answerWhenAllAreThere(): void {
  if (arrivals.at.length < wanted) return;
  clearTimeout(timer);
  process.send?.(arrivals);
  arrivals = { tweetIds: [], at: [], sample: "", bytes: 0 };
  wanted = Number.POSITIVE_INFINITY;
}

function fail(error: Error): void {
  console.error(`live clients: ${error.message}`);
  process.exit(1);
}

process.once("message", async ({ url, apiKeys, since }: Connecting) => {
  const startedAt = now();
  clients = apiKeys.length;
  for (let at = 0; at < clients; at += AT_ONCE) {
    const sockets = apiKeys.slice(at, at + AT_ONCE).map((apiKey, i) => {
      return new LiveSocket(url, { apiKey, since }, (...event) => onEvent(at + i, ...event), fail);
    });
    await Promise.all(sockets.map(({ connected }) => connected));
  }
  process.on("message", (count: number) => {
    wanted = count;
    timer = setTimeout(() => {
      fail(new Error(`${arrivals.at.length} of ${wanted} events arrived`));
    }, PATIENCE_MS);
    answerWhenAllAreThere();
  });
  process.send?.({ connected: clients, startedAt } satisfies Connected);
});
process.once("disconnect", () => process.exit());
