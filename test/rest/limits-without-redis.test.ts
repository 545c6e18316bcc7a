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

  it("clients are cut off and come back, but for who was disabled while nobody heard of it", async () => {
    const [ann, bob] = (await service.addUsers(2)) as [TestUser, TestUser];
    const [gone, back] = await Promise.all([
      LiveClient.connect(service.url, ann),
      LiveClient.connect(service.url, bob),
    ]);
    const refused = new Promise<Error>((resolve) => {
      gone.socket.on("connect_error", (error) => {
        if (error.message === "Unauthorized") resolve(error);
      });
    });
    // Without an event, as when the one there was could not reach this process.
    await service.db.query("update users set disabled_at = now() where id = $1", [ann.id]);
    process.kill(Number(readFileSync(join(dir, "redis.pid"), "utf8")), "SIGKILL"); // it comes back
    await refused;
    await eventually(() => assert.equal(back.caughtUp, 2), 15_000);
    for (const client of [gone, back]) client.close();
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
    let refused = 0;
    while ((await status(guess)) === 401) refused += 1;
    assert.ok(refused <= LIMIT, `${refused} guesses`);
    assert.equal(await status(guess), 429);
    assert.equal(await status(eve), 200);
  });
});
