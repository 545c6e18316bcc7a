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
const SECONDS = 3;
const CLIENTS = 1000;
const EVENTS_PER_SECOND = 100;
const EVENTS = SECONDS * EVENTS_PER_SECOND;
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
    bench.say(`live: ${EVENTS_PER_SECOND} events a second …`);
    const ours = { API: api.pid, workers: workers.pid, clients: clients.pid };
    const theirs = { server: bare.pid, clients: bareClients.pid };
    let event = ["", { id: 0 }, {}] as Broadcast["event"];
    const { a, b } = await alternate(
      ROUNDS,
      () =>
        withCpuShares(Object.values(ours), async () => {
          const tweetIds = await postTweets(api);
          const arrivals = await arrivalsAt(clients);
          event = JSON.parse(arrivals.sample.slice("42".length));
          return latencyOf(arrivals, await commitTimes(warble, tweetIds));
        }),
      () =>
        withCpuShares(Object.values(theirs), async () => {
          bare.child.send({ perSecond: EVENTS_PER_SECOND, seconds: SECONDS, event });
          const emitted = await messageOf<Emitted>(bare);
          return latencyOf(await arrivalsAt(bareClients), new Map(emitted));
        }),
    );
    const bytes = JSON.stringify(event).length;
    const setting = `${whole(CLIENTS)} clients, ${EVENTS_PER_SECOND} events/s of ${bytes} bytes`;
    const row = (quantileName: keyof Latency, notes: string): Row => {
      const ms = (of: { result: Latency }[]) =>
        median(of.map(({ result }) => result[quantileName]));
      return {
        what: `live, ${quantileName} from commit to client`,
        warble: `${ms(a).toFixed(1)} ms`,
        bare: `${ms(b).toFixed(1)} ms`,
        ratio: ms(a) / ms(b),
        notes,
      };
    };
    const cpu = cpuNote({ processes: ours }, a, { processes: theirs }, b);
    return [
      row("p50", `${setting}; bare: from \`emit\` to client, no database, no Redis; ${cpu}`),
      row("p99", "the same rounds"),
      memoryRow(`with ${whole(CLIENTS)} live clients`, { API: api, workers }),
      memoryRow("of the bare server with as many", { server: bare }),
    ];
  } finally {
    await warble.close();
  }
}

function connectClients(bench: Bench, { url }: Served): Promise<Running> {
  const apiKeys = Array.from({ length: CLIENTS }, (_, i) => keyOf(i + 1));
  const connecting: Connecting = { url, apiKeys };
  return startProgram(bench, "bench/live-clients.ts", {}, connecting);
}

/** Waits until every client has been told of every event. */
function arrivalsAt(clients: Running): Promise<Arrivals> {
  clients.child.send(EVENTS * CLIENTS);
  return messageOf<Arrivals>(clients);
}

/** @returns the ids of the tweets. */
async function postTweets({ url }: Served): Promise<number[]> {
  const posts: Promise<number>[] = [];
  await pace(EVENTS_PER_SECOND, SECONDS, () => {
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
