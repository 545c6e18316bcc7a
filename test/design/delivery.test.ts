import assert from "node:assert/strict";
import { LiveClient } from "../live-client.ts";
import { plain } from "../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../service.ts";

describe("what is committed is delivered", function () {
  this.timeout(40_000);
  let service: Service;
  let [ann, bob]: TestUser[] = [];
  let follower: LiveClient;
  before(async () => {
    service = await Service.start({ apis: 2 });
  });
  after(() => service.stop());
  beforeEach(async () => {
    [ann, bob] = await service.addUsers(2);
    await service.call(bob, "POST", `/api/users/${ann?.id}/follow`);
    follower = await LiveClient.connect(service.apis[1]?.url as string, bob as TestUser);
  });
  afterEach(() => follower.close());

  const lastTweet = async (): Promise<number> => {
    const { rows } = await service.db.query(
      "select max(id) as id from tweets where author_id = $1",
      [ann?.id],
    );
    assert.ok(rows[0].id, "not committed yet");
    return rows[0].id;
  };

  it("by the relay, when the process is killed between commit and delivery", async () => {
    const doomed = await service.startApi();
    const api = service.apis.length - 1;
    await service.feed(bob as TestUser, "", 1); // the follower's feed exists
    // Postgres goes on while nothing reaches Redis: the commit happens, the delivery cannot.
    await service.redis.call("CLIENT", "PAUSE", "3000", "ALL");
    const posting = service.tweet(ann as TestUser, "survives", undefined, api).catch(() => "cut");
    const id = await eventually(lastTweet);
    await doomed.stop("SIGKILL");
    assert.equal(await posting, "cut");
    await eventually(() => {
      assert.ok(follower.of("tweet:new").some(({ payload }) => payload.id === id));
    }, 15_000);
    assert.deepEqual(await service.feed(bob as TestUser, "", 1), [id]);
    await eventually(async () => {
      const { rows } = await service.db.query("select 1 from events where delivered_at is null");
      assert.equal(rows.length, 0);
    }, 15_000);
    service.apis.pop();
  });

  it("twice without harm: the same ids come again, feeds and counts stay", async () => {
    const id = await service.tweet(ann as TestUser, "again");
    await service.call(bob, "POST", `/api/tweets/${id}/likes`);
    await follower.next("tweet:likes", (change) => change.id === id);
    const undelivered = "select 1 from events where delivered_at is null";
    await eventually(async () => {
      assert.equal((await service.db.query(undelivered)).rows.length, 0);
    });
    const before = new Set(follower.received.map((each) => each.id));
    await service.db.query("update events set delivered_at = null, due_at = now()");
    await eventually(async () => {
      assert.equal((await service.db.query(undelivered)).rows.length, 0);
    }, 15_000);
    const again = follower.of("tweet:new").filter(({ payload }) => payload.id === id);
    assert.ok(again.length >= 2, "it was delivered again");
    for (const each of [...again, ...follower.of("tweet:likes")]) assert.ok(before.has(each.id));
    assert.deepEqual(await service.feed(bob as TestUser, "", 1), [id]);
    const { body } = await service.call(bob, "GET", "/api/tweets", undefined, 1);
    assert.equal(body.tweets[0].likes.length, 1);
  });

  it("by another worker, once, when the worker dies with a picture in hand", async () => {
    const [worker] = service.workers;
    const picture = await plain(7000, 7000).png().toBuffer();
    const uploading = service.upload(ann as TestUser, picture);
    await eventually(async () => {
      const { rows } = await service.db.query("select 1 from media where owner_id = $1", [ann?.id]);
      assert.equal(rows.length, 1);
    });
    await worker?.stop("SIGKILL");
    service.workers.splice(0);
    await service.startWorkers();
    const { body } = await uploading;
    await eventually(async () => {
      const { rows } = await service.db.query("select status, token from media where id = $1", [
        body.media_id,
      ]);
      assert.equal(rows[0].status, "ready");
    }, 30_000);
    const id = await service.tweet(ann as TestUser, "done", [body.media_id]);
    const { payload } = await follower.next("tweet:new", (tweet) => tweet.id === id);
    assert.equal(payload.attachments[0].variants.length, 3);
  });
});
