import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRedis } from "../../../src/infra/embedded/redis.ts";
import { Service, type TestUser } from "../../service.ts";
import { allPages, idsOf, insertTweets, tweetPage } from "./pages.ts";

const TWEETS = 404;
const LIMIT = 2;
const LIKES = 1000;
const LIKERS = 20;

/** A Redis of its own, since it is flushed. */
describe("the pages of a ranking", function () {
  this.timeout(60_000);
  const dir = mkdtempSync(join(tmpdir(), "warble-pages-"));
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let service: Service;
  let reader: TestUser;
  let tweets: number[];
  before(async () => {
    redis = await startRedis({ dir, log: () => undefined });
    service = await Service.start({ apis: 2, env: { REDIS_URL: redis.url } });
    reader = await service.addUser();
    tweets = await insertTweets(service, reader, TWEETS);
    // An order to begin with that is not the order of the ids.
    await Promise.all(tweets.filter((_, i) => (i * 5) % 7 < 3).map((id) => like(reader, id)));
  });
  after(async () => {
    await service?.stop();
    await redis?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const like = async (user: TestUser, id: number, api = 0): Promise<number> =>
    (await service.call(user, "POST", `/api/tweets/${id}/likes`, undefined, api)).status;
  const ranking = async (sort: string): Promise<number[]> => {
    const order = { popular: "likes_count desc", hot: `${HOT} desc` }[sort];
    const { rows } = await service.db.query(
      `select id from tweets where author_id = $1 order by ${order}, id desc`,
      [reader.id],
    );
    return idsOf(rows);
  };
  const HOT =
    "log(2.0, 1 + likes_count) + extract(epoch from created_at)::numeric * 1000 / 43200000";
  const pathOf = (sort: string) => `/api/v2/feed?sort=${sort}&limit=${LIMIT}`;
  const inTurn = (path: string, number: number) =>
    tweetPage(service, reader, path, number % service.apis.length);

  for (const sort of ["popular", "hot"]) {
    it(`${sort}: follow what the first page saw, while 1,000 likes land`, async () => {
      const before = await ranking(sort);
      const likers = await service.addUsers(LIKERS);
      let landed = 0;
      const landing = likers.map(async (user, liker) => {
        for (let n = 0; n < LIKES / LIKERS; n++) {
          const nth = (liker * 13 + n * 4) % TWEETS;
          assert.equal(await like(user, tweets[nth] as number, liker % 2), 201);
          landed += 1;
        }
      });
      const first = await inTurn(pathOf(sort), 0);
      const afterFirst = landed;
      const rest = await allPages(inTurn, pathOf(sort), first.next_cursor);
      await Promise.all(landing);
      const pages = [first, ...rest];
      assert.ok(pages.length > 200);
      assert.ok(pages.every((page) => page.tweets.length === LIMIT));
      const shown = pages.flatMap((page) => idsOf(page.tweets));
      assert.equal(new Set(shown).size, TWEETS, "no repeats and no holes");
      assert.equal(landed, LIKES);
      assert.ok(afterFirst < LIKES, "likes landed while pages were read");
      assert.notDeepEqual(await ranking(sort), before, "the likes changed the ranking");
    });

    it(`${sort}: are the ranking of the first page in its order, also over a flush and a restart`, async () => {
      const truth = await ranking(sort);
      const likers = await service.addUsers(LIKERS);
      const first = await inTurn(pathOf(sort), 0);
      // Turns everything over: the last become the most liked.
      for (const id of truth.slice(-5)) await Promise.all(likers.map((user) => like(user, id)));
      const second = await inTurn(`${pathOf(sort)}&cursor=${first.next_cursor}`, 1);
      await service.redis.flushall();
      const third = await inTurn(`${pathOf(sort)}&cursor=${second.next_cursor}`, 0);
      const restarted = await service.startApi();
      const fresh = (path: string) =>
        tweetPage(service, reader, path, service.apis.indexOf(restarted));
      const rest = await allPages(fresh, pathOf(sort), third.next_cursor);
      const pages = [first, second, third, ...rest];
      assert.deepEqual(
        pages.flatMap((page) => idsOf(page.tweets)),
        truth,
      );
      const last = pages.at(-1)?.tweets.at(-1);
      assert.ok((last?.likes_count ?? 0) >= LIKERS, "counts are those of now");
      await restarted.stop();
      service.apis.pop();
    });
  }

  it("have cursors that fit into a URL", async () => {
    for (const sort of ["popular", "hot"]) {
      const { next_cursor } = await inTurn(pathOf(sort), 0);
      assert.ok((next_cursor?.length ?? 0) < 2000, `${next_cursor?.length} characters`);
    }
  });

  it("by time show no tweet twice while new ones are posted", async () => {
    const newest = [...tweets].reverse();
    const pages = await allPages(
      async (path, number) => {
        if (number < 5) await service.tweet(reader, "meanwhile", undefined, number % 2);
        return tweetPage(service, reader, path, number % 2);
      },
      "/api/v2/feed?sort=new&limit=50",
      (await inTurn("/api/v2/feed?sort=new&limit=50", 0)).next_cursor,
    );
    assert.deepEqual(
      pages.flatMap((page) => idsOf(page.tweets)),
      newest.slice(50),
    );
  });
});
