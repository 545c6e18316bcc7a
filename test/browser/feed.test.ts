/** Reading: endless, live, and never moved under who reads. */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import { isLive, openBrowser, signIn, tweetOf, visit, wordsOf } from "./browser.ts";

const say = wordsOf("en");
const TWEETS = 70;

describe("the feed in a browser", function () {
  this.timeout(60_000);
  let service: Service;
  let browser: Browser;
  let [ann, bob]: TestUser[] = [];
  let page: Page;
  before(async () => {
    [service, browser] = await Promise.all([Service.start({ apis: 0 }), openBrowser()]);
    await service.startApi({ PORT: String(await freePort()) });
    [ann, bob] = await service.addUsers(2);
    await service.call(bob, "POST", `/api/users/${ann?.id}/follow`);
    for (let i = 1; i <= TWEETS; i++) await service.tweet(ann as TestUser, `tweet ${i}.`);
    ({ page } = await visit(browser, `${service.url}/new`));
    await signIn(page, bob as TestUser);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  const articles = () => page.getByRole("article");
  const scrollY = async () => Number(await page.evaluate("scrollY"));
  const toTheEnd = () =>
    eventually(async () => {
      await page.evaluate("scrollTo(0, document.body.scrollHeight)");
      await page.getByText(say("feed.end")).waitFor({ timeout: 200 });
    }, 20_000);
  const tab = (name: string) =>
    page.getByRole("navigation", { name: say("feed.order") }).getByText(say(name));

  it("goes on by itself while one scrolls, to the end, each tweet once", async () => {
    await toTheEnd();
    assert.equal(await articles().count(), TWEETS);
    const texts = await articles().locator(".content").allTextContents();
    assert.equal(new Set(texts).size, TWEETS);
  });

  it("stands where it was when one comes back, from a profile and from another tab", async () => {
    const middle = tweetOf(page, "tweet 35.");
    await middle.scrollIntoViewIfNeeded();
    const before = await scrollY();
    assert.ok(before > 1000);
    await middle.getByRole("link", { name: ann?.name as string }).click();
    await page.getByRole("heading", { name: ann?.name as string }).waitFor();
    assert.equal(await scrollY(), 0);
    await page.goBack();
    await eventually(async () => assert.equal(await scrollY(), before));
    assert.equal(await articles().count(), TWEETS);
    await tab("feed.hot").click();
    await eventually(async () => assert.equal(await scrollY(), 0));
    await tweetOf(page, "tweet 70.").waitFor();
    await tab("feed.new").click();
    await eventually(async () => assert.equal(await scrollY(), before));
    assert.equal(await articles().count(), TWEETS);
  });

  it("new tweets wait behind the pill, and what is read does not move", async () => {
    const read = tweetOf(page, "tweet 35.");
    const before = await read.boundingBox();
    await service.tweet(ann as TestUser, "new 1.");
    await page.getByRole("button", { name: say("feed.waiting", { n: 1 }) }).waitFor();
    await service.tweet(ann as TestUser, "new 2.");
    await service.tweet(ann as TestUser, "new 3.");
    const pill = page.getByRole("button", { name: say("feed.waiting", { n: 3 }, 1) });
    await pill.waitFor();
    assert.deepEqual(await read.boundingBox(), before);
    await pill.click();
    await eventually(async () => assert.equal(await scrollY(), 0));
    const top = (await articles().locator(".content").allTextContents()).slice(0, 4);
    assert.deepEqual(top, ["new 3.", "new 2.", "new 1.", "tweet 70."]);
  });

  it("counts and deletions change in place, also in the tabs that are not shown", async () => {
    const id = await service.tweet(ann as TestUser, "liked from elsewhere");
    await page.getByRole("button", { name: say("feed.waiting", { n: 1 }) }).click();
    const like = tweetOf(page, "liked from elsewhere").getByRole("button", { name: "Like" });
    await service.call(ann, "POST", `/api/tweets/${id}/likes`);
    await like.getByText("1", { exact: true }).waitFor();
    await tab("feed.hot").click();
    await service.call(ann, "DELETE", `/api/tweets/${id}`);
    await tab("feed.new").click();
    await tweetOf(page, "new 3.").waitFor();
    assert.equal(await tweetOf(page, "liked from elsewhere").count(), 0);
  });

  it("popular goes by likes", async () => {
    const { body } = await service.call(bob, "GET", "/api/v2/feed?sort=new&limit=100");
    const of = (text: string) =>
      body.tweets.find(({ content }: { content: string }) => content === text).id;
    for (const user of [ann, bob]) {
      await service.call(user, "POST", `/api/tweets/${of("tweet 3.")}/likes`);
    }
    await tab("feed.popular").click();
    await eventually(async () => {
      await page.reload();
      await articles().first().waitFor();
      assert.match((await articles().first().textContent()) ?? "", /tweet 3\./);
    });
  });

  it("reads its first page again when more was missed than the server keeps", async () => {
    await tab("feed.new").click();
    await tweetOf(page, "new 3.").waitFor();
    const api = service.apis[0];
    await api?.stop("SIGKILL");
    await page.getByText(say("state.offline"), { exact: true }).waitFor();
    // Of so many the server does not tell one by one.
    const { rows } = await service.db.query(
      `with made as (
         insert into tweets (author_id, content)
         select $1, 'missed ' || n || '.' from generate_series(1, 1100) n returning id)
       insert into events (type, payload, delivered_at)
       select 'tweet:new', jsonb_build_object('tweetId', id, 'authorId', $1::int), now() from made
       returning id`,
      [ann?.id],
    );
    assert.equal(rows.length, 1100);
    await service.redis.flushdb();
    await service.startApi({ PORT: new URL(api?.url as string).port });
    await isLive(page);
    await tweetOf(page, "missed 1100.").waitFor();
    assert.equal(await tweetOf(page, "tweet 70.").count(), 0, "it is the first page alone");
  });
});
