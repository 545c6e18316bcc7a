/** What happens to a page that is open all day: pictures come late, and its own files change. */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { halves } from "../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import { openBrowser, signIn, tweetOf, visit, wordsOf } from "./browser.ts";

const say = wordsOf("en");

describe("a page that is open all day", function () {
  this.timeout(60_000);
  let service: Service;
  let browser: Browser;
  let ann: TestUser;
  let page: Page;
  before(async () => {
    [service, browser] = await Promise.all([Service.start({ workers: 0 }), openBrowser()]);
    ann = await service.addUser();
    ({ page } = await visit(browser, `${service.url}/new`));
    await signIn(page, ann);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  it("a picture that is late takes the room that was kept for it", async () => {
    const sample = await halves("#0f766e", "#fbbf24").jpeg().toBuffer();
    const { body } = await service.upload(ann, sample);
    await service.tweet(ann, "still being made", [body.media_id]);
    await service.tweet(ann, "read below it");
    await page.getByRole("button", { name: say("feed.waiting", { n: 2 }, 1) }).click();
    const card = tweetOf(page, "still being made");
    await card.getByText(say("picture.processing")).waitFor();
    const before = await card.boundingBox();
    await service.startWorkers();
    const shown = card.getByRole("img");
    await shown.waitFor({ timeout: 30_000 });
    await eventually(async () => {
      const { naturalWidth } = (await shown.evaluate(sizeOf)) as { naturalWidth: number };
      assert.ok(naturalWidth > 0);
    });
    assert.deepEqual(await card.boundingBox(), before);
  });

  it("a page whose files are gone, after an upgrade, loads the new one, and keeps the draft", async () => {
    await page.getByLabel(say("composer.label")).fill("in the middle of it");
    await page.route("**/assets/Lightbox-*", (route) => route.fulfill({ status: 404 }));
    const loaded = page.waitForEvent("load");
    await page.getByRole("button", { name: say("picture.open", { n: 1, total: 1 }) }).click();
    await loaded;
    await page.unrouteAll();
    assert.equal(await page.getByLabel(say("composer.label")).inputValue(), "in the middle of it");
  });
});

/* Runs in the page. */
const sizeOf = (image: unknown) => ({
  naturalWidth: (image as { naturalWidth: number }).naturalWidth,
});
