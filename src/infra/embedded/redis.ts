/** A private Redis (or Valkey) for development, tests and small installations. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, realpath, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KeptProcess } from "./child-processes.ts";
import { commandOf, endProcess, freePort, type StopStep } from "./processes.ts";
import { findRedisProgram } from "./redis-program.ts";
import { tailOf, withServerLog } from "./server-log.ts";

/** Another program may take the free port before the server does. */
const PORT_ATTEMPTS = 5;
const STOP_STEPS: readonly StopStep[] = [{ signal: "SIGTERM", waitMs: 1000 }];

type Options = {
  /** Holds the server's configuration, with the password, and its log; made when absent. */
  readonly dir: string;
  readonly log: (line: string) => void;
};

export type EmbeddedRedis = {
  /** On 127.0.0.1, with a password. */
  readonly url: string;
  /** Idempotent; resolves when the server is gone. `hurry` cuts off even a stop under way. */
  stop(hurry?: boolean): Promise<void>;
};

/** Starts a Redis of our own; resolves when it answers. It keeps nothing on disk, since all that it
 * holds can be made again from Postgres. It runs in a session of its own, is started again when it
 * crashes, and ends shortly after this process does, however that ends.
 * @throws Error when there is no program for it, or with the server's last words. */
export async function startRedis(options: Options): Promise<EmbeddedRedis> {
  const { log } = options;
  const program = await findRedisProgram({ log });
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  const dir = await realpath(options.dir);
  const configFile = join(dir, "redis.conf");
  const logFile = join(dir, "server.log");
  await endOrphan(dir, configFile, log);

  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const password = randomBytes(24).toString("base64url");
    await writeFile(configFile, configuration(dir, port, password), { mode: 0o600 });
    const server = new KeptProcess({
      name: "Redis",
      start: () => withServerLog(logFile, (fd) => start(program, configFile, dir, fd)),
      untilReady: (_, signal) => untilReady(port, password, signal),
      stopSteps: STOP_STEPS,
      orphanSignal: "SIGTERM",
      log,
    });
    try {
      await server.ready;
      const url = `redis://default:${password}@127.0.0.1:${port}`;
      return { url, stop: (hurry) => server.stop(hurry) };
    } catch (error) {
      await server.stop();
      const words = tailOf(logFile);
      if (attempt < PORT_ATTEMPTS && words.includes("Address already in use")) continue;
      throw new Error(`${(error as Error).message}. The end of ${logFile}:\n${words}`);
    }
  }
}

const start = (program: string, configFile: string, dir: string, fd: number): ChildProcess =>
  spawn(program, [configFile], { cwd: dir, detached: true, stdio: ["ignore", fd, fd] });

/** The password stands in a file that only we may read: arguments are visible to everyone. */
function configuration(dir: string, port: number, password: string): string {
  const settings: Record<string, string | number> = {
    bind: "127.0.0.1",
    port,
    requirepass: password,
    dir: quoted(dir),
    pidfile: quoted(join(dir, "redis.pid")),
    daemonize: "no",
    // The command line stays as given, so that the next start knows an orphan by it.
    "set-proc-title": "no",
    save: '""',
    appendonly: "no",
    // Evicting a key would lose a job of the queues.
    "maxmemory-policy": "noeviction",
    "shutdown-timeout": 0,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}\n`)
    .join("");
}

const quoted = (path: string): string => `"${path.replaceAll(/["\\]/g, "\\$&")}"`;

async function untilReady(port: number, password: string, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    if (await answers(port, password)) return;
    await sleep(20);
  }
}

/** Says PING in Redis's own protocol: a client library would log each refused attempt. */
function answers(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(`AUTH ${password}\r\nPING\r\n`);
    });
    let reply = "";
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("data", (chunk) => {
      reply += chunk;
      if (reply.split("\r\n").length > 2) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(reply === "+OK\r\n+PONG\r\n"));
  });
}

/** Ends a server that still runs on this directory: its parent was killed outright. */
async function endOrphan(
  dir: string,
  configFile: string,
  log: (line: string) => void,
): Promise<void> {
  const pid = Number(await readFile(join(dir, "redis.pid"), "utf8").catch(() => ""));
  if (!pid || !commandOf(pid)?.endsWith(` ${configFile}`)) return;
  log(`Stopping the Redis (process ${pid}) that an earlier run left behind`);
  await endProcess(pid, STOP_STEPS);
}
