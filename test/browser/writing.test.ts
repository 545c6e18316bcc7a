/** Writing: what a network, a reload or a double tap does to it. Only the network between page and
 * service is tampered with; the service is the real one. */
import assert from "node:assert/strict";
import type { Browser, Page, Route } from "playwright-core";
import { halves } from "../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import { openBrowser, picture, signIn, tweetOf, visit, wordsOf } from "./browser.ts";

const say = wordsOf("en");

describe("writing in a browser", function () {
  this.timeout(60_000);
  let service: Service;
  let browser: Browser;
  let [ann, bob]: TestUser[] = [];
  let page: Page;
  let sample: Buffer;
  before(async () => {
    [service, browser] = await Promise.all([Service.start(), openBrowser()]);
    [ann, bob] = await service.addUsers(2);
    await service.call(ann, "POST", `/api/users/${bob?.id}/follow`);
    sample = await halves("#0f766e", "#fbbf24").jpeg().toBuffer();
    ({ page } = await visit(browser, `${service.url}/new`));
    await signIn(page, ann as TestUser);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") await picture(page, "failed-writing");
    await page.unrouteAll();
    await text().fill("");
  });

  const text = () => page.getByLabel(say("composer.label"));
  const postButton = () => page.getByRole("button", { name: say("composer.post") });
  const tray = () => page.getByRole("list", { name: say("composer.pictures") });
  const notice = (words: string) => page.locator(".notices").getByText(words);
  const file = (name = "a.jpg") => ({ name, mimeType: "image/jpeg", buffer: sample });
  const choose = (...names: string[]) =>
    page.locator("input[type=file]").setInputFiles(names.map(file));
  const areSent = (count: number) =>
    eventually(async () =>
      assert.equal(await page.locator('.tray [aria-busy="false"] img').count(), count),
    );
  const tweetsOfAnn = async (): Promise<{ content: string; attachments: unknown[] }[]> =>
    (await service.call(ann, "GET", `/api/v2/users/${ann?.id}/tweets`)).body.tweets;
  const offline = (route: Route) => route.abort("internetdisconnected");

  it("counts down in code points and does not send too long a text", async () => {
    await text().fill("🐦".repeat(280));
    await page.getByText(say("composer.left", { n: 0 }, 1)).waitFor({ state: "attached" });
    assert.ok(await postButton().isEnabled());
    await text().fill("🐦".repeat(281));
    await page.getByText(say("composer.over", { n: 1 })).waitFor({ state: "attached" });
    assert.ok(await postButton().isDisabled());
    await text().fill("  \n ");
    assert.ok(await postButton().isDisabled());
  });

  it("a double tap posts once", async () => {
    await text().fill("tapped twice");
    await postButton().dblclick({ noWaitAfter: true });
    await tweetOf(page, "tapped twice")
      .getByRole("button", { name: say("tweet.like") })
      .waitFor();
    const posted = await tweetsOfAnn();
    assert.equal(posted.filter(({ content }) => content === "tapped twice").length, 1);
    assert.equal(await tweetOf(page, "tapped twice").count(), 1);
  });

  it("one's own tweet is seen while it is on its way", async () => {
    await page.route("**/api/tweets", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 800));
      await route.continue();
    });
    await text().fill("slowly posted");
    await postButton().click();
    await page.getByRole("article", { name: say("composer.sending") }).waitFor();
    await tweetOf(page, "slowly posted")
      .getByRole("button", { name: say("tweet.like") })
      .waitFor();
    await page
      .getByRole("article", { name: say("composer.sending") })
      .waitFor({ state: "detached" });
    assert.equal(
      await page.getByRole("button", { name: /new tweet/ }).count(),
      0,
      "no pill for it",
    );
  });

  it("a tweet whose answer is lost is given back, and sent again it is posted once", async () => {
    let isLost = false;
    await page.route("**/api/tweets", async (route) => {
      if (!isLost) await route.fetch();
      isLost = true;
      await offline(route);
    });
    await text().fill("posted, but unanswered");
    await postButton().click();
    await notice(say("problems.Offline")).waitFor();
    assert.ok(isLost);
    assert.equal(await text().inputValue(), "posted, but unanswered");
    await page.unrouteAll();
    await postButton().click();
    await eventually(async () => assert.equal(await text().inputValue(), ""));
    await tweetOf(page, "posted, but unanswered").first().waitFor();
    const posted = await tweetsOfAnn();
    assert.equal(posted.filter(({ content }) => content === "posted, but unanswered").length, 1);
    assert.equal(await tweetOf(page, "posted, but unanswered").count(), 1);
  });

  it("a draft survives a reload, with its pictures, and is gone once it is posted", async () => {
    await text().fill("not finished");
    await choose("a.jpg", "b.jpg");
    await areSent(2);
    await page.reload();
    await areSent(2);
    assert.equal(await text().inputValue(), "not finished");
    await postButton().click();
    await tweetOf(page, "not finished").getByRole("img").nth(1).waitFor();
    await page.reload();
    await tweetOf(page, "not finished").waitFor();
    assert.equal(await text().inputValue(), "");
    assert.equal(await tray().count(), 0);
  });

  it("pictures can be pasted and dropped", async () => {
    const give = (event: "drop" | "paste") =>
      page.evaluate(`{
        const bytes = Uint8Array.from(atob("${sample.toString("base64")}"), (c) => c.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], "${event}.jpg", { type: "image/jpeg" }));
        const about = { bubbles: true, cancelable: true, dataTransfer: data, clipboardData: data };
        const made = "${event}" === "drop" ? new DragEvent("drop", about) : new ClipboardEvent("paste", about);
        document.querySelector("textarea").dispatchEvent(made);
      }`);
    await give("drop");
    await areSent(1);
    await give("paste");
    await areSent(2);
    await page.getByRole("button", { name: say("composer.remove", { name: "drop.jpg" }) }).click();
    await areSent(1);
    await page.getByRole("button", { name: say("composer.remove", { name: "paste.jpg" }) }).click();
    await tray().waitFor({ state: "detached" });
  });

  it("shows how far an upload is; one that fails says why and can be tried again", async () => {
    await page.route("**/api/medias", offline);
    await choose("view.jpg");
    const reason = say("problems.Offline");
    await page.getByText(say("composer.failed", { name: "view.jpg", reason })).waitFor();
    await text().fill("with a picture");
    assert.ok(await postButton().isDisabled());
    await page.unrouteAll();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route("**/api/medias", async (route) => {
      await held;
      await route.continue();
    });
    await page.getByRole("button", { name: "Try again: view.jpg" }).click();
    await page.getByRole("progressbar").waitFor();
    await picture(page, "uploading");
    release();
    await areSent(1);
    await postButton().click();
    await tweetOf(page, "with a picture").getByRole("img").waitFor();
  });

  it("what is no picture is refused in words, and more than ten are not taken", async () => {
    const buffer = Buffer.from("no picture at all");
    const files = [{ name: "notes.jpg", mimeType: "image/jpeg", buffer }];
    await page.locator("input[type=file]").setInputFiles(files);
    await page.getByText(/notes\.jpg was not sent: /).waitFor();
    await page.getByRole("button", { name: say("composer.remove", { name: "notes.jpg" }) }).click();
    await choose(...Array.from({ length: 12 }, (_, i) => `${i}.jpg`));
    await notice(say("composer.too-many", { n: 10 })).waitFor();
    await areSent(10);
    await text().fill("ten pictures");
    await postButton().click();
    await tweetOf(page, "ten pictures").getByRole("img").nth(9).waitFor();
  });

  it("a like, a deletion and a follow that fail are taken back, and it is said why", async () => {
    const id = await service.tweet(ann as TestUser, "stays as it is");
    await page.getByRole("button", { name: say("feed.waiting", { n: 1 }) }).click();
    await page.route(`**/api/tweets/${id}**`, offline);
    await page.route("**/api/users/*/follow", offline);
    const card = tweetOf(page, "stays as it is");
    const like = card.getByRole("button", { name: say("tweet.like") });
    await like.click();
    await notice(say("problems.Offline")).waitFor();
    assert.equal(await like.getAttribute("aria-pressed"), "false");
    await like.getByText("0", { exact: true }).waitFor();
    await card.getByRole("button", { name: say("tweet.delete") }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: say("tweet.delete") })
      .click();
    await notice(say("problems.Offline")).waitFor();
    await card.waitFor();
    await page.goto(`${service.url}/profile/${bob?.id}`);
    const follow = page.getByRole("main").getByRole("button", { name: bob?.name as string });
    await follow.click();
    await notice(say("problems.Offline")).waitFor();
    await follow.getByText(say("person.following")).waitFor({ state: "attached" });
    await page.getByRole("link", { name: say("person.followers", { n: 1 }) }).waitFor();
    // Not while the next page is fetched: a request that is held would stay so.
    await page.unrouteAll();
    await page.goto(`${service.url}/new`);
  });

  it("what the service refuses is told in its own words", async () => {
    const id = await service.tweet(ann as TestUser, "deleted elsewhere");
    await page.getByRole("button", { name: say("feed.waiting", { n: 1 }) }).click();
    // The page does not hear of it in time.
    await page.route(`**/api/tweets/${id}/likes`, async (route) => {
      await service.call(ann, "DELETE", `/api/tweets/${id}`);
      await route.continue();
    });
    await tweetOf(page, "deleted elsewhere")
      .getByRole("button", { name: say("tweet.like") })
      .click();
    await notice("There is no tweet").waitFor();
    await tweetOf(page, "deleted elsewhere").waitFor({ state: "detached" });
  });
});
