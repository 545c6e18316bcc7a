/** A Warble to be measured: real processes on a copy of the seeded database. */
import { type ChildProcess, type Serializable, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";

/** What all parts of a run share. */
export interface Bench {
  /** Of a superuser; the database named in it is the seeded one, to which nobody is connected. */
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** For files; removed at the end of the run. */
  readonly dir: string;
  /** Where API and workers write CPU profiles, if they do. */
  readonly profileDir: string | undefined;
  /** Every child is told here, so that it is ended with the run. */
  readonly track: (child: ChildProcess) => void;
  readonly say: (line: string) => void;
}

export interface Running {
  readonly pid: number;
  /** The first message that it sent. */
  readonly hello: unknown;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

export interface Served extends Running {
  readonly url: string;
}

/** Starts one of our programs and waits for its first message.
 * @param first sent to it at once. */
export async function startProgram(
  bench: Bench,
  file: string,
  env: NodeJS.ProcessEnv = {},
  first?: Serializable,
): Promise<Running> {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const child = spawn(process.execPath, [path], {
    env: { ...process.env, NODE_ENV: "production", ...env },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // Ctrl-C reaches it through us only, so that nothing ends before what uses it.
    detached: true,
    serialization: "advanced",
  });
  bench.track(child);
  const ended = once(child, "exit");
  if (first !== undefined) child.send(first);
  const hello = await Promise.race([
    once(child, "message").then(([message]) => message),
    ended.then(([code]) => Promise.reject(new Error(`${file} ended at once (exit code ${code})`))),
  ]);
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return { pid: child.pid as number, hello, child, stop };
}

/** The next message of a program.
 * @throws Error when it ends without one. */
export const messageOf = <T>({ child }: Running): Promise<T> =>
  new Promise((resolve, reject) => {
    const onExit = () => reject(new Error("a program of the bench ended too early"));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message as T);
    });
  });

const served = (running: Running): Served => {
  const { port } = running.hello as { port: number };
  return { ...running, url: `http://127.0.0.1:${port}` };
};

export const startServer = async (bench: Bench, file: string, first?: Serializable) =>
  served(await startProgram(bench, file, {}, first));

let installations = 0;

export class Installation {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly redisPrefix: string;
  readonly db: pg.Pool;
  readonly #bench: Bench;
  readonly #started: Running[] = [];

  private constructor(bench: Bench, databaseUrl: string, dataDir: string, redisPrefix: string) {
    this.#bench = bench;
    this.databaseUrl = databaseUrl;
    this.dataDir = dataDir;
    this.redisPrefix = redisPrefix;
    this.db = new pg.Pool({ connectionString: databaseUrl, max: 3 });
    this.db.on("error", () => undefined); // the run may be ended at any moment
  }

  static async open(bench: Bench): Promise<Installation> {
    const name = `bench_${++installations}`;
    const url = new URL(bench.databaseUrl);
    const template = url.pathname.slice(1);
    url.pathname = "/postgres";
    const admin = new pg.Client(url.href);
    await admin.connect();
    await admin.query(`create database ${name} template ${template}`);
    await admin.query(`checkpoint`); // not in the middle of a measurement
    await admin.end();
    url.pathname = `/${name}`;
    const dataDir = await mkdtemp(join(bench.dir, "data-"));
    return new Installation(bench, url.href, dataDir, name);
  }

  async startApi(env: NodeJS.ProcessEnv = {}): Promise<Served> {
    return served(await this.#start("src/main.ts", env));
  }

  startWorkers(env: NodeJS.ProcessEnv = {}): Promise<Running> {
    return this.#start("workers/main.ts", env);
  }

  /** As in production; only that nobody is refused for calling so often, though calls are counted. */
  async #start(file: string, env: NodeJS.ProcessEnv): Promise<Running> {
    const { profileDir, redisUrl } = this.#bench;
    const profiling = profileDir ? `--cpu-prof --cpu-prof-dir=${profileDir}` : "";
    const running = await startProgram(this.#bench, file, {
      DATABASE_URL: this.databaseUrl,
      REDIS_URL: redisUrl,
      QUEUE_REDIS_URL: redisUrl,
      REDIS_PREFIX: this.redisPrefix,
      DATA_DIR: this.dataDir,
      PORT: "0",
      METRICS_PORT: "0",
      ADMIN_PORT: "0",
      RATE_LIMIT_READS: "1000000000",
      RATE_LIMIT_WRITES: "1000000000",
      RATE_LIMIT_UPLOADS: "1000000000",
      LOG_LEVEL: "warn",
      NODE_OPTIONS: profiling,
      ...env,
    });
    this.#started.push(running);
    return running;
  }

  async close(): Promise<void> {
    await Promise.all(this.#started.map((running) => running.stop()));
    await this.db.end();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
