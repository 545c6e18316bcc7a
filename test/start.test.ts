import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DataDirLocked, lockDataDir } from "../src/infra/embedded/data-dir-lock.ts";
import { commandOf, freePort } from "../src/infra/embedded/processes.ts";
import { findRunningService } from "../src/infra/embedded/running-service.ts";
import { descendantsOf, survivorsOf } from "./process-tree.ts";
import { eventually } from "./service.ts";
import { Start } from "./start-process.ts";

describe("npm start", function () {
  this.timeout(90_000);
  let dataDir: string;
  const started: Start[] = [];

  const start = (settings?: Record<string, string>): Start => {
    const service = new Start(dataDir, settings);
    started.push(service);
    return service;
  };

  beforeEach(() => {
    // Only its owner may enter what mkdtemp makes, as with `mktemp -d` in a shell.
    dataDir = join(mkdtempSync(join(tmpdir(), "warble-start-")), "data");
  });
  afterEach(async () => {
    for (const { child, ended } of started.splice(0)) {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await ended;
    }
    rmSync(resolve(dataDir, ".."), { recursive: true, force: true });
  });

  it("brings everything up, and at Ctrl-C all of it down within ten seconds", async () => {
    const service = start();
    const url = await service.url();
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    const me = await fetch(`${url}/api/users/me`, { headers: { "api-key": "test" } });
    assert.equal(me.status, 200);
    assert.equal(findRunningService(dataDir)?.url, url);
    assert.equal(statSync(join(dataDir, "run.json")).mode & 0o777, 0o600);

    const below = descendantsOf(service.pid);
    assert.ok(below.length >= 4, "API, workers, Postgres, Redis");
    service.child.kill("SIGINT");
    const [code] = await Promise.race([service.ended, sleep(10_000, ["too late"])]);
    assert.equal(code, 0, service.output);
    assert.deepEqual(await survivorsOf(below, 0), []);
    assert.equal(existsSync(join(dataDir, "run.json")), false);
    assert.equal(existsSync(join(dataDir, "lock")), false);
  });

  it("takes Ctrl-C and npm's echo of it for one", async () => {
    const service = start();
    await service.url();
    for (const signal of ["SIGINT", "SIGINT", "SIGTERM"] as const) service.child.kill(signal);
    assert.deepEqual(await service.ended, [0, null]);
    assert.doesNotMatch(service.output, /at once/);
  });

  it("stops in order while it is still starting", async () => {
    const service = start();
    while (!service.output.includes("starting")) await sleep(5);
    service.child.kill("SIGTERM");
    assert.deepEqual(await service.ended, [0, null]);
    assert.doesNotMatch(service.output, /did not start/);
  });

  it("gives the queue dashboard a password for this run", async () => {
    const port = await freePort("127.0.0.1");
    const service = start({ ADMIN_PORT: String(port) });
    await service.url();
    const { origin, password } = await eventually(
      () =>
        /Queues: (?<origin>http:.*)\/admin\/queues {2}\(password of this run: (?<password>\S+)\)/.exec(
          service.output,
        )?.groups ?? assert.fail(service.output),
    );
    const signIn = () =>
      fetch(`${origin}/admin/sign-in`, {
        method: "POST",
        redirect: "manual",
        headers: { origin: String(origin) },
        body: new URLSearchParams({ password: String(password) }),
      });
    await eventually(async () => assert.equal((await signIn()).status, 303));
  });

  it("refuses a second start on the same data", async () => {
    await start().url();
    const second = start();
    assert.deepEqual(await second.ended, [1, null]);
    assert.match(second.output, /is in use by `npm start` \(process \d+\)/);
  });

  it("refuses a port that is taken", async () => {
    const { port } = new URL(await start().url());
    const other = new Start(join(dataDir, "other"), { PORT: port });
    assert.deepEqual(await other.ended, [1, null]);
    assert.match(other.output, new RegExp(`Port ${port} is taken`));
  });

  it("names every wrong setting", async () => {
    const service = start({ PORT: "no", FEED_WINDOW: "0" });
    assert.deepEqual(await service.ended, [1, null]);
    assert.match(service.output, /PORT[\s\S]*FEED_WINDOW/);
  });

  it("leaves nothing running when it is killed, and starts again on the same data", async () => {
    const service = start();
    await service.url();
    const below = descendantsOf(service.pid);
    service.child.kill("SIGKILL");
    assert.deepEqual(await survivorsOf(below, 12_000), []);
    assert.equal(findRunningService(dataDir), undefined);
    const again = start();
    assert.equal((await fetch(`${await again.url()}/readyz`)).status, 200);
  });

  it("starts a program again that has crashed", async () => {
    const service = start();
    const url = await service.url();
    for (const pid of descendantsOf(service.pid)) {
      if (commandOf(pid)?.includes("src/main.ts")) process.kill(pid, "SIGKILL");
    }
    while (!/API ended \(SIGKILL\): starting it again/.test(service.output)) await sleep(20);
    for (;;) {
      const response = await fetch(`${url}/readyz`).catch(() => undefined);
      if (response?.ok) break;
      await sleep(100);
    }
  });
});

describe("the lock of the data directory", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "warble-lock-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("lets one in, and the next when that one is gone", async () => {
    const unlock = await lockDataDir(dir, "the first");
    await assert.rejects(lockDataDir(dir, "the second"), DataDirLocked);
    unlock();
    (await lockDataDir(dir, "the third"))();
  });

  it("is taken over from a process whose number belongs to another one by now", async () => {
    const holder = { pid: process.pid, born: "an earlier boot/1", what: "a ghost", brief: false };
    writeFileSync(join(dir, "lock"), JSON.stringify(holder));
    (await lockDataDir(dir, "the living"))();
  });

  it("waits for a brief holder", async () => {
    const unlock = await lockDataDir(dir, "a command-line tool", true);
    setTimeout(unlock, 300);
    (await lockDataDir(dir, "a service"))();
  });
});
