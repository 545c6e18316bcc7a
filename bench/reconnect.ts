/** A thousand clients who come back at once, each with 100 missed events, until all have them:
 * against Socket.IO alone that has the same events in memory. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Replay } from "./bare-replay.ts";
import { cpuNote } from "./compare.ts";
import {
  type Bench,
  Installation,
  messageOf,
  type Served,
  startProgram,
  startServer,
} from "./installation.ts";
import { postTweet } from "./live.ts";
import type { Arrivals, Connected, Connecting } from "./live-clients.ts";
import { memoryRow } from "./memory.ts";
import { alternate, median } from "./rounds.ts";
import { keyOf } from "./seed.ts";
import { type Row, whole } from "./table.ts";
import { withCpuShares } from "./usage.ts";

const ROUNDS = 3;
const CLIENTS = 1000;
const MISSED = 100;
/** Older events than this are not sent beside those that were missed (`services/missed-events`). */
const OVERLAP_MS = 6000;

interface Return {
  ms: number;
  bytes: number;
  sample: string;
}

export async function measureReconnect(bench: Bench): Promise<Row[]> {
  const warble = await Installation.open(bench);
  try {
    const api = await warble.startApi();
    const workers = await warble.startWorkers();
    bench.say(`reconnect: ${MISSED} events happen …`);
    await postTweet(api.url);
    const since = await newestEvent(warble);
    await sleep(OVERLAP_MS);
    for (let i = 0; i < MISSED; i++) await postTweet(api.url);
    await untilDelivered(warble);
    // The last event seen comes once more with the missed ones.
    const events = MISSED + 1;

    bench.say(`reconnect: ${whole(CLIENTS)} clients come back …`);
    const { sample } = await comeBack(bench, api, events, since);
    const event = JSON.parse(sample.slice("42".length));
    const replay: Replay = { event, count: events };
    const bare = await startServer(bench, "bench/bare-replay.ts", replay);
    const ours = { API: api.pid };
    const theirs = { server: bare.pid };
    const { a, b } = await alternate(
      ROUNDS,
      () => withCpuShares(Object.values(ours), () => comeBack(bench, api, events, since)),
      () => withCpuShares(Object.values(theirs), () => comeBack(bench, bare, events)),
    );
    const ms = (of: { result: Return }[]) => median(of.map(({ result }) => result.ms));
    const megabytes = median(a.map(({ result }) => result.bytes)) / 1e6;
    return [
      {
        what: "reconnect, until all have what they missed",
        warble: `${whole(ms(a))} ms`,
        bare: `${whole(ms(b))} ms`,
        ratio: ms(a) / ms(b),
        notes: `${whole(CLIENTS)} clients, 50 connecting at a time, ${MISSED} missed events each, ${megabytes.toFixed(1)} MB in all; bare: events in memory, no keys, no rooms; ${cpuNote({ processes: ours }, a, { processes: theirs }, b)}`,
      },
      memoryRow("after the reconnections", { API: api, workers }),
    ];
  } finally {
    await warble.close();
  }
}

/** Connects all clients anew; they are gone again afterwards. */
async function comeBack(
  bench: Bench,
  { url }: Served,
  events: number,
  since?: string,
): Promise<Return> {
  const apiKeys = Array.from({ length: CLIENTS }, (_, i) => keyOf(i + 1));
  const connecting: Connecting = { url, apiKeys, ...(since && { since }) };
  const clients = await startProgram(bench, "bench/live-clients.ts", {}, connecting);
  clients.child.send(events * CLIENTS);
  const { at, bytes, sample } = await messageOf<Arrivals>(clients);
  await clients.stop();
  const { startedAt } = clients.hello as Connected;
  const last = at.reduce((latest, time) => Math.max(latest, time), 0);
  return { ms: last - startedAt, bytes, sample };
}

async function newestEvent({ db }: Installation): Promise<string> {
  const { rows } = await db.query("select max(id)::text as id from events");
  return rows[0].id;
}

async function untilDelivered({ db }: Installation): Promise<void> {
  for (;;) {
    const { rows } = await db.query("select from events where delivered_at is null limit 1");
    if (rows.length === 0) return;
    await sleep(50);
  }
}
