/** `npm start`: everything in one go. Postgres and Redis where none is configured, the tables, the
 * demo data, the API and the workers; and all of it away again at the end. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CLIENT_DIST, type Config, loadConfig } from "./base/config.ts";
import { hashPassword } from "./base/password-hash.ts";
import { buildClient } from "./client-build.ts";
import { seedDemoData } from "./demo-data.ts";
import { migrate } from "./infra/database.ts";
import { KeptProcess } from "./infra/embedded/child-processes.ts";
import { lockDataDir } from "./infra/embedded/data-dir-lock.ts";
import { Interrupted, LocalService } from "./infra/embedded/local-service.ts";
import { freePort, isPortFree } from "./infra/embedded/processes.ts";
import { announceService, postgresDir, redisDir } from "./infra/embedded/running-service.ts";
import { onStopSignals } from "./infra/embedded/stop-signals.ts";

const READY_TIMEOUT_MS = 60_000;
/** A drain that takes longer is cut off; Postgres and Redis still need some of the ten seconds. */
const DRAIN_MS = 6500;
/** A program that ends this often before it ever served has a fault that waiting does not mend. */
const START_ATTEMPTS = 3;

/** The place of the workers among the processes; those of the API count from 0. */
const WORKERS = -1;

type ProgramOptions = {
  /** Is told once in each of its lives that it serves. */
  readonly onMessage?: () => void;
  readonly untilReady?: (over: AbortSignal) => Promise<void>;
};

type Urls = { readonly databaseUrl: string; readonly redisUrl: string };

const say = (line: string): void => console.log(line);

async function start(service: LocalService): Promise<void> {
  const config = loadConfig();
  service.addRelease(await lockDataDir(config.dataDir, "`npm start`"));
  const port = await choosePort(config);
  const page = config.staticDir === CLIENT_DIST ? buildClient(say) : Promise.resolve();
  const [stores] = await Promise.all([startStores(service, config), service.goOn(page)]);

  const applied = await service.goOn(migrate(stores.databaseUrl));
  say(`Database: ${applied === 0 ? "up to date" : `${applied} migrations applied`}`);
  if (await service.goOn(seedDemoData(stores.databaseUrl, config.dataDir))) {
    say("Demo data: added");
  }

  const url = `http://${addressOf(config.host)}:${port}`;
  say("API and workers: starting …");
  const { apiProcesses } = config;
  const env = {
    ...process.env,
    DATABASE_URL: stores.databaseUrl,
    REDIS_URL: stores.redisUrl,
    DATA_DIR: config.dataDir,
    PORT: String(port),
  };
  const apis = Array.from({ length: apiProcesses }, (_, place) =>
    startApi(place, { ...env, ...metricsOf(config, place) }, url),
  );
  for (const api of apis) service.addProgram(api);
  const dashboard = await openDashboard(config);
  const ofWorkers = {
    ...metricsOf(config, WORKERS),
    CANARY_URL: config.canaryUrl ?? url,
    ...dashboard?.env,
  };
  service.addProgram(program("Workers", "../workers/main.ts", { ...env, ...ofWorkers }));
  await service.goOn(Promise.all(apis.map(({ ready }) => ready)));
  service.addRelease(announceService(config.dataDir, { ...stores, url }));
  say(`\nWarble is ready: ${url}  (demo key: test; Ctrl-C ends it)`);
  say(`${dashboard?.notice ?? ""}\n`);
}

/** The API's processes may share their port, so they would not notice a stranger's on it. */
async function choosePort({ port, host }: Config): Promise<number> {
  if (port === 0) return freePort(host);
  if (await isPortFree(port, host)) return port;
  throw new Error(`Port ${port} is taken. Set PORT to another one.`);
}

/** On one machine every process has a port of its own for its figures: the first API process the
 * given one, the workers the next, further API processes those after it. */
const metricsOf = ({ metricsPort }: Config, place: number) => {
  const above = place === WORKERS ? 1 : place === 0 ? 0 : place + 1;
  return { METRICS_PORT: String(metricsPort === 0 ? 0 : metricsPort + above) };
};

/** An API process, ready when it listens and the service answers. Which process answers on a shared
 * port cannot be told from outside, so each tells its parent that it listens. */
