/** A picture that is ready long after its tweet: it comes in place, and moves nothing. */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { halves } from "../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import { openBrowser, signIn, tweetOf, visit, wordsOf } from "./browser.ts";

const say = wordsOf("en");

describe("a late picture in a browser", function () {
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

  it("takes the room that was kept for it", async () => {
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
});

/* Runs in the page. */
const sizeOf = (image: unknown) => ({
  naturalWidth: (image as { naturalWidth: number }).naturalWidth,
});
