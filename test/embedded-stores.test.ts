import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import pg from "pg";
import { startPostgres } from "../src/infra/embedded/postgres.ts";
import { birthOf } from "../src/infra/embedded/processes.ts";
import { startRedis } from "../src/infra/embedded/redis.ts";

const lines: string[] = [];
const log = (line: string): void => void lines.push(line);

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** Starts the store in a process of its own, which can be killed; answers the store's URL. */
async function inAnotherProcess(call: string): Promise<{ child: ChildProcess; url: string }> {
  const code = `
    const { startPostgres } = await import("./src/infra/embedded/postgres.ts");
    const { startRedis } = await import("./src/infra/embedded/redis.ts");
    console.log((await ${call}).url);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [url] = (await once(createInterface(child.stdout), "line")) as [string];
  return { child, url };
}

describe("embedded stores", () => {
  let dir: string;
  const stops: (() => Promise<void>)[] = [];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "warble-stores-"));
    chmodSync(dir, 0o711);
    lines.length = 0;
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const postgres = async (path: string) => {
    const store = await startPostgres({ dir: path, log });
    stops.push(() => store.stop());
    return store;
  };
  const redis = async (path: string) => {
    const store = await startRedis({ dir: path, log });
    stops.push(() => store.stop());
    return store;
  };

  describe("Postgres", () => {
    it("keeps its data and its password over a stop and a start", async () => {
      const first = await postgres(join(dir, "pg"));
      await ask(first.url, "CREATE TABLE kept AS SELECT 42 AS answer");
      await Promise.all([first.stop(), first.stop()]);
      await assert.rejects(ask(first.url, "SELECT 1"), /ECONNREFUSED/);
      const second = await postgres(join(dir, "pg"));
      assert.deepEqual(await ask(second.url, "SELECT answer FROM kept"), [{ answer: 42 }]);
      assert.equal(new URL(second.url).password, new URL(first.url).password);
      assert.equal(statSync(join(dir, "pg/password")).mode & 0o777, 0o600);
    });

    it("writes durably, and is reached from this machine with the password only", async () => {
      const { url } = await postgres(join(dir, "pg"));
      const [settings] = await ask(
        url,
        `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
                current_setting('listen_addresses') AS addresses`,
      );
      assert.deepEqual(settings, { fsync: "on", commit: "on", addresses: "127.0.0.1" });
      const wrong = new URL(url);
      wrong.password = "guessed";
      await assert.rejects(ask(wrong.href, "SELECT 1"), /password authentication failed/);
    });

    it("works below a directory that nobody else may enter", async () => {
      const closed = join(dir, "closed");
      mkdirSync(closed, { mode: 0o700 });
      const { url } = await postgres(join(closed, "deep/pg"));
      assert.deepEqual(await ask(url, "SELECT lower('ПРИВЕТ') AS text"), [{ text: "привет" }]);
    });

    it("takes over, with the data, when the process before it was killed", async () => {
      const path = JSON.stringify(join(dir, "pg"));
      const before = await inAnotherProcess(`startPostgres({ dir: ${path}, log() {} })`);
      await ask(before.url, "CREATE TABLE kept AS SELECT 42 AS answer");
      const postmaster = Number(
        readFileSync(join(dir, "pg/cluster/postmaster.pid"), "utf8").split("\n")[0],
      );
      before.child.kill("SIGKILL");
      await once(before.child, "exit");
      const { url } = await postgres(join(dir, "pg"));
      assert.deepEqual(await ask(url, "SELECT answer FROM kept"), [{ answer: 42 }]);
      assert.equal(birthOf(postmaster), undefined);
      assert.match(lines.join("\n"), /an earlier run left behind/);
    });

    it("ends by itself soon after its process was killed", async () => {
      const path = JSON.stringify(join(dir, "pg"));
      const { child, url } = await inAnotherProcess(`startPostgres({ dir: ${path}, log() {} })`);
      child.kill("SIGKILL");
      await sleep(5000);
      await assert.rejects(ask(url, "SELECT 1"), /ECONNREFUSED/);
    });
  });

  describe("Redis", () => {
    const open = (url: string): Redis => {
      const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1 });
      client.on("error", () => {});
      stops.unshift(async () => client.disconnect());
      return client;
    };

    it("refuses whoever has no password, and keeps the password to itself", async () => {
      const { url } = await redis(join(dir, "redis"));
      assert.equal(await open(url).ping(), "PONG");
      const { host, port } = new URL(url);
      await assert.rejects(open(`redis://${host}`).ping(), /NOAUTH/, port);
      assert.equal(statSync(join(dir, "redis/redis.conf")).mode & 0o777, 0o600);
    });

    it("keeps nothing on disk and never evicts", async () => {
      const client = open((await redis(join(dir, "redis"))).url);
      assert.deepEqual(await client.config("GET", "save"), ["save", ""]);
      assert.deepEqual(await client.config("GET", "appendonly"), ["appendonly", "no"]);
      assert.deepEqual(await client.config("GET", "maxmemory-policy"), [
        "maxmemory-policy",
        "noeviction",
      ]);
    });

    it("is there again, at the same address, after a crash", async () => {
      const { url } = await redis(join(dir, "redis"));
      const pid = Number(readFileSync(join(dir, "redis/redis.pid"), "utf8"));
      process.kill(pid, "SIGKILL");
      await sleep(1000);
      assert.equal(await open(url).ping(), "PONG");
      assert.match(lines.join("\n"), /Redis ended \(SIGKILL\): starting it again/);
    });

    it("takes over when the process before it was killed", async () => {
      const path = JSON.stringify(join(dir, "redis"));
      const before = await inAnotherProcess(`startRedis({ dir: ${path}, log() {} })`);
      const pid = Number(readFileSync(join(dir, "redis/redis.pid"), "utf8"));
      before.child.kill("SIGKILL");
      await once(before.child, "exit");
      const { url } = await redis(join(dir, "redis"));
      assert.equal(await open(url).ping(), "PONG");
      assert.equal(birthOf(pid), undefined);
    });
  });
});