function startApi(place: number, env: NodeJS.ProcessEnv, url: string): KeptProcess {
  const name = place === 0 ? "API" : `API ${place + 1}`;
  let listens = false;
  const onMessage = () => {
    listens = true;
  };
  const untilReady = (over: AbortSignal) => untilAnswers(`${url}/readyz`, () => listens, over);
  return program(name, "./main.ts", env, { onMessage, untilReady });
}

/** In development the queue dashboard needs no set-up: it gets a password for this run, which stands
 * nowhere but on the terminal. */
async function openDashboard({ admin, development, host }: Config) {
  if (admin.port === 0 || admin.passwordHash !== undefined || !development) return undefined;
  if (!(await isPortFree(admin.port, host))) {
    const notice = `Queues: no dashboard, since port ${admin.port} is taken. Set ADMIN_PORT to another one.`;
    return { env: { ADMIN_PORT: "0" }, notice };
  }
  const password = randomBytes(15).toString("base64url");
  return {
    env: { ADMIN_PASSWORD_HASH: await hashPassword(password) },
    notice: `Queues: http://${addressOf(host)}:${admin.port}/admin/queues  (password of this run: ${password})`,
  };
}

/** Starts what no URL was given for, both at once. An installation that has its own lacks the
 * packages of the embedded ones, so they are loaded only when wanted. */
async function startStores(service: LocalService, config: Config): Promise<Urls> {
  const open = {
    Postgres: async () => {
      const { startPostgres } = await import("./infra/embedded/postgres.ts");
      return startPostgres({ dir: postgresDir(config.dataDir), log: say });
    },
    Redis: async () => {
      const { startRedis } = await import("./infra/embedded/redis.ts");
      return startRedis({ dir: redisDir(config.dataDir), log: say });
    },
  };
  const urlOf = async (name: keyof typeof open, configured: string | undefined) => {
    if (configured !== undefined) return configured;
    say(`${name}: starting …`);
    return (await service.addStore(open[name]())).url;
  };
  const postgres = urlOf("Postgres", config.databaseUrl);
  const redis = urlOf("Redis", config.redisUrl);
  const [databaseUrl, redisUrl] = await Promise.all([postgres, redis]);
  return { databaseUrl, redisUrl };
}

/** One of our own programs, in a group of its own, so that Ctrl-C reaches it through us only; it
 * leaves by itself when its channel to us breaks. */
function program(
  name: string,
  path: string,
  env: NodeJS.ProcessEnv,
  { onMessage, untilReady }: ProgramOptions = {},
): KeptProcess {
  const file = fileURLToPath(new URL(path, import.meta.url));
  return new KeptProcess({
    name,
    start: () => {
      const child = spawn(process.execPath, [file], {
        detached: true,
        stdio: ["ignore", "inherit", "inherit", "ipc"],
        env,
      });
      return onMessage ? child.once("message", onMessage) : child;
    },
    ...(untilReady && { untilReady: (_, signal) => untilReady(signal) }),
    attempts: START_ATTEMPTS,
    stopSteps: [{ signal: "SIGTERM", waitMs: DRAIN_MS }],
    log: say,
  });
}

/** @throws Error with the service's own reason when it is not ready within a minute. */
async function untilAnswers(url: string, listens: () => boolean, over: AbortSignal) {
  let reason = "it does not answer";
  for (const deadline = Date.now() + READY_TIMEOUT_MS; Date.now() < deadline; await sleep(50)) {
    if (over.aborted) return;
    if (!listens()) continue;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
      reason = await response.text();
      if (response.ok) return;
    } catch {
      // Not listening yet.
    }
  }
  throw new Error(`The API is not ready: ${reason}`);
}

/** `HOST` may be a wildcard, which is no address to open. */
function addressOf(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

const service = new LocalService();
const end = async (hurry: boolean): Promise<void> => {
  await service.stop(hurry);
  // The only thing that still holds this process: the channel to whoever started it.
  if (process.connected) process.disconnect();
};
onStopSignals((hurry) => {
  if (hurry) say("Stopping at once …");
  else if (!service.isStopping) say("Stopping …");
  void end(hurry);
});
try {
  await start(service);
} catch (error) {
  if (!(error instanceof Interrupted)) {
    console.error(`\nWarble did not start. ${(error as Error).message}`);
    process.exitCode = 1;
    await end(false);
  }
}
