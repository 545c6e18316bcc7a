/** A real PostgreSQL, run from npm's binaries, for development, tests and small installations. */
import type { ChildProcess } from "node:child_process";
import { mkdir, readFile, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { KeptProcess } from "./child-processes.ts";
import { chooseAccount, spawnAs } from "./postgres-account.ts";
import { DATABASE_USER, ensureCluster, findPrograms } from "./postgres-cluster.ts";
import { commandOf, endProcess, freePort, isAlive, type StopStep } from "./processes.ts";
import { tailOf, withServerLog } from "./server-log.ts";

const DATABASE = "warble";
/** Another program may take the free port before the server does. */
const PORT_ATTEMPTS = 5;

/** Fast shutdown (sessions are cut, a checkpoint is written), then immediate. Both lose nothing:
 * after the second the next start replays the log. */
const STOP_STEPS: readonly StopStep[] = [
  { signal: "SIGINT", waitMs: 2500 },
  { signal: "SIGQUIT", waitMs: 500 },
];

type Options = {
  /** Holds the cluster, the password and the server's log; made when absent. */
  readonly dir: string;
  readonly log: (line: string) => void;
  /** `false` is for tests only: much faster, and a power cut may destroy the data. */
  readonly durable?: boolean;
  /** Settings of PostgreSQL beyond those that every installation has. */
  readonly settings?: Readonly<Record<string, string>>;
};

export type EmbeddedPostgres = {
  /** Of a superuser, on 127.0.0.1, to the database `warble`. */
  readonly url: string;
  /** Idempotent; resolves when the server is gone. `hurry` cuts off even a stop under way. */
  stop(hurry?: boolean): Promise<void>;
};

/** Starts PostgreSQL on `dir`; resolves when it takes connections. It runs in a session of its own,
 * is started again when it crashes, and ends shortly after this process does, however that ends.
 * One that is left over from an earlier life of this process is stopped first.
 * @throws Error with the server's last words when it does not come up. */
export async function startPostgres(options: Options): Promise<EmbeddedPostgres> {
  const { log, durable = true, settings = {} } = options;
  const programs = await findPrograms();
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  const dir = await realpath(options.dir);
  const account = await chooseAccount(dir, programs.postgres, log);
  const password = await ensureCluster(dir, programs, account, durable);
  const cluster = join(dir, "cluster");
  const logFile = join(dir, "server.log");
  await endOrphan(cluster, log);

  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const server = new KeptProcess({
      name: "Postgres",
      start: () =>
        withServerLog(logFile, (fd) =>
          spawnAs(account, programs.postgres, flags(cluster, port, durable, settings), [
            "ignore",
            fd,
            fd,
          ]),
        ),
      untilReady: (child, signal) => untilReady(cluster, child, signal),
      stopSteps: STOP_STEPS,
      hurrySignal: "SIGQUIT",
      orphanSignal: "SIGINT",
      log,
    });
    try {
      await server.ready;
      const url = `postgres://${DATABASE_USER}:${password}@127.0.0.1:${port}`;
      await ensureDatabase(url);
      return { url: `${url}/${DATABASE}`, stop: (hurry) => server.stop(hurry) };
    } catch (error) {
      await server.stop();
      const words = tailOf(logFile);
      if (attempt < PORT_ATTEMPTS && words.includes("could not bind")) continue;
      throw new Error(`${(error as Error).message}. The end of ${logFile}:\n${words}`);
    }
  }
}

/** Settings are given at every start, so that a newer version of this file holds for old data. */
function flags(
  cluster: string,
  port: number,
  durable: boolean,
  more: Readonly<Record<string, string>>,
): string[] {
  const settings: Record<string, string | number> = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 100,
    timezone: "UTC",
    log_timezone: "UTC",
    // Short queries only: compiling them costs more than it saves.
    jit: "off",
    fsync: durable ? "on" : "off",
    synchronous_commit: durable ? "on" : "off",
    full_page_writes: durable ? "on" : "off",
    ...more,
  };
  const set = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return ["-D", cluster, ...set];
}

/** The server notes in line 8 of its pid file that it takes connections (pg_ctl waits the same
 * way). The pid is compared since the file may be an earlier life's. */
async function untilReady(cluster: string, child: ChildProcess, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const lines = await pidFile(cluster);
    if (Number(lines[0]) === child.pid && lines[7]?.trim() === "ready") return;
    await sleep(20);
  }
}

/** The lines of `postmaster.pid`, none when there is no such file. */
const pidFile = (cluster: string): Promise<string[]> =>
  readFile(join(cluster, "postmaster.pid"), "utf8").then(
    (text) => text.split("\n"),
    () => [],
  );

/** Stops a server that still runs on this cluster: its parent was killed outright. */
async function endOrphan(cluster: string, log: (line: string) => void): Promise<void> {
  const pid = Number((await pidFile(cluster))[0]);
  if (!pid || !isAlive(pid)) return; // PostgreSQL itself copes with a stale file.
  if (commandOf(pid)?.includes(` ${cluster} `)) {
    log(`Stopping the Postgres (process ${pid}) that an earlier run left behind`);
    await endProcess(pid, [{ signal: "SIGINT", waitMs: 10_000 }, ...STOP_STEPS.slice(1)]);
    return;
  }
  // The number belongs to another program by now, which PostgreSQL would take for a server.
  await rm(join(cluster, "postmaster.pid"), { force: true });
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client(`${url}/postgres`);
  await client.connect();
  try {
    const found = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}
