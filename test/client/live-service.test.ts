import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Live, type LiveState } from "../../client/api/live.ts";
import { Tweets } from "../../client/api/tweets.ts";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { eventually, Service, type TestUser } from "../service.ts";

const run = promisify(execFile);

describe("the live client on the real service, over two API processes", function () {
  this.timeout(60_000);
  let service: Service;
  let [ann, bob, cid]: TestUser[] = [];
  let lives: Live[] = [];
  before(async () => {
    service = await Service.start();
    await service.startApi({ PORT: String(await freePort()) });
    [ann, bob, cid] = await service.addUsers(3);
    await service.call(bob, "POST", `/api/users/${ann?.id}/follow`);
  });
  after(() => service.stop());
  afterEach(() => {
    for (const live of lives) live.close();
    lives = [];
  });

  /** Bob's end, at the second process. */
  const connect = (user: Pick<TestUser, "key"> | undefined) => {
    const seen = { states: [] as LiveState[], reloads: 0 };
    const live = new Live({
      url: service.apis.at(-1)?.url as string,
      key: user?.key as string,
      reload: () => {
        seen.reloads += 1;
      },
      show: (state) => seen.states.push(state),
    });
    lives.push(live);
    return { live, tweets: new Tweets(live), seen };
  };
  const isLive = (live: Live) => eventually(() => assert.equal(live.state, "live"), 20_000);
  const likes = (tweets: Tweets, id: number, count: number) =>
    eventually(() => assert.equal(tweets.get(id)?.likes_count, count));

  it("is sent what it missed while its process was away, and reads nothing again", async () => {
    const { live, tweets, seen } = connect(bob);
    await isLive(live);
    const kept = await service.tweet(ann as TestUser, "kept");
    const gone = await service.tweet(ann as TestUser, "gone");
    await eventually(() => assert.ok(tweets.get(kept) && tweets.get(gone)));

    const api = service.apis[1];
    await api?.stop("SIGKILL");
    await eventually(() => assert.equal(live.state, "offline"));
    const missed = await service.tweet(ann as TestUser, "missed");
    await service.call(cid, "POST", `/api/tweets/${kept}/likes`);
    await service.call(ann, "DELETE", `/api/tweets/${gone}`);

    await service.startApi({ PORT: new URL(api?.url as string).port });
    await isLive(live);
    await likes(tweets, kept, 1);
    assert.deepEqual([tweets.get(missed)?.content, tweets.get(gone)], ["missed", undefined]);
    assert.equal(seen.reloads, 1);
    assert.deepEqual(seen.states, ["catching-up", "live", "offline", "catching-up", "live"]);
  });

  it("hears of what it watches, from where it stands", async () => {
    const id = await service.tweet(ann as TestUser, "watched");
    await service.call(bob, "POST", `/api/tweets/${id}/likes`);
    const { live } = connect(cid);
    const counts: number[] = [];
    live.on("tweet:likes", (change) => change.id === id && counts.push(change.likes_count));
    await live.watch({ tweetIds: [id] });
    await isLive(live);
    await service.call(cid, "POST", `/api/tweets/${id}/likes`);
    await eventually(() => assert.equal(counts.at(-1), 2));
  });

  it("is refused with a wrong key, and when its own is revoked", async () => {
    const { live: wrong } = connect({ key: "unknown" });
    await eventually(() => assert.equal(wrong.state, "refused"));
    const { live } = connect(cid);
    await isLive(live);
    const env = { ...process.env, ...service.environment };
    await run(process.execPath, ["src/users.ts", "disable", String(cid?.id)], { env });
    await eventually(() => assert.equal(live.state, "refused"), 20_000);
  });
});
