import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { LiveClient } from "../live-client.ts";
import { Service, type TestUser } from "../service.ts";

const LIMIT = 5;
/** Processes settle with Redis every 200 ms. */
const SETTLED_MS = 400;

describe("the limit of calls", () => {
  let service: Service;
  let ann: TestUser;
  let bob: TestUser;
  before(async () => {
    const limit = String(LIMIT);
    const env = {
      RATE_LIMIT_READS: limit,
      RATE_LIMIT_WRITES: limit,
      RATE_LIMIT_UPLOADS: limit,
      RATE_LIMIT_SOCKETS: limit,
    };
    service = await Service.start({ apis: 2, workers: 0, env });
    [ann, bob] = (await service.addUsers(2)) as [TestUser, TestUser];
  });
  after(() => service.stop());

  const readAs = (user: TestUser, api = 0) =>
    service.call(user, "GET", "/api/users/me", undefined, api);

  it("answers 429 with when to come back, and counts each person and each class apart", async () => {
    for (let i = 0; i < LIMIT; i++) assert.equal((await readAs(ann)).status, 200);
    const { status, headers, body } = await readAs(ann);
    assert.equal(status, 429);
    assert.equal(body.result, false);
    assert.equal(body.error_type, "TooManyRequests");
    assert.match(body.error_message, /More than 5 calls .* Try again in \d+ s/);
    const retryAfter = Number(headers.get("retry-after"));
    assert.ok(retryAfter >= 1 && retryAfter <= 60, `Retry-After ${retryAfter}`);
    assert.equal(headers.get("ratelimit-limit"), "5");
    assert.equal(headers.get("ratelimit-remaining"), "0");
    assert.equal(headers.get("ratelimit-reset"), String(retryAfter));
    assert.equal((await readAs(bob)).status, 200);
    await service.tweet(ann, "writes are counted apart");
  });

  it("tells in the answers to writes how much is left", async () => {
    const dan = await service.addUser("Dan");
    for (const left of [LIMIT - 1, LIMIT - 2]) {
      const { headers } = await service.call(dan, "POST", "/api/tweets", { tweet_data: "x" });
      assert.equal(headers.get("ratelimit-limit"), String(LIMIT));
      assert.equal(headers.get("ratelimit-remaining"), String(left));
      const reset = Number(headers.get("ratelimit-reset"));
      assert.ok(reset >= 1 && reset <= 60, `RateLimit-Reset ${reset}`);
    }
    assert.equal((await readAs(dan)).headers.get("ratelimit-limit"), null);
  });

  it("counts connecting sockets apart from calls", async () => {
    const eve = await service.addUser("Eve");
    for (let i = 0; i < LIMIT; i++) (await LiveClient.connect(service.url, eve)).close();
    await assert.rejects(LiveClient.connect(service.url, eve), /TooManyRequests/);
    assert.equal((await readAs(eve)).status, 200);
    (await LiveClient.connect(service.url, bob)).close();
  });

  it("is documented, with its headers", async () => {
    const response = await fetch(`${service.url}/openapi.json`);
    const { paths } = (await response.json()) as { paths: Record<string, Record<string, Call>> };
    interface Call {
      responses: Record<string, { headers?: object }>;
    }
    const headers = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"];
    for (const [path, calls] of Object.entries(paths)) {
      for (const [method, { responses }] of Object.entries(calls)) {
        const named = (status: string) => Object.keys(responses[status]?.headers ?? {});
        assert.deepEqual(named("429"), [...headers, "Retry-After"], `${method} ${path}`);
        const success = responses["201"] ? "201" : "200";
        assert.deepEqual(named(success), method === "get" ? [] : headers, `${method} ${path}`);
      }
    }
  });

  it("leaves nothing behind of a refused write", async () => {
    let refused = 0;
    for (let i = 0; i < 2 * LIMIT; i++) {
      const answer = await service.call(bob, "POST", "/api/tweets", { tweet_data: `${i}` });
      if (answer.status === 429) refused += 1;
    }
    assert.equal(refused, LIMIT);
    const { rows } = await service.db.query(
      "select count(*)::int as count from tweets where author_id = $1",
      [bob.id],
    );
    assert.equal(rows[0].count, LIMIT);
  });

  it("holds over several processes", async () => {
    const cid = await service.addUser("Cid");
    for (let i = 0; i < LIMIT; i++) assert.equal((await readAs(cid, 0)).status, 200);
    // The second process has its own count until both have settled with Redis.
    let taken = 0;
    while ((await readAs(cid, 1)).status !== 429) {
      taken += 1;
      assert.ok(taken < LIMIT, "the second process counts alone");
      await sleep(SETTLED_MS);
    }
  });
});
