/** New tweets of one author, from the commit to a thousand followers' sockets, against the same
 * broadcast by Socket.IO alone, from the call of `emit`. */
import type { Broadcast, Emitted } from "./bare-live.ts";
import { cpuNote } from "./compare.ts";
import {
  type Bench,
  Installation,
  messageOf,
  type Running,
  type Served,
  startProgram,
  startServer,
} from "./installation.ts";
import type { Arrivals, Connecting } from "./live-clients.ts";
import { memoryRow } from "./memory.ts";
import { pace } from "./pace.ts";
import { alternate, median, quantile } from "./rounds.ts";
import { BROADCASTER_ID, keyOf } from "./seed.ts";
import { type Row, whole } from "./table.ts";
import { withCpuShares } from "./usage.ts";

const ROUNDS = 3;
const SECONDS = 2;
const CLIENTS = 1000;
/** Events a second: one that leaves the processes idle between two events, and one that does not. */
const RATES = [20, 100];
const CONTENT = "A tweet of 140 characters, which is about what people write. "
  .repeat(3)
  .slice(0, 140);

/** Of one round, ms. */
interface Latency {
  p50: number;
  p99: number;
}

export async function measureLive(bench: Bench): Promise<Row[]> {
  const warble = await Installation.open(bench);
  try {
    bench.say(`live: ${whole(CLIENTS)} clients of each side connect …`);
    const api = await warble.startApi();
    const workers = await warble.startWorkers();
    const clients = await connectClients(bench, api);
    const bare = await startServer(bench, "bench/bare-live.ts");
    const bareClients = await connectClients(bench, bare);
    const ours: Warble = { installation: warble, api, workers, clients };
    const theirs: Bare = { server: bare, clients: bareClients };
    const rows: Row[] = [];
    for (const perSecond of RATES) {
      bench.say(`live: ${perSecond} events a second …`);
      rows.push(...(await compareLatency(ours, theirs, perSecond)));
    }
    rows.push(
      memoryRow(`with ${whole(CLIENTS)} live clients`, { API: api, workers }),
      memoryRow("of the bare server with as many", { server: bare }),
    );
    await Promise.all([clients.stop(), bareClients.stop()]); // before what they are connected to
    await bare.stop();
    return rows;
  } finally {
    await warble.close();
  }
}

interface Warble {
  installation: Installation;
  api: Served;
  workers: Running;
  clients: Running;
}

interface Bare {
  server: Served;
  clients: Running;
}

async function compareLatency(warble: Warble, bare: Bare, perSecond: number): Promise<Row[]> {
  const ours = { API: warble.api.pid, workers: warble.workers.pid, clients: warble.clients.pid };
  const theirs = { server: bare.server.pid, clients: bare.clients.pid };
  // The bare side repeats what Warble sent: the same bytes, but for the id.
  let event: Broadcast["event"] = ["", { id: 0 }, {}];
  const { a, b } = await alternate(
    ROUNDS,
    () =>
      withCpuShares(Object.values(ours), async () => {
        const tweetIds = await postTweets(warble.api, perSecond);
        const arrivals = await arrivalsAt(warble.clients, perSecond);
        event = JSON.parse(arrivals.sample.slice("42".length));
        return latencyOf(arrivals, await commitTimes(warble.installation, tweetIds));
      }),
    () =>
      withCpuShares(Object.values(theirs), async () => {
        bare.server.child.send({ perSecond, seconds: SECONDS, event } satisfies Broadcast);
        const emitted = await messageOf<Emitted>(bare.server);
        return latencyOf(await arrivalsAt(bare.clients, perSecond), new Map(emitted));
      }),
  );
  const row = (quantileName: keyof Latency, notes: string): Row => {
    const ms = (of: { result: Latency }[]) => median(of.map(({ result }) => result[quantileName]));
    return {
      what: `live, ${perSecond} events/s, ${quantileName}`,
      warble: `${ms(a).toFixed(1)} ms`,
      bare: `${ms(b).toFixed(1)} ms`,
      ratio: ms(a) / ms(b),
      notes,
    };
  };
  const bytes = JSON.stringify(event).length;
  const cpu = cpuNote({ processes: ours }, a, { processes: theirs }, b);
  return [
    row("p50", `from commit to client; ${whole(CLIENTS)} clients, ${bytes} bytes`),
    row("p99", cpu),
  ];
}

function connectClients(bench: Bench, { url }: Served): Promise<Running> {
  const apiKeys = Array.from({ length: CLIENTS }, (_, i) => keyOf(i + 1));
  const connecting: Connecting = { url, apiKeys };
  return startProgram(bench, "bench/live-clients.ts", {}, connecting);
}

/** Waits until every client has been told of every event. */
function arrivalsAt(clients: Running, perSecond: number): Promise<Arrivals> {
  clients.child.send(perSecond * SECONDS * CLIENTS);
  return messageOf<Arrivals>(clients);
}

/** @returns the ids of the tweets. */
async function postTweets({ url }: Served, perSecond: number): Promise<number[]> {
  const posts: Promise<number>[] = [];
  await pace(perSecond, SECONDS, () => {
    const post = postTweet(url);
    post.catch(() => undefined); // is thrown below, when all are on their way
    posts.push(post);
  });
  return Promise.all(posts);
}

export async function postTweet(url: string): Promise<number> {
  const response = await fetch(`${url}/api/tweets`, {
    method: "POST",
    headers: { "api-key": keyOf(BROADCASTER_ID), "content-type": "application/json" },
    body: JSON.stringify({ tweet_data: CONTENT }),
  });
  if (response.status !== 201) throw new Error(`a post was answered ${response.status}`);
  return ((await response.json()) as { tweet_id: number }).tweet_id;
}

/** When each tweet was committed, in ms since the epoch. PostgreSQL takes this time just before it
 * writes the commit to the disk, so latencies contain that write: they are never too short. */
async function commitTimes({ db }: Installation, tweetIds: number[]): Promise<Map<number, number>> {
  const { rows } = await db.query(
    `select id, (extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000)::float8 as at
       from tweets where id = any($1)`,
    [tweetIds],
  );
  return new Map(rows.map(({ id, at }) => [id, at]));
}

function latencyOf({ tweetIds, at }: Arrivals, since: Map<number, number>): Latency {
  const ms = Float64Array.from(
    at,
    (time, i) => time - (since.get(tweetIds[i] as number) as number),
  );
  return { p50: quantile(ms, 0.5), p99: quantile(ms, 0.99) };
}
