import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ProfileAnswer, TweetList } from "../../src/contract/schemas.ts";
import { plain } from "../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../service.ts";

const WINDOW = 12;

describe("the calls of the original frontend", () => {
  let service: Service;
  let ann: TestUser;
  let bob: TestUser;
  let cid: TestUser;
  before(async () => {
    service = await Service.start({ env: { FEED_WINDOW: String(WINDOW) } });
  });
  beforeEach(async () => {
    [ann, bob, cid] = (await service.addUsers(3)) as [TestUser, TestUser, TestUser];
  });
  after(() => service.stop());

  const like = (user: TestUser, id: number) =>
    service.call(user, "POST", `/api/tweets/${id}/likes`);
  const follow = (user: TestUser, other: TestUser) =>
    service.call(user, "POST", `/api/users/${other.id}/follow`);

  it("post answers 201 with the id, ignores unknown fields, and the feed shows the tweet", async () => {
    const body = { tweet_data: "hello", tweet_media_ids: [], unknown: 1 };
    const posted = await service.call(ann, "POST", "/api/tweets", body);
    assert.equal(posted.status, 201);
    assert.deepEqual(Object.keys(posted.body), ["result", "tweet_id"]);
    assert.equal(posted.body.result, true);
    const { body: feed } = await service.call(ann, "GET", "/api/tweets");
    const [tweet] = TweetList.parse(feed).tweets;
    assert.equal(tweet?.id, posted.body.tweet_id);
    assert.equal(tweet?.content, "hello");
    assert.deepEqual(tweet?.author, { id: ann.id, name: ann.name });
    assert.deepEqual([tweet?.likes, tweet?.attachments], [[], []]);
    assert.ok(Math.abs(Date.now() - Date.parse(tweet?.stamp ?? "")) < 60_000);
    assert.match(tweet?.stamp ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("a like answers 201, then 200, counts once and names who likes; the same for unlike", async () => {
    const id = await service.tweet(ann, "like me");
    assert.deepEqual([(await like(ann, id)).status, (await like(ann, id)).status], [201, 200]);
    assert.equal((await like(bob, id)).status, 201);
    const likes = async () =>
      (await service.call(ann, "GET", "/api/tweets")).body.tweets[0].likes as object[];
    assert.deepEqual(await likes(), [
      { user_id: ann.id, name: ann.name },
      { user_id: bob.id, name: bob.name },
    ]);
    for (let i = 0; i < 2; i++) {
      const answer = await service.call(ann, "DELETE", `/api/tweets/${id}/likes`);
      assert.deepEqual([answer.status, answer.body], [200, { result: true }]);
    }
    assert.deepEqual(await likes(), [{ user_id: bob.id, name: bob.name }]);
  });

  it("a follow answers 201, then 200, and both profiles show it; the same for unfollow", async () => {
    const statuses = [(await follow(ann, bob)).status, (await follow(ann, bob)).status];
    assert.deepEqual(statuses, [201, 200]);
    const me = ProfileAnswer.parse((await service.call(ann, "GET", "/api/users/me")).body);
    assert.deepEqual(me.user, {
      id: ann.id,
      name: ann.name,
      followers: [],
      following: [{ id: bob.id, name: bob.name }],
    });
    const his = await service.call(cid, "GET", `/api/users/${bob.id}`);
    assert.deepEqual(his.body.user.followers, [{ id: ann.id, name: ann.name }]);
    for (let i = 0; i < 2; i++) {
      const answer = await service.call(ann, "DELETE", `/api/users/${bob.id}/follow`);
      assert.deepEqual([answer.status, answer.body], [200, { result: true }]);
    }
    const after = await service.call(ann, "GET", "/api/users/me");
    assert.deepEqual(after.body.user.following, []);
  });

  it("the feed has the followed and one's own, most likes first, then the newest", async () => {
    await follow(ann, bob);
    const [a, b, c, d] = [
      await service.tweet(bob, "a"),
      await service.tweet(ann, "b"),
      await service.tweet(bob, "c"),
      await service.tweet(cid, "d"),
    ];
    assert.deepEqual(await service.feed(ann), [c, b, a]);
    await like(cid, a);
    await like(cid, b);
    await like(bob, a);
    assert.deepEqual(await service.feed(ann), [a, b, c]);
    await follow(ann, cid);
    assert.deepEqual(await service.feed(ann), [a, b, d, c]);
  });

  it("offset is a page number from 1, and the call without a query answers the whole window", async () => {
    const ids: number[] = [];
    for (let i = 0; i < WINDOW + 3; i++) ids.unshift(await service.tweet(ann, `${i}`));
    const newest = ids.slice(0, WINDOW);
    assert.deepEqual(await service.feed(ann), newest);
    assert.deepEqual(await service.feed(ann, "?offset=1&limit=5"), newest.slice(0, 5));
    assert.deepEqual(await service.feed(ann, "?offset=2&limit=5"), newest.slice(5, 10));
    assert.deepEqual(await service.feed(ann, "?offset=3&limit=5"), newest.slice(10));
    assert.deepEqual(await service.feed(ann, "?offset=4&limit=5"), []);
    assert.deepEqual(await service.feed(ann, "?limit=4"), newest.slice(0, 4));
    assert.deepEqual(await service.feed(ann, "?offset=2"), newest);
    assert.deepEqual(await service.feed(ann, "?offset=2&limit="), newest);
    assert.deepEqual(await service.feed(ann, "?offset=&limit=4"), newest.slice(0, 4));
    await service.call(ann, "DELETE", `/api/tweets/${newest[0]}`);
    assert.deepEqual(await service.feed(ann), ids.slice(1, WINDOW + 1));
  });

  it("an upload's link shows an image at once, and later, with long cache headers", async () => {
    const upload = await service.upload(ann, await plain(2000, 1000).jpeg().toBuffer());
    assert.equal(upload.status, 201);
    assert.deepEqual(Object.keys(upload.body), ["result", "media_id"]);
    await service.tweet(ann, "picture", [upload.body.media_id]);
    const { body } = await service.call(ann, "GET", "/api/tweets");
    const [link] = body.tweets[0].attachments;
    assert.match(link, /^\/media\//);
    await eventually(async () => {
      const image = await fetch(service.url + link);
      assert.equal(image.status, 200);
      assert.equal(image.headers.get("content-type"), "image/webp");
      assert.match(image.headers.get("cache-control") ?? "", /max-age=31536000, immutable/);
    });
  });

  it("a deletion takes the likes and the image files along", async () => {
    const { body } = await service.upload(ann, await plain(60, 60).png().toBuffer());
    const id = await service.tweet(ann, "going", [body.media_id]);
    await like(bob, id);
    const media = join(service.dataDir, "media");
    const files = async () =>
      existsSync(media)
        ? (await readdir(media, { recursive: true })).filter((f) => f.endsWith("webp"))
        : [];
    const before = (await files()).length;
    const deleted = await service.call(ann, "DELETE", `/api/tweets/${id}`);
    assert.deepEqual([deleted.status, deleted.body], [200, { result: true }]);
    assert.equal((await service.feed(ann)).includes(id), false);
    const { rows } = await service.db.query(
      `select (select count(*)::int from likes where tweet_id = $1) as likes,
              (select count(*)::int from media where tweet_id = $1) as media`,
      [id],
    );
    assert.deepEqual(rows[0], { likes: 0, media: 0 });
    await eventually(async () => assert.ok((await files()).length < before));
    assert.equal((await service.call(ann, "DELETE", `/api/tweets/${id}`)).status, 404);
  });
});
