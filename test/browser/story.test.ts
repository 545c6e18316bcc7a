/** Two people, each in a browser of their own, on two API processes: the whole story. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { halves } from "../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import {
  DESKTOP,
  isLive,
  type Language,
  openBrowser,
  PHONE,
  picture,
  signIn,
  tweetOf,
  type Visit,
  visit,
  wordsOf,
} from "./browser.ts";

const run = promisify(execFile);

for (const [language, annsSize, bobsSize] of [
  ["en", DESKTOP, PHONE],
  ["ru", PHONE, DESKTOP],
] as const) {
  const sizeName = annsSize === PHONE ? "a phone" : "a desktop";
  describe(`two people in two browsers, in ${language}, who posts has ${sizeName}`, function () {
    this.timeout(60_000);
    story(language, annsSize, bobsSize);
  });
}

function story(language: Language, annsSize: typeof PHONE, bobsSize: typeof PHONE): void {
  const say = wordsOf(language);
  const TEXT = language === "en" ? "The view from here #office" : "Вид отсюда #офис";
  const MISSED = language === "en" ? "Missed by Bob" : "Боб этого не видел";
  let service: Service;
  let browser: Browser;
  let [ann, bob]: TestUser[] = [];
  let visits: Visit[] = [];
  let [annPage, bobPage]: Page[] = [];
  before(async () => {
    [service, browser] = await Promise.all([Service.start(), openBrowser()]);
    await service.startApi({ PORT: String(await freePort()) });
    ann = await service.addUser("Ann Petrova");
    bob = await service.addUser("Боб О'Нил");
    visits = [
      await visit(browser, service.apis[0]?.url as string, {
        viewport: annsSize,
        locale: language,
      }),
      await visit(browser, service.apis[1]?.url as string, {
        viewport: bobsSize,
        locale: language,
      }),
    ];
    [annPage, bobPage] = visits.map(({ page }) => page);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });
  // Each chapter goes on from the one before.
  let isBroken = false;
  beforeEach(function () {
    if (isBroken) this.skip();
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      isBroken = true;
      for (const [i, page] of pages().entries())
        await picture(page, `failed-story-${language}-${i}`);
    }
    assert.deepEqual(
      visits.map(({ faults }) => faults.splice(0)),
      [[], []],
    );
  });

  const pages = () => [annPage as Page, bobPage as Page] as const;
  const likes = (page: Page, text: string) =>
    tweetOf(page, text).getByRole("button", { name: say("tweet.like") });
  const countIs = (page: Page, text: string, count: number) =>
    likes(page, text).getByText(String(count), { exact: true }).waitFor();
  const goTo = (page: Page, where: string) =>
    page
      .getByRole("navigation", { name: say("nav.label") })
      .getByText(say(where))
      .click();
  const post = async (page: Page, text: string) => {
    await page.getByLabel(say("composer.label")).fill(text);
    await page.getByRole("button", { name: say("composer.post") }).click();
  };
  const showWaiting = (page: Page) =>
    page.getByRole("button", { name: say("feed.waiting", { n: 1 }) }).click();

  it("a key that nobody has is refused in words", async () => {
    const [annsPage] = pages();
    for (const key of ["ключ", "unknown"]) {
      await annsPage.getByLabel(say("sign-in.key"), { exact: true }).fill(key);
      await annsPage.getByRole("button", { name: say("sign-in.button") }).click();
      await annsPage.getByRole("alert").filter({ hasText: /\S/ }).first().waitFor();
    }
    await annsPage.getByText(say("sign-in.wrong")).waitFor();
    await picture(annsPage, `sign-in-${language}`);
  });

  it("they sign in, and find an empty feed with the way to people", async () => {
    const [annsPage, bobsPage] = pages();
    await signIn(annsPage, ann as TestUser, language);
    await signIn(bobsPage, bob as TestUser, language);
    await bobsPage.getByText(say("feed.empty-title")).waitFor();
    await picture(bobsPage, `empty-${language}`);
    await bobsPage.getByRole("link", { name: say("feed.find") }).click();
  });

  it("one looks the other up by name and follows; the other's count moves by itself", async () => {
    const [annsPage, bobsPage] = pages();
    await goTo(annsPage, "nav.profile");
    const count = (n: number, form: number) =>
      annsPage.getByRole("link", { name: say("person.followers", { n }, form) }).waitFor();
    await count(0, language === "en" ? 1 : 2);
    await bobsPage.getByLabel(say("people.search")).fill("ann");
    const found = bobsPage.getByRole("listitem").filter({ hasText: ann?.name as string });
    await eventually(async () => assert.equal(await bobsPage.getByRole("listitem").count(), 1));
    await found.getByRole("button").click();
    await found.getByText(say("person.following")).waitFor({ state: "attached" });
    await count(1, 0);
    await annsPage.getByRole("link", { name: say("person.followers", { n: 1 }) }).click();
    await annsPage
      .getByRole("main")
      .getByRole("link", { name: bob?.name as string })
      .waitFor();
    await picture(annsPage, `followers-${language}`);
    await goTo(annsPage, "nav.feed");
    await goTo(bobsPage, "nav.feed");
  });

  it("a tweet with a picture is on top at once; at the other's it waits behind the pill", async () => {
    const [annsPage, bobsPage] = pages();
    await annsPage.locator("input[type=file]").setInputFiles({
      name: "view.jpg",
      mimeType: "image/jpeg",
      buffer: await halves("#0f766e", "#fbbf24").jpeg().toBuffer(),
    });
    await annsPage.getByRole("list", { name: say("composer.pictures") }).waitFor();
    await annsPage.locator('.tray [aria-busy="false"]').waitFor();
    await post(annsPage, TEXT);
    await tweetOf(annsPage, TEXT).getByRole("img").waitFor();
    assert.equal(await annsPage.getByLabel(say("composer.label")).inputValue(), "");
    const pill = bobsPage.getByRole("button", { name: say("feed.waiting", { n: 1 }) });
    await pill.waitFor();
    assert.equal(await tweetOf(bobsPage, TEXT).count(), 0);
    await picture(bobsPage, `pill-${language}`);
    await pill.click();
    for (const page of pages()) {
      const shown = tweetOf(page, TEXT).getByRole("img");
      await shown.scrollIntoViewIfNeeded();
      await eventually(async () => {
        const { width, srcset } = await shown.evaluate((img) => {
          const { naturalWidth, srcset: set } = img as unknown as HTMLImage;
          return { width: naturalWidth, srcset: set };
        });
        assert.ok(width > 0, "the picture is shown");
        assert.match(srcset, /320w.*640w/s);
      });
      await picture(page, `feed-${language}-${page === annsPage ? "writer" : "reader"}`);
    }
  });

  it("the picture opens large, and Escape leads back to it", async () => {
    const [, bobsPage] = pages();
    const small = tweetOf(bobsPage, TEXT).getByRole("button", {
      name: say("picture.open", { n: 1, total: 1 }),
    });
    await small.click();
    await bobsPage.getByRole("dialog").getByRole("img").waitFor();
    await picture(bobsPage, `lightbox-${language}`);
    await bobsPage.keyboard.press("Escape");
    await bobsPage.getByRole("dialog").waitFor({ state: "detached" });
    const focused = bobsPage.locator(":focus");
    assert.equal(await focused.getAttribute("aria-label"), await small.getAttribute("aria-label"));
  });

  it("a like moves the count at both, and taking it back does, too", async () => {
    const [annsPage, bobsPage] = pages();
    await likes(bobsPage, TEXT).click();
    for (const page of pages()) await countIs(page, TEXT, 1);
    assert.equal(await likes(bobsPage, TEXT).getAttribute("aria-pressed"), "true");
    assert.equal(await likes(annsPage, TEXT).getAttribute("aria-pressed"), "false");
    await likes(bobsPage, TEXT).click();
    for (const page of pages()) await countIs(page, TEXT, 0);
  });

  it("unfollowing takes the tweets away, following brings them back", async () => {
    const [, bobsPage] = pages();
    await tweetOf(bobsPage, TEXT)
      .getByRole("link", { name: ann?.name as string })
      .first()
      .click();
    const button = (key: string) =>
      bobsPage
        .getByRole("main")
        .getByRole("button", { name: "Ann Petrova" })
        .getByText(say(key), { exact: true });
    await tweetOf(bobsPage, TEXT).waitFor();
    await picture(bobsPage, `profile-${language}`);
    await bobsPage.getByRole("main").getByRole("button", { name: "Ann Petrova" }).click();
    await button("person.follow").waitFor();
    await bobsPage.goBack();
    await bobsPage.getByText(say("feed.empty-title")).waitFor();
    await bobsPage.goForward();
    await button("person.follow").click();
    await button("person.following").waitFor({ state: "attached" });
    await goTo(bobsPage, "nav.feed");
    await tweetOf(bobsPage, TEXT).waitFor();
  });

  it("a server that goes away shows as offline; back again, the page has what it missed", async () => {
    const [annsPage, bobsPage] = pages();
    const api = service.apis[1];
    await api?.stop("SIGKILL");
    await bobsPage.getByText(say("state.offline"), { exact: true }).waitFor();
    await picture(bobsPage, `offline-${language}`);
    await post(annsPage, MISSED);
    await tweetOf(annsPage, MISSED).waitFor();
    const read: string[] = [];
    bobsPage.on("request", (request) => read.push(new URL(request.url()).pathname));
    await service.startApi({ PORT: new URL(api?.url as string).port });
    await isLive(bobsPage, language);
    await showWaiting(bobsPage);
    await tweetOf(bobsPage, MISSED).waitFor();
    assert.deepEqual(
      read.filter((path) => path.startsWith("/api/")),
      [],
      "it came by itself",
    );
  });

  it("after a sleep without a network it catches up", async () => {
    const [annsPage, bobsPage] = pages();
    await bobsPage.context().setOffline(true);
    await bobsPage.getByText(say("state.offline"), { exact: true }).waitFor();
    await likes(annsPage, MISSED).click();
    await countIs(annsPage, MISSED, 1);
    await countIs(bobsPage, MISSED, 0);
    await bobsPage.context().setOffline(false);
    await isLive(bobsPage, language);
    await countIs(bobsPage, MISSED, 1);
  });

  it("a deleted tweet goes from both", async () => {
    const [annsPage, bobsPage] = pages();
    const button = (page: Page) =>
      tweetOf(page, MISSED).getByRole("button", { name: say("tweet.delete") });
    assert.equal(await button(bobsPage).count(), 0);
    await button(annsPage).click();
    await picture(annsPage, `delete-${language}`);
    await annsPage
      .getByRole("dialog")
      .getByRole("button", { name: say("tweet.delete") })
      .click();
    for (const page of pages()) await tweetOf(page, MISSED).waitFor({ state: "detached" });
  });

  it("a key that is revoked ends the session with a page that says so", async () => {
    const [, bobsPage] = pages();
    const draft = language === "en" ? "Not sent yet" : "Ещё не отправлено";
    await bobsPage.getByLabel(say("composer.label")).fill(draft);
    const env = { ...process.env, ...service.environment };
    const users = (...args: string[]) => run(process.execPath, ["src/users.ts", ...args], { env });
    await users("disable", String(bob?.id));
    await bobsPage.getByText(say("sign-in.refused-title")).waitFor();
    await picture(bobsPage, `revoked-${language}`);
    await users("enable", String(bob?.id));
    await signIn(bobsPage, bob as TestUser, language);
    assert.equal(await bobsPage.getByLabel(say("composer.label")).inputValue(), draft);
  });

  it("signing out forgets the key", async () => {
    const [annsPage] = pages();
    await annsPage
      .getByRole("button", { name: say("nav.menu", { name: ann?.name as string }) })
      .click();
    await picture(annsPage, `menu-${language}`);
    await annsPage.getByRole("button", { name: say("menu.sign-out") }).click();
    await annsPage.reload();
    await annsPage.getByLabel(say("sign-in.key"), { exact: true }).waitFor();
    const kept = await annsPage.evaluate("JSON.stringify(localStorage)");
    assert.ok(!String(kept).includes(ann?.key as string));
  });
}

/** Of the browser's own types, what is asked for here. */
interface HTMLImage {
  naturalWidth: number;
  srcset: string;
}
