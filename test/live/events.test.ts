import assert from "node:assert/strict";
import { LiveClient } from "../live-client.ts";
import { plain } from "../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../service.ts";

describe("live events, over two API processes", () => {
  let service: Service;
  let [ann, bob, cid]: TestUser[] = [];
  let clients: LiveClient[] = [];
  before(async () => {
    service = await Service.start({ apis: 2 });
  });
  after(() => service.stop());
  beforeEach(async () => {
    [ann, bob, cid] = await service.addUsers(3);
    await service.call(bob, "POST", `/api/users/${ann?.id}/follow`);
  });
  afterEach(() => {
    for (const client of clients) client.close();
    clients = [];
  });

  const connect = async (user: TestUser | undefined, api: number): Promise<LiveClient> => {
    const client = await LiveClient.connect(service.apis[api]?.url as string, user as TestUser);
    clients.push(client);
    return client;
  };
  const call = (user: TestUser | undefined, method: string, path: string) =>
    service.call(user, method, path);
  const tweet = (user: TestUser | undefined, text: string, media?: number[]) =>
    service.tweet(user as TestUser, text, media);

  it("refuses a key that is missing, unknown or of a disabled person as Unauthorized", async () => {
    const disabled = await service.addUser("Gone");
    await service.db.query("update users set disabled_at = now() where id = $1", [disabled.id]);
    for (const key of [undefined, "", "unknown", 7, { a: 1 }, disabled.key]) {
      await assert.rejects(
        LiveClient.connect(service.url, { key: key as string }),
        /^Error: Unauthorized$/,
      );
    }
  });

  it("tweet:new and tweet:deleted reach author and followers once, and nobody else", async () => {
    const [author, follower, stranger] = [
      await connect(ann, 0),
      await connect(bob, 1),
      await connect(cid, 1),
    ];
    const id = await tweet(ann, "live");
    for (const client of [author, follower]) {
      const { payload, id: eventId } = await client.next("tweet:new", (t) => t.id === id);
      assert.match(eventId, /^\d+$/);
      const { created_at, ...rest } = payload;
      assert.ok(Date.parse(created_at) > 0);
      assert.deepEqual(rest, {
        id,
        content: "live",
        author: { id: ann?.id, name: ann?.name },
        likes_count: 0,
        liked: false,
        version: payload.version,
        attachments: [],
      });
    }
    await call(ann, "DELETE", `/api/tweets/${id}`);
    for (const client of [author, follower]) {
      assert.deepEqual((await client.next("tweet:deleted")).payload, { id });
      assert.deepEqual(
        client.received.map(({ event }) => event),
        ["tweet:new", "tweet:deleted"],
      );
    }
    assert.deepEqual(stranger.received, []);
  });

  it("tweet:likes comes at most ten times a second, in order, and the last one always", async () => {
    const people = await service.addUsers(60);
    const follower = await connect(bob, 1);
    const id = await tweet(ann, "popular");
    const startedAt = Date.now();
    for (const person of people) await call(person, "POST", `/api/tweets/${id}/likes`);
    await follower.next("tweet:likes", (change) => change.likes_count === people.length);
    const seconds = (Date.now() - startedAt) / 1000;
    const changes = follower.of("tweet:likes").map(({ payload }) => payload);
    assert.ok(changes.length <= 10 * seconds + 1, `${changes.length} in ${seconds} s`);
    for (const [i, change] of changes.entries()) {
      assert.deepEqual(Object.keys(change), ["id", "likes_count", "version"]);
      if (i > 0) assert.ok(change.version > changes[i - 1].version, "versions grow");
    }
  });

  it("tweet:new has a picture's variants when they were ready before", async () => {
    const follower = await connect(bob, 1);
    const upload = await service.upload(ann as TestUser, await plain(1500, 900).jpeg().toBuffer());
    const id = await tweet(ann, "picture", [upload.body.media_id]);
    const { payload } = await follower.next("tweet:new", (t) => t.id === id);
    const [picture] = payload.attachments;
    assert.deepEqual([picture.status, picture.width, picture.height], ["ready", 1280, 768]);
    assert.match(picture.placeholder, /^data:image\/webp;base64,/);
    assert.deepEqual(
      picture.variants.map((v: { width: number; type: string }) => [v.width, v.type]),
      [320, 640, 1280].map((width) => [width, "image/webp"]),
    );
  });

  it("user:follow reaches both, and the new follower hears of the next tweet", async () => {
    const [author, follower] = [await connect(ann, 0), await connect(cid, 1)];
    await call(cid, "POST", `/api/users/${ann?.id}/follow`);
    for (const client of [author, follower]) {
      assert.deepEqual((await client.next("user:follow")).payload, {
        follower: { id: cid?.id, name: cid?.name },
        followee: { id: ann?.id, name: ann?.name },
        following: true,
        followers_count: 2,
      });
    }
    const first = await tweet(ann, "for followers");
    await follower.next("tweet:new", (t) => t.id === first);
    await call(cid, "DELETE", `/api/users/${ann?.id}/follow`);
    await follower.next("user:follow", (change) => change.following === false);
    const second = await tweet(ann, "no more");
    await author.next("tweet:new", (t) => t.id === second);
    assert.equal(follower.of("tweet:new").length, 1);
  });

  it("watch subscribes without following, replaces what was watched, and refuses more than 200", async () => {
    const id = await tweet(ann, "watched");
    const watcher = await connect(cid, 1);
    assert.deepEqual(await watcher.watch({ tweetIds: [id] }), { result: true, watching: 1 });
    await call(bob, "POST", `/api/tweets/${id}/likes`);
    await watcher.next("tweet:likes", (change) => change.id === id);
    assert.deepEqual(await watcher.watch({ tweetIds: [] }), { result: true, watching: 0 });
    assert.deepEqual(await watcher.watch({ userId: ann?.id }), { result: true, watching: 1 });
    const next = await tweet(ann, "on the profile");
    await watcher.next("tweet:new", (t) => t.id === next);
    assert.equal((await watcher.watch({ userId: null })).result, true);
    const tooMany = Array.from({ length: 201 }, (_, i) => i + 1);
    for (const wrong of [{ tweetIds: tooMany }, { tweetIds: ["1"] }, {}, { userId: "x" }]) {
      const answer = await watcher.watch(wrong);
      assert.equal(answer.result, false);
      assert.match("error_message" in answer ? answer.error_message : "", /at most 200/);
    }
  });

  it("a socket that sends nonsense does no harm", async () => {
    const client = await connect(cid, 0);
    client.socket.emit("watch");
    client.socket.emit("watch", null, "no function");
    client.socket.emit("nonsense", { a: 1 });
    client.socket.emit("tweet:new", { id: 1 });
    assert.equal((await client.watch({ tweetIds: [1] })).result, true);
    await eventually(async () => assert.equal((await fetch(`${service.url}/readyz`)).status, 200));
  });
});
