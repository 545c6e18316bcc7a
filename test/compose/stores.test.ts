import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { startPostgres } from "../../src/infra/embedded/postgres.ts";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { findRedisProgram } from "../../src/infra/embedded/redis-program.ts";
import { eventually, Service } from "../service.ts";
import { loadCompose, SECRETS } from "./compose-file.ts";

const { services } = loadCompose();
const PASSWORD = SECRETS.REDIS_PASSWORD;

/** The real servers, with exactly the arguments that docker-compose.yml gives them. */
describe("the stores of docker-compose.yml", function () {
  this.timeout(60_000);
  let dir: string;
  const running: ChildProcess[] = [];
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "warble-compose-"));
    chmodSync(dir, 0o711);
  });
  after(async () => {
    for (const child of running) await end(child, "SIGTERM");
    rmSync(dir, { recursive: true, force: true });
  });

  async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  }

  /** What the container has besides: a directory of its own and a port. */
  async function startRedis(name: "redis" | "redis-queues", home = join(dir, name)) {
    const [, ...args] = services[name]?.command ?? [];
    mkdirSync(home, { recursive: true });
    const port = await freePort();
    const program = await findRedisProgram({ log: console.log });
    const place = ["--port", String(port), "--bind", "127.0.0.1", "--dir", home];
    const child = spawn(program, [...args, ...place], { stdio: "ignore" });
    running.push(child);
    const url = `redis://:${PASSWORD}@127.0.0.1:${port}`;
    const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: 200 });
    client.on("error", () => undefined);
    await client.ping();
    return { child, client, url, port };
  }

  const setting = async (client: Redis, name: string): Promise<string> =>
    ((await client.config("GET", name)) as string[])[1] as string;

  it("Redis for caches: nothing on disk, evicts only what has a time to live", async () => {
    const { child, client, port } = await startRedis("redis");
    assert.equal(await setting(client, "maxmemory-policy"), "volatile-lru");
    assert.equal(await setting(client, "maxmemory"), String(400 * 1024 ** 2));
    assert.equal(await setting(client, "appendonly"), "no");
    assert.equal(await setting(client, "save"), "");
    const stranger = new Redis({ port, retryStrategy: () => null });
    stranger.on("error", () => undefined);
    await assert.rejects(stranger.ping(), /NOAUTH/);
    stranger.disconnect();

    // Full of feeds: writes go on, scores stay, the service does not notice.
    await client.config("SET", "maxmemory", "8mb");
    await client.zadd("scores", 1, "tweet");
    for (let n = 0; n < 300; n += 1) await client.set(`feed:${n}`, "x".repeat(50_000), "EX", 3600);
    assert.equal(await client.zscore("scores", "tweet"), "1");
    assert.ok((await client.dbsize()) < 300);
    client.disconnect();
    await end(child, "SIGTERM");
  });

  it("Redis for queues: never evicts, and a job outlives a kill", async () => {
    const first = await startRedis("redis-queues");
    assert.equal(await setting(first.client, "maxmemory-policy"), "noeviction");
    assert.equal(await setting(first.client, "appendonly"), "yes");
    assert.equal(await setting(first.client, "appendfsync"), "everysec");
    const queue = new Queue("pictures", { connection: first.client });
    await queue.add("kept", { n: 1 });
    await queue.close();
    first.client.disconnect();
    await end(first.child, "SIGKILL");

    const second = await startRedis("redis-queues");
    const again = new Queue("pictures", { connection: second.client });
    assert.deepEqual(
      (await again.getWaiting()).map(({ name }) => name),
      ["kept"],
    );
    await again.close();
    second.client.disconnect();
    await end(second.child, "SIGTERM");
  });

  it("both together serve the real service", async () => {
    const [caches, queues] = await Promise.all([
      startRedis("redis"),
      startRedis("redis-queues", join(dir, "other")),
    ]);
    const service = await Service.start({
      env: { REDIS_URL: caches.url, QUEUE_REDIS_URL: queues.url },
    });
    try {
      const ann = await service.addUser("Ann");
      const id = await service.tweet(ann, "in containers, almost");
      assert.deepEqual(await service.feed(ann), [id]);
      await eventually(async () => {
        const { status, body } = await service.call(undefined, "GET", "/readyz");
        assert.equal(status, 200, JSON.stringify(body));
      });
      // Jobs are in the one, feeds in the other.
      const [cacheKeys, queueKeys] = await Promise.all([
        caches.client.keys("*"),
        queues.client.keys("*"),
      ]);
      assert.ok(queueKeys.length > 0 && queueKeys.every((key) => key.startsWith("{")));
      assert.ok(cacheKeys.length > 0 && cacheKeys.every((key) => key.startsWith(service.prefix)));
    } finally {
      await service.stop();
      caches.client.disconnect();
      queues.client.disconnect();
    }
  });

  it("PostgreSQL takes its settings", async () => {
    const [, ...flags] = services.postgresql?.command ?? [];
    const settings = Object.fromEntries(
      flags.map((flag) => flag.replace(/^-c/, "").split("=") as [string, string]),
    );
    assert.ok(Object.keys(settings).length >= 5);
    const server = await startPostgres({ dir: join(dir, "pg"), log: console.log, settings });
    const client = new pg.Client(server.url);
    try {
      await client.connect();
      for (const [name, value] of Object.entries(settings)) {
        const { rows } = await client.query("select current_setting($1) as value", [name]);
        assert.equal(rows[0].value, value, name);
      }
      const { rows } = await client.query("select current_setting('server_version_num') as n");
      assert.equal(services.postgresql?.image, `postgres:${Math.floor(rows[0].n / 10_000)}`);
    } finally {
      await client.end();
      await server.stop();
    }
  });
});
