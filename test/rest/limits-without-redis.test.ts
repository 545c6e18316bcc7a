import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRedis } from "../../src/infra/embedded/redis.ts";
import { LiveClient } from "../live-client.ts";
import { eventually, Service, type TestUser } from "../service.ts";

const LIMIT = 5;

/** A Redis of its own, since the other tests need theirs. */
describe("when Redis goes away", function () {
  this.timeout(30_000);
  const dir = mkdtempSync(join(tmpdir(), "warble-limits-"));
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let service: Service;
  before(async () => {
    redis = await startRedis({ dir, log: () => undefined });
    const env = {
      REDIS_URL: redis.url,
      RATE_LIMIT_WRITES: String(LIMIT),
      RATE_LIMIT_FAILED_KEYS: String(LIMIT),
      LOG_LEVEL: "fatal",
    };
    service = await Service.start({ apis: 2, workers: 0, env });
  });
  after(async () => {
    await service.stop();
    await redis.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const follow = async (user: TestUser, other: TestUser, api: number) =>
    (await service.call(user, "DELETE", `/api/users/${other.id}/follow`, undefined, api)).status;

  it("sockets are closed of who was disabled while nobody heard of it", async () => {
    const [ann, bob] = (await service.addUsers(2)) as [TestUser, TestUser];
    const clients = await Promise.all(
      [ann, bob].map((one) => LiveClient.connect(service.url, one)),
    );
    for (const { socket } of clients) socket.io.reconnection(false);
    // Without an event, as when the one there was could not reach this process.
    await service.db.query("update users set disabled_at = now() where id = $1", [ann.id]);
    process.kill(Number(readFileSync(join(dir, "redis.pid"), "utf8")), "SIGKILL"); // it comes back
    await eventually(() => assert.ok(clients[0]?.disconnected));
    assert.equal(clients[1]?.disconnected, false);
    for (const client of clients) client.close();
  });

  it("calls go on, and each process limits by its own count", async () => {
    const [cid, dan] = (await service.addUsers(2)) as [TestUser, TestUser];
    await redis.stop();
    for (const api of [0, 1]) {
      for (let i = 0; i < LIMIT; i++) assert.equal(await follow(cid, dan, api), 200);
      assert.equal(await follow(cid, dan, api), 429);
      assert.equal(await follow(dan, cid, api), 200);
    }
  });

  it("unknown keys are limited still, and keys that were good before are taken", async () => {
    const eve = await service.addUser("Eve");
    const status = async (user: TestUser) =>
      (await service.call(user, "GET", "/api/users/me")).status;
    assert.equal(await status(eve), 200);
    const guess = { ...eve, key: "a guess" };
    for (let i = 0; i < LIMIT; i++) assert.equal(await status(guess), 401);
    assert.equal(await status(guess), 429);
    assert.equal(await status(eve), 200);
  });
});
