/** `npm run bench [-- PART …] [-- --profile DIR]`: measures Warble on a Postgres and a Redis of its
 * own, prints one table, and leaves nothing behind. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { migrate } from "../src/infra/database.ts";
import { Interrupted, LocalService } from "../src/infra/embedded/local-service.ts";
import { startPostgres } from "../src/infra/embedded/postgres.ts";
import { startRedis } from "../src/infra/embedded/redis.ts";
import { onStopSignals } from "../src/infra/embedded/stop-signals.ts";
import { measureCounts } from "./counts.ts";
import { measureFeed } from "./feed.ts";
import { measureFeedV2 } from "./feed-v2.ts";
import { measureFollowers } from "./followers.ts";
import type { Bench } from "./installation.ts";
import { measureLikes } from "./likes.ts";
import { measureLive } from "./live.ts";
import { measureMemory } from "./memory.ts";
import { measurePage } from "./page.ts";
import { measurePictures } from "./pictures.ts";
import { showPlans } from "./plans.ts";
import { measureReconnect } from "./reconnect.ts";
import { seed } from "./seed.ts";
import { type Row, tableOf } from "./table.ts";

const PARTS: Record<string, (bench: Bench) => Promise<Row[]>> = {
  memory: measureMemory,
  feed: measureFeed,
  v2: measureFeedV2,
  likes: measureLikes,
  live: measureLive,
  counts: measureCounts,
  reconnect: measureReconnect,
  followers: measureFollowers,
  pictures: measurePictures,
  page: measurePage,
};
/** Not a comparison, and long: shown only when it is named. */
const PLANS = "plans";
/** Live events are timed from the commit, so PostgreSQL has to note when that was; everything else
 * is as in production. */
const POSTGRES_SETTINGS = { track_commit_timestamp: "on" };
const say = (line: string): void => console.error(line);

const { values: options, positionals } = parseArgs({
  options: { profile: { type: "string" } },
  allowPositionals: true,
});
const chosen = positionals.length > 0 ? positionals : Object.keys(PARTS);
const unknown = chosen.filter((name) => name !== PLANS && !(name in PARTS));

const service = new LocalService();
onStopSignals((hurry) => void service.stop(hurry));
try {
  if (unknown.length > 0) {
    const known = [...Object.keys(PARTS), PLANS].join(", ");
    throw new Error(`No part ${unknown.join(", ")}; there are: ${known}.`);
  }
  await run();
} catch (error) {
  process.exitCode = 1;
  if (!(error instanceof Interrupted)) console.error((error as Error).message);
}
await service.stop();
if (process.connected) process.disconnect();

async function run(): Promise<void> {
  const bench = await prepare();
  const rows: Row[] = [];
  for (const name of chosen) {
    const measure = PARTS[name];
    if (measure) rows.push(...(await service.goOn(measure(bench))));
  }
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${availableParallelism()} cores, ${process.platform} ${process.arch}`;
  const tables = rows.length > 0 ? [tableOf(rows)] : [];
  if (chosen.includes(PLANS)) tables.push(await service.goOn(showPlans(bench)));
  console.log(`\nMeasured ${date}, Node ${process.version}, ${machine}.\n\n${tables.join("\n\n")}`);
}

/** The stores, and the data on them. */
async function prepare(): Promise<Bench> {
  const dir = mkdtempSync(join(tmpdir(), "warble-bench-"));
  chmodSync(dir, 0o711); // as root, Postgres runs under another account, which has to get in
  service.addRelease(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  say("Postgres and Redis: starting …");
  const [postgres, redis] = await Promise.all([
    service.addStore(
      startPostgres({ dir: join(dir, "postgres"), log: say, settings: POSTGRES_SETTINGS }),
    ),
    service.addStore(startRedis({ dir: join(dir, "redis"), log: say })),
  ]);
  say("data: 1,000 people, 20,000 tweets, 200,000 likes …");
  await service.goOn(migrate(postgres.url));
  await service.goOn(seed(postgres.url));
  return {
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    dir,
    profileDir: options.profile && resolve(options.profile),
    track: (child) => service.addProgram({ stop: (hurry) => end(child, hurry) }),
    say,
  };
}

async function end(child: ChildProcess, hurry = false): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(hurry ? "SIGKILL" : "SIGTERM");
  await gone;
}
