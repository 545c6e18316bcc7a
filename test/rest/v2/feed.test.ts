import assert from "node:assert/strict";
import { plain } from "../../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../../service.ts";
import { allPages, failsWith, idsOf, insertTweets, tweetPage } from "./pages.ts";

const WINDOW = 30;

describe("GET /api/v2/feed", () => {
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
  const read = (user: TestUser, query = "") => tweetPage(service, user, `/api/v2/feed${query}`);
  const ids = async (user: TestUser, query = "") => idsOf((await read(user, query)).tweets);

  it("answers tweets with counts, and whether the reader likes them", async () => {
    const upload = await service.upload(bob, await plain(700, 350).jpeg().toBuffer());
    const id = await service.tweet(bob, 'quotes " and \\ and ё', [upload.body.media_id]);
    await follow(ann, bob);
    await like(ann, id);
    await like(cid, id);
    await eventually(async () => {
      const [tweet] = (await read(ann)).tweets;
      assert.equal(tweet?.attachments[0]?.status, "ready");
    });
    const { tweets, next_cursor } = await read(ann);
    assert.equal(next_cursor, null);
    const [tweet] = tweets;
    assert.equal(tweets.length, 1);
    assert.equal(tweet?.content, 'quotes " and \\ and ё');
    assert.deepEqual(tweet?.author, { id: bob.id, name: bob.name });
    assert.equal(tweet?.likes_count, 2);
    assert.equal(tweet?.liked, true);
    assert.ok((tweet?.version ?? 0) >= 2, "two likes");
    assert.ok(Math.abs(Date.now() - Date.parse(tweet?.created_at ?? "")) < 60_000);
    const [picture] = tweet?.attachments ?? [];
    assert.deepEqual(
      [picture?.id, picture?.width, picture?.height],
      [upload.body.media_id, 700, 350],
    );
    assert.deepEqual(
      picture?.variants.map(({ width }) => width),
      [320, 640, 700],
    );
    assert.equal((await fetch(service.url + picture?.variants[0]?.url)).status, 200);
    assert.equal((await read(bob)).tweets[0]?.liked, false);
  });

  it("orders by likes, by time, or by likes decayed by age", async () => {
    const tweets = await Promise.all(
      [0, 36, 12, 11].map(async (hours) => {
        const { rows } = await service.db.query(
          `insert into tweets (author_id, content, created_at)
           values ($1, 'x', now() - make_interval(hours => $2)) returning id`,
          [ann.id, hours],
        );
        return rows[0].id as number;
      }),
    );
    const [now, longAgo, halfDay, less] = tweets as [number, number, number, number];
    for (const user of [ann, bob, cid]) await like(user, longAgo);
    await like(ann, halfDay);
    await like(ann, less);
    const newest = [...tweets].sort((a, b) => b - a);
    const level = [halfDay, less].sort((a, b) => b - a);
    assert.deepEqual(await ids(ann), [longAgo, ...level, now]);
    assert.deepEqual(await ids(ann, "?sort=popular"), [longAgo, ...level, now]);
    assert.deepEqual(await ids(ann, "?sort=new"), newest);
    // log2(1 + likes) less one for every 12 hours: 1/12, 0 (with a moment's delay below), 0, -1.
    const hot = await ids(ann, "?sort=hot");
    assert.equal(hot[0], less);
    assert.deepEqual(new Set(hot.slice(1, 3)), new Set([now, halfDay]));
    assert.equal(hot[3], longAgo);
    await like(bob, now);
    assert.equal((await ids(ann, "?sort=hot"))[0], now);
  });

  it("pages of 20, or of what limit says, to the last one", async () => {
    const posted = (await insertTweets(service, ann, 25)).reverse();
    for (const sort of ["popular", "new", "hot"]) {
      const first = await read(ann, `?sort=${sort}`);
      assert.deepEqual(idsOf(first.tweets), posted.slice(0, 20));
      const second = await read(ann, `?sort=${sort}&cursor=${first.next_cursor}`);
      assert.deepEqual(idsOf(second.tweets), posted.slice(20));
      assert.equal(second.next_cursor, null);
      assert.equal((await read(ann, `?sort=${sort}&limit=25`)).next_cursor, null);
      const empty = await read(ann, `?sort=${sort}&limit=&cursor=`);
      assert.deepEqual(empty, first, "an empty value is as if it were absent");
    }
  });

  it("by time goes on beyond the window, without an end; the others end with it", async () => {
    await follow(ann, bob);
    const posted = (await insertTweets(service, bob, WINDOW + 130)).reverse();
    const readPath = (path: string) => tweetPage(service, ann, path);
    for (const limit of [7, WINDOW, 100]) {
      const pages = await allPages(readPath, `/api/v2/feed?sort=new&limit=${limit}`);
      assert.deepEqual(
        pages.flatMap(({ tweets }) => idsOf(tweets)),
        posted,
      );
      assert.ok(pages.slice(0, -1).every(({ tweets }) => tweets.length === limit));
    }
    for (const sort of ["popular", "hot"]) {
      const pages = await allPages(readPath, `/api/v2/feed?sort=${sort}&limit=7`);
      assert.deepEqual(
        pages.flatMap(({ tweets }) => idsOf(tweets)),
        posted.slice(0, WINDOW),
      );
    }
  });

  it("leaves out what was deleted between two pages, and fills the page up", async () => {
    const readers = { popular: ann, new: bob, hot: cid };
    for (const [sort, reader] of Object.entries(readers)) {
      const posted = (await insertTweets(service, reader, 12)).reverse();
      const page = (query: string) => read(reader, `?sort=${sort}&${query}`);
      const remove = (id: number) => service.call(reader, "DELETE", `/api/tweets/${id}`);
      const first = await page("limit=4");
      assert.deepEqual(idsOf(first.tweets), posted.slice(0, 4));
      for (const id of posted.slice(4, 9)) await remove(id);
      const second = await page(`limit=2&cursor=${first.next_cursor}`);
      assert.deepEqual(idsOf(second.tweets), posted.slice(9, 11));
      await remove(posted[11] as number);
      const last = await page(`cursor=${second.next_cursor}`);
      assert.deepEqual(last, { result: true, tweets: [], next_cursor: null });
    }
  });

  it("refuses a wrong sort, limit or cursor, and says what to do", async () => {
    await insertTweets(service, ann, 5);
    const call = (query: string) => service.call(ann, "GET", `/api/v2/feed?${query}`);
    failsWith(await call("sort=best"), 422, "ValidationError", /sort must be popular, new or hot/);
    for (const limit of ["0", "101", "-1", "1.5", "abc", "1e2"]) {
      failsWith(await call(`limit=${limit}`), 422, "ValidationError", /limit .* from 1 to 100/);
    }
    const { next_cursor } = await read(ann, "?sort=hot&limit=1");
    const cursor = next_cursor as string;
    const wrong = [
      "x",
      "===",
      "A".repeat(3000),
      cursor.slice(0, -1),
      cursor.slice(0, -4),
      `${cursor}AAAA`,
      `B${cursor.slice(1)}`,
      encodeURIComponent(`${cursor} `),
    ];
    for (const sort of ["popular", "new"]) {
      failsWith(await call(`sort=${sort}&cursor=${cursor}`), 422, "ValidationError", /next_cursor/);
    }
    for (const text of wrong) {
      const answer = await call(`sort=hot&cursor=${text}`);
      failsWith(answer, 422, "ValidationError", /next_cursor of the page before/);
    }
  });

  it("needs a key, and is only read", async () => {
    failsWith(await service.call(undefined, "GET", "/api/v2/feed"), 401, "Unauthorized");
    const answer = await service.call(ann, "POST", "/api/v2/feed", {});
    failsWith(answer, 405, "MethodNotAllowed");
    assert.equal(answer.headers.get("allow"), "GET");
    failsWith(await service.call(ann, "GET", "/api/v2/nothing"), 404, "NotFound");
  });
});
