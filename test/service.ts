/**
 * A real service for a test: API and workers' processes of their own, on a database and a Redis
 * prefix of their own. (Processes, since two Socket.IO servers on uWebSockets.js in one process talk
 * through each other's adapter.)
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import pg from "pg";
import { migrate } from "../src/infra/database.ts";
import { hashKey } from "../src/services/people.ts";

const env = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests by \`npm test\``);
  return value;
};

export interface TestUser {
  id: number;
  name: string;
  key: string;
}

export interface Running {
  child: ChildProcess;
  /** Of an API process: where it listens. */
  url: string;
  /** What it has printed, where that is kept (`ServiceOptions.quiet`). */
  output: string;
  /** Sends the signal and waits until the process is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const ROOT = new URL("../", import.meta.url);

/** Starts one process of the service and waits until it says that it is ready. */
export function startProcess(
  file: "src/main.ts" | "workers/main.ts",
  environment: NodeJS.ProcessEnv,
  quiet = false,
): Promise<Running> {
  const output = quiet ? "pipe" : "inherit";
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, ROOT))], {
    env: { ...process.env, NODE_ENV: "production", ...environment },
    stdio: ["ignore", output, output, "ipc"],
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await gone;
  };
  const running = { child, url: "", output: "", stop };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      running.output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${file} ended at once (exit code ${code})`)));
    child.once("message", (message) => {
      const { port } = message as { port?: number };
      running.url = port ? `http://127.0.0.1:${port}` : "";
      resolve(running);
    });
  });
}

export interface ServiceOptions {
  apis?: number;
  workers?: number;
  env?: NodeJS.ProcessEnv;
  /** Keeps what the processes print, instead of showing it. */
  quiet?: boolean;
}

export class Service {
  readonly apis: Running[] = [];
  readonly workers: Running[] = [];
  readonly environment: NodeJS.ProcessEnv;
  readonly db: pg.Pool;
  readonly redis: Redis;
  readonly dataDir: string;
  readonly prefix: string;
  /** Of the server, not of the database of this service. */
  readonly admin: pg.Pool;
  readonly #database: string;
  readonly #quiet: boolean;

  private constructor(dataDir: string, options: ServiceOptions, admin: pg.Pool, name: string) {
    this.dataDir = dataDir;
    this.admin = admin;
    this.#database = name;
    this.#quiet = options.quiet ?? false;
    this.prefix = name;
    const url = new URL(env("TEST_DATABASE_URL"));
    url.pathname = `/${name}`;
    this.environment = {
      DATABASE_URL: url.href,
      REDIS_URL: env("TEST_REDIS_URL"),
      REDIS_PREFIX: name,
      DATA_DIR: dataDir,
      PORT: "0",
      METRICS_PORT: "0",
      ADMIN_PORT: "0",
      RATE_LIMIT_READS: "0",
      RATE_LIMIT_WRITES: "0",
      RATE_LIMIT_UPLOADS: "0",
      RATE_LIMIT_SOCKETS: "0",
      RATE_LIMIT_FAILED_KEYS: "0",
      LOG_LEVEL: "error",
      ...options.env,
    };
    this.db = new pg.Pool({ connectionString: url.href, max: 5 });
    this.db.on("error", () => undefined); // a test may end the server's connections
    this.redis = new Redis(this.environment.REDIS_URL as string);
    this.redis.on("error", () => undefined); // a test may end its Redis
  }

  /** One API and one workers' process unless told otherwise; call `stop` in the end. */
  static async start(options: ServiceOptions = {}): Promise<Service> {
    const name = `warble_${randomBytes(6).toString("hex")}`;
    const admin = new pg.Pool({ connectionString: env("TEST_DATABASE_URL"), max: 1 });
    await admin.query(`create database ${name}`);
    const dataDir = await mkdtemp(join(tmpdir(), "warble-test-"));
    const service = new Service(dataDir, options, admin, name);
    await migrate(service.environment.DATABASE_URL as string);
    const { apis = 1, workers = 1 } = options;
    await Promise.all([
      ...Array.from({ length: apis }, () => service.startApi()),
      ...Array.from({ length: workers }, () => service.startWorkers()),
    ]);
    return service;
  }

  /** Where the first API process listens. */
  get url(): string {
    return (this.apis[0] as Running).url;
  }

  async startApi(environment: NodeJS.ProcessEnv = {}): Promise<Running> {
    const running = await this.#startProcess("src/main.ts", environment);
    this.apis.push(running);
    return running;
  }

  async startWorkers(environment: NodeJS.ProcessEnv = {}): Promise<Running> {
    const running = await this.#startProcess("workers/main.ts", environment);
    this.workers.push(running);
    return running;
  }

  #startProcess(file: Parameters<typeof startProcess>[0], environment: NodeJS.ProcessEnv) {
    return startProcess(file, { ...this.environment, ...environment }, this.#quiet);
  }

  async addUser(name = "Somebody"): Promise<TestUser> {
    const key = randomBytes(12).toString("hex");
    const { rows } = await this.db.query(`insert into users (name) values ($1) returning id`, [
      name,
    ]);
    await this.db.query(`insert into api_keys (hash, user_id) values ($1, $2)`, [
      hashKey(key),
      rows[0].id,
    ]);
    return { id: rows[0].id, name, key };
  }

  async addUsers(count: number): Promise<TestUser[]> {
    return Promise.all(Array.from({ length: count }, (_, i) => this.addUser(`Person ${i + 1}`)));
  }

  /** Calls the API as somebody. `api` picks the process. */
  async call(
    user: TestUser | undefined,
    method: string,
    path: string,
    body?: unknown,
    api = 0,
  ): Promise<Answer> {
    const headers: Record<string, string> = user ? { "api-key": user.key } : {};
    const init: RequestInit = { method, headers };
    if (body instanceof FormData) init.body = body;
    else if (body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = typeof body === "string" ? body : JSON.stringify(body);
    }
    const response = await fetch(`${(this.apis[api] as Running).url}${path}`, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
  }

  async tweet(user: TestUser, text: string, mediaIds?: number[], api = 0): Promise<number> {
    const body = { tweet_data: text, ...(mediaIds && { tweet_media_ids: mediaIds }) };
    const answer = await this.call(user, "POST", "/api/tweets", body, api);
    if (answer.status !== 201) throw new Error(`no tweet: ${JSON.stringify(answer.body)}`);
    return answer.body.tweet_id;
  }

  async upload(user: TestUser, picture: Buffer, name = "picture.jpg", api = 0): Promise<Answer> {
    const form = new FormData();
    form.set("file", new Blob([new Uint8Array(picture)]), name);
    return this.call(user, "POST", "/api/medias", form, api);
  }

  /** The ids of the feed, as the API answers it. */
  async feed(user: TestUser, query = "", api = 0): Promise<number[]> {
    const answer = await this.call(user, "GET", `/api/tweets${query}`, undefined, api);
    return answer.body.tweets.map(({ id }: { id: number }) => id);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.apis, ...this.workers].map((running) => running.stop()));
    if (this.redis.status === "ready") {
      const keys = await this.redis.keys(`*${this.prefix}*`);
      if (keys.length > 0) await this.redis.unlink(...keys);
    }
    this.redis.disconnect();
    await this.db.end();
    await this.admin.query(`drop database ${this.#database} with (force)`);
    await this.admin.end();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

export interface Answer {
  status: number;
  headers: Headers;
  // The tests assert its shape themselves.
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
  body: any;
}

/** Tries again until the check no longer throws, or the time is up. */
export async function eventually<T>(check: () => Promise<T> | T, withinMs = 5000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
