import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { LiveClient, type Received } from "../live-client.ts";
import { eventually, Service, type TestUser } from "../service.ts";

describe("a client that comes back", function () {
  this.timeout(40_000);
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

  const connect = async (user: TestUser | undefined, api = 0, auth: object = {}) => {
    const client = await LiveClient.connect(
      service.apis[api]?.url as string,
      user as TestUser,
      auth,
    );
    clients.push(client);
    return client;
  };
  const tweet = (text: string, user = ann) => service.tweet(user as TestUser, text);
  const call = (user: TestUser | undefined, method: string, path: string) =>
    service.call(user, method, path);
  const names = (received: Received[]) => received.map(({ event }) => event);
  const about = (received: Received[], id: number) =>
    received.filter(({ payload }) => payload.id === id);
  const noneWaits = () =>
    eventually(async () => {
      const { rows } = await service.db.query("select 1 from events where delivered_at is null");
      assert.equal(rows.length, 0);
    }, 15_000);

  it("is sent all that it missed, in order, by another process, before it is connected", async () => {
    const before = await connect(bob, 0);
    const seen = await tweet("seen");
    await before.next("tweet:new", ({ id }) => id === seen);
    const { since } = before;
    before.close();

    const missed = await tweet("missed");
    await call(cid, "POST", `/api/tweets/${missed}/likes`);
    await call(ann, "POST", `/api/tweets/${missed}/likes`);
    const gone = await tweet("gone");
    await call(ann, "DELETE", `/api/tweets/${gone}`);
    await call(cid, "POST", `/api/users/${bob?.id}/follow`);
    await tweet("of a stranger", cid);

    const after = await connect(bob, 1, { since });
    const later = await tweet("later");
    await after.next("tweet:new", ({ id }) => id === later);
    assert.deepEqual(names(about(after.beforeConnect, missed)), ["tweet:new", "tweet:likes"]);
    assert.equal(about(after.beforeConnect, missed).at(-1)?.payload.likes_count, 2);
    assert.deepEqual(names(about(after.beforeConnect, gone)), ["tweet:deleted"]);
    const [follow] = after.of("user:follow").slice(-1);
    assert.equal(follow?.payload.follower.id, cid?.id);
    assert.ok(!after.received.some(({ payload }) => payload.content === "of a stranger"));
    const ids = after.beforeConnect.map(({ id }) => Number(id));
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => a - b),
    );
  });

  it("is given the youngest event as the one to go on from, be it the ninth or the tenth", async () => {
    for (let i = 0; i < 12; i++) {
      await tweet(`number ${i}`);
      await noneWaits();
      const { rows } = await service.db.query("select max(id)::text as id from events");
      assert.equal((await connect(bob)).since, rows[0].id);
    }
  });

  it("is sent an event that was committed after one with a higher id", async () => {
    const first = await connect(bob);
    const early = await service.db.connect();
    await early.query("begin");
    const late = await early.query(
      "insert into tweets (author_id, content) values ($1, 'late') returning id",
      [ann?.id],
    );
    const id = late.rows[0].id as number;
    await early.query("insert into events (type, payload) values ('tweet:new', $1)", [
      { tweetId: id, authorId: ann?.id },
    ]);
    const quick = await tweet("quick");
    await first.next("tweet:new", (each) => each.id === quick);
    const { since } = first;
    first.close();
    await sleep(3500); // longer than any event is overtaken by another
    await early.query("commit");
    early.release();
    await noneWaits();
    const second = await connect(bob, 1, { since });
    assert.ok(about(second.received, id).length > 0);
  });

  it("is sent what was delivered late, by its time of delivery", async () => {
    const id = await tweet("delivered late");
    await noneWaits();
    await service.db.query(
      `update events set created_at = now() - interval '1 hour', due_at = now() - interval '1 hour',
              delivered_at = null where (payload ->> 'tweetId')::int = $1`,
      [id],
    );
    const newest = await service.db.query(
      "insert into events (type, payload, delivered_at) values ('user:changed', $1, now()) returning id::text",
      [{ userId: cid?.id, disconnect: false }],
    );
    await noneWaits(); // the relay has delivered it, to nobody
    const client = await connect(bob, 0, { since: newest.rows[0].id });
    assert.equal(about(client.received, id).length, 1);
  });

  it("is told to read anew when its last event is unknown, no id, or more than 1,000 ago", async () => {
    for (const since of [
      "999999999999",
      "0",
      "",
      "first",
      "1'; drop table events",
      "9".repeat(40),
    ]) {
      const client = await connect(bob, 0, { since });
      assert.deepEqual(names(client.received), ["resync"], since);
    }
    const { since } = await connect(bob);
    await service.db.query(
      `with made as (
         insert into tweets (author_id, content) select $1, 'many' from generate_series(1, 1001)
         returning id)
       insert into events (type, payload, delivered_at)
       select 'tweet:new', jsonb_build_object('tweetId', id, 'authorId', $1::int), now() from made`,
      [ann?.id],
    );
    const client = await connect(bob, 1, { since });
    assert.deepEqual(names(client.received), ["resync"]);
    const again = await connect(bob, 1, { since: client.since });
    assert.ok(!names(again.received).includes("resync") || again.received.length === 1);
    assert.deepEqual(
      names((await connect(cid, 1, { since })).received),
      [],
      "others missed nothing",
    );
  });

  it("a thousand likes of one tweet are one message", async () => {
    const id = await tweet("liked");
    const { since } = await connect(bob);
    await service.db.query(
      `insert into events (type, payload, delivered_at)
       select 'tweet:likes', jsonb_build_object('tweetId', $1::int, 'authorId', $2::int, 'version', n), now()
         from generate_series(1, 2000) n`,
      [id, ann?.id],
    );
    const client = await connect(bob, 1, { since });
    assert.equal(client.of("tweet:likes").length, 1);
  });

  it("is told how the tweets that it watches stand, and what it missed of a watched person", async () => {
    const [kept, gone] = [await tweet("kept"), await tweet("gone")];
    const { since } = await connect(cid);
    await call(bob, "POST", `/api/tweets/${kept}/likes`);
    await call(ann, "DELETE", `/api/tweets/${gone}`);
    const fresh = await tweet("new of her");
    const watch = { tweetIds: [kept, gone], userId: ann?.id };
    const client = await connect(cid, 1, { since, watch });
    assert.equal(about(client.of("tweet:likes"), kept).at(-1)?.payload.likes_count, 1);
    assert.ok(about(client.of("tweet:deleted"), gone).length > 0);
    assert.ok(about(client.of("tweet:new"), fresh).length > 0);
    const next = await tweet("and live");
    await client.next("tweet:new", ({ id }) => id === next);
    await call(cid, "POST", `/api/tweets/${kept}/likes`);
    await client.next("tweet:likes", (c) => c.id === kept && c.likes_count === 2);
  });

  it("is refused with a handshake of another shape, and told so", async () => {
    for (const auth of [
      { since: 5 },
      { watch: { tweetIds: ["x"] } },
      { watch: { tweetIds: Array(201).fill(1) } },
    ]) {
      await assert.rejects(connect(bob, 0, auth), /^Error: ValidationError$/);
    }
  });

  it("who begins to watch a tweet is told at once how it stands", async () => {
    const id = await tweet("to be watched");
    const client = await connect(cid);
    await call(bob, "POST", `/api/tweets/${id}/likes`); // after it was read, before it is watched
    await client.watch({ tweetIds: [id] });
    assert.equal(client.of("tweet:likes").at(-1)?.payload.likes_count, 1);
  });
});
