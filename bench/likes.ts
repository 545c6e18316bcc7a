/** Likes and unlikes by HTTP against bare transactions that insert and delete one row each. */
import { loadConfig } from "../src/base/config.ts";
import type { BareLikes } from "./bare-likes.ts";
import { compareRates } from "./compare.ts";
import { type Bench, Installation, messageOf, startProgram } from "./installation.ts";
import { type Exchange, load, requestOf } from "./load.ts";
import { memoryRow } from "./memory.ts";
import { mulberry32 } from "./random.ts";
import { keyOf, PEOPLE, TWEETS } from "./seed.ts";
import type { Row } from "./table.ts";

const SECONDS = 2;
const CONNECTIONS = 64;
const SEED = 20261125;
/** Each connection goes through its own, again and again. */
const PAIRS_EACH = 250;

export type Pair = [tweetId: number, userId: number];

export async function measureLikes(bench: Bench): Promise<Row[]> {
  bench.say("likes: like and unlike …");
  const warble = await Installation.open(bench);
  const bareCopy = await Installation.open(bench);
  try {
    const api = await warble.startApi();
    const workers = await warble.startWorkers();
    const pairs = await pairsToLike(warble);
    const connections = loadConfig().databasePool;
    const first: BareLikes = { databaseUrl: bareCopy.databaseUrl, connections, pairs };
    const bare = await startProgram(bench, "bench/bare-likes.ts", {}, first);
    // Kept over all rounds: where one round ends, the next goes on.
    const scripts = Array.from({ length: CONNECTIONS }, (_, i) =>
      likeAndUnlike(pairs.slice(i * PAIRS_EACH, (i + 1) * PAIRS_EACH)),
    );
    const script = (connection: number) => scripts[connection] as Generator<Exchange, undefined>;
    const row = await compareRates(
      "like, unlike",
      {
        processes: { API: api.pid, workers: workers.pid, load: process.pid },
        round: async () => (await load(api.url, CONNECTIONS, SECONDS, script)).perSecond,
      },
      {
        processes: { client: bare.pid },
        round: () => {
          bare.child.send(SECONDS);
          return messageOf<number>(bare);
        },
      },
      `${CONNECTIONS} HTTP connections, ${connections} to the database; bare: single-row transactions on ${connections} connections, no HTTP`,
    );
    return [row, memoryRow("after the likes", { API: api, workers })];
  } finally {
    await warble.close();
    await bareCopy.close();
  }
}

/** Different pairs of tweet and person, none of them liked so far. */
async function pairsToLike({ db }: Installation): Promise<Pair[]> {
  const random = mulberry32(SEED);
  const below = (limit: number): number => Math.floor(random() * limit);
  const key = (tweetId: number, userId: number): number => tweetId * 2 ** 20 + userId;
  const { rows } = await db.query("select tweet_id, user_id from likes");
  const taken = new Set(rows.map((row) => key(row.tweet_id, row.user_id)));
  const pairs: Pair[] = [];
  while (pairs.length < CONNECTIONS * PAIRS_EACH) {
    const pair: Pair = [1 + below(TWEETS), 1 + below(PEOPLE)];
    if (taken.has(key(...pair))) continue;
    taken.add(key(...pair));
    pairs.push(pair);
  }
  return pairs;
}

function* likeAndUnlike(pairs: Pair[]): Generator<Exchange, undefined> {
  const exchanges = pairs.flatMap(([tweetId, userId]): [Exchange, Exchange] => {
    const path = `/api/tweets/${tweetId}/likes`;
    return [
      { request: requestOf("POST", path, keyOf(userId)), expect: [201] },
      { request: requestOf("DELETE", path, keyOf(userId)), expect: [200] },
    ];
  });
  for (;;) yield* exchanges;
}
