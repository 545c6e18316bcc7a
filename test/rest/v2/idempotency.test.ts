import assert from "node:assert/strict";
import { type Answer, eventually, Service, type TestUser } from "../../service.ts";
import { failsWith } from "./pages.ts";

describe("POST /api/tweets with an Idempotency-Key", () => {
  let service: Service;
  let ann: TestUser;
  let bob: TestUser;
  before(async () => {
    service = await Service.start({ apis: 2, workers: 0 });
  });
  beforeEach(async () => {
    [ann, bob] = (await service.addUsers(2)) as [TestUser, TestUser];
  });
  after(() => service.stop());

  async function post(user: TestUser, key: string, body: object, api = 0): Promise<Answer> {
    const response = await fetch(`${service.apis[api]?.url}/api/tweets`, {
      method: "POST",
      headers: { "api-key": user.key, "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }
  const tweetsOf = async (user: TestUser): Promise<number[]> => {
    const { rows } = await service.db.query("select id from tweets where author_id = $1", [
      user.id,
    ]);
    return rows.map(({ id }) => id);
  };

  it("answers the first answer again, and posts once", async () => {
    const body = { tweet_data: "once" };
    for (const key of ["6f1c1e0a-7d3f", "it's?\\$1:x\"#--", "k".repeat(200)]) {
      const user = await service.addUser();
      const first = await post(user, key, body);
      assert.equal(first.status, 201);
      for (const api of [1, 0]) {
        const again = await post(user, key, { ...body, unknown: 1 }, api);
        assert.deepEqual([again.status, again.body], [201, first.body]);
      }
      assert.deepEqual(await tweetsOf(user), [first.body.tweet_id]);
    }
  });

  it("posts once when both arrive at the same moment on two processes, and both can read it", async () => {
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(
        [0, 1, 0, 1].map(async (api) => {
          const answer = await post(ann, `round-${round}`, { tweet_data: `${round}` }, api);
          const feed = await service.feed(ann, "", 1 - api);
          assert.ok(feed.includes(answer.body.tweet_id), "the next read shows it");
          return answer;
        }),
      );
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
      assert.equal(new Set(answers.map(({ body }) => body.tweet_id)).size, 1);
    }
    assert.equal((await tweetsOf(ann)).length, 20);
    const { rows } = await service.db.query(
      "select count(*)::int as n from events where type = 'tweet:new' and payload ->> 'authorId' = $1",
      [String(ann.id)],
    );
    assert.equal(rows[0].n, 20);
  });

  it("refuses the key with another tweet; another person's is another key", async () => {
    assert.equal((await post(ann, "k", { tweet_data: "a" })).status, 201);
    failsWith(await post(ann, "k", { tweet_data: "b" }), 422, "ValidationError", /new key/);
    failsWith(
      await post(ann, "k", { tweet_data: "a", tweet_media_ids: [1] }),
      422,
      "ValidationError",
      /new key/,
    );
    assert.equal((await post(bob, "k", { tweet_data: "b" })).status, 201);
    assert.equal((await tweetsOf(ann)).length, 1);
  });

  it("keeps no answer of a failure, and answers still when the tweet is deleted", async () => {
    const wrong = { tweet_data: "x", tweet_media_ids: [999_999] };
    failsWith(await post(ann, "k", wrong), 422, "InvalidMedia");
    const right = await post(ann, "k", { tweet_data: "x" });
    assert.equal(right.status, 201);
    await service.call(ann, "DELETE", `/api/tweets/${right.body.tweet_id}`);
    const again = await post(ann, "k", { tweet_data: "x" }, 1);
    assert.deepEqual([again.status, again.body], [201, right.body]);
    assert.deepEqual(await tweetsOf(ann), []);
    assert.deepEqual(await service.feed(ann), []);
  });

  it("refuses a key that is too long or has other characters", async () => {
    for (const key of ["k".repeat(201), "a b", "cl\u00e9s"]) {
      failsWith(await post(ann, key, { tweet_data: "x" }), 422, "ValidationError", /visible ASCII/);
    }
    assert.deepEqual(await tweetsOf(ann), []);
  });

  it("forgets a key after 24 hours, and the sweep removes it", async () => {
    const first = await post(ann, "old", { tweet_data: "x" });
    const age = (hours: number) =>
      service.db.query(
        "update idempotency_keys set created_at = now() - make_interval(hours => $1, secs => 5)",
        [hours],
      );
    await age(23);
    assert.deepEqual((await post(ann, "old", { tweet_data: "x" })).body, first.body);
    await age(24);
    const second = await post(ann, "old", { tweet_data: "another" });
    assert.equal(second.status, 201);
    assert.equal((await tweetsOf(ann)).length, 2);
    await age(24);
    assert.equal((await post(bob, "young", { tweet_data: "x" })).status, 201);
    const keys = async () =>
      (await service.db.query("select key from idempotency_keys")).rows.map(({ key }) => key);
    assert.ok((await keys()).length > 1);
    await service.startWorkers(); // they sweep when they start
    await eventually(async () => assert.deepEqual(await keys(), ["young"]));
  });

  it("is documented", async () => {
    const { body } = await service.call(undefined, "GET", "/openapi.json");
    const [header] = body.paths["/api/tweets"].post.parameters;
    assert.deepEqual(
      [header.in, header.name, header.required ?? false],
      ["header", "Idempotency-Key", false],
    );
  });
});
