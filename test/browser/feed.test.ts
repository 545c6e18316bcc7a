import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { plain } from "../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import { openBrowser, PHONE, signIn, tweetOf, type Visit, visit } from "./browser.ts";

const run = promisify(execFile);

describe("two people's browsers, on two API processes", function () {
  this.timeout(60_000);
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
    await service.call(bob, "POST", `/api/users/${ann.id}/follow`);
    visits = [
      await visit(browser, service.apis[0]?.url as string),
      await visit(browser, service.apis[1]?.url as string, PHONE),
    ];
    [annPage, bobPage] = visits.map(({ page }) => page);
    await signIn(annPage as Page, ann);
    await signIn(bobPage as Page, bob);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });
  afterEach(() =>
    assert.deepEqual(
      visits.map(({ faults }) => faults.splice(0)),
      [[], []],
    ),
  );

  const pages = () => [annPage as Page, bobPage as Page];
  const likes = (page: Page, text: string) =>
    tweetOf(page, text).getByRole("button", { name: "likes" });
  const post = async (page: Page, text: string) => {
    await page.getByLabel("What happened?").fill(text);
    await page.getByRole("button", { name: "Post" }).click();
  };
  const countIs = (page: Page, text: string, count: number) =>
    likes(page, text).getByText(String(count), { exact: true }).waitFor();

  it("refuses a wrong key in words, and stays where it was", async () => {
    const { page } = await visit(browser, service.url);
    await page.getByLabel("Your key").fill("ключ");
    await page.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("dialog").getByText("No key looks like this one.").waitFor();
    await page.getByLabel("Your key").fill("unknown");
    await page.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("dialog").getByText(/key/).last().waitFor();
    assert.ok(await page.getByRole("dialog").isVisible());
    await page.context().close();
  });

  it("a tweet with a picture appears at both without a reload", async () => {
    const [annsPage, bobsPage] = pages();
    const file = {
      name: "view.jpg",
      mimeType: "image/jpeg",
      buffer: await plain(1600, 1000).jpeg().toBuffer(),
    };
    await annsPage?.getByLabel("Add pictures").setInputFiles(file);
    await annsPage?.locator('#previews [aria-busy="false"]').waitFor();
    await post(annsPage as Page, "The view from here");
    for (const page of [annsPage, bobsPage] as Page[]) {
      const picture = tweetOf(page, "The view from here").locator("img");
      await picture.scrollIntoViewIfNeeded();
      await eventually(async () => {
        const width = await picture.evaluate(
          (img) => (img as unknown as { naturalWidth: number }).naturalWidth,
        );
        assert.ok(width > 0, "the picture is shown");
      });
    }
    assert.equal(await annsPage?.getByLabel("What happened?").inputValue(), "");
  });

  it("a like moves the count at both, and taking it back does, too", async () => {
    const [annsPage, bobsPage] = pages() as [Page, Page];
    await likes(bobsPage, "The view from here").click();
    for (const page of pages()) await countIs(page, "The view from here", 1);
    assert.equal(await likes(bobsPage, "The view").getAttribute("aria-pressed"), "true");
    assert.equal(await likes(annsPage, "The view").getAttribute("aria-pressed"), "false");
    await likes(bobsPage, "The view from here").click();
    for (const page of pages()) await countIs(page, "The view from here", 0);
  });

  it("text is shown as it was written, and never as HTML", async () => {
    const [annsPage, bobsPage] = pages() as [Page, Page];
    const text = `<img src=x onerror="document.title='taken'"> & ${"long".repeat(30)}`;
    await post(annsPage, text);
    await tweetOf(bobsPage, text).waitFor();
    assert.equal(await bobsPage.title(), "Warble");
    const width = await bobsPage.evaluate("document.documentElement.scrollWidth");
    assert.equal(width, PHONE.width, "nothing sticks out on a phone");
  });

  it("unfollowing takes the tweets away, following brings them back", async () => {
    const [, bobsPage] = pages() as [Page, Page];
    await tweetOf(bobsPage, "The view")
      .getByRole("button", { name: ann?.name as string })
      .click();
    const dialog = bobsPage.getByRole("dialog");
    await dialog.getByRole("button", { name: "Unfollow" }).click();
    await dialog.getByRole("button", { name: "Follow", exact: true }).waitFor();
    await bobsPage.getByText("Nothing here yet.").waitFor({ state: "attached" });
    await dialog.getByRole("button", { name: "Follow", exact: true }).click();
    await dialog.getByRole("button", { name: "Unfollow" }).waitFor();
    await tweetOf(bobsPage, "The view").waitFor({ state: "attached" });
    await dialog.getByRole("button", { name: "Close" }).click();
  });

  it("counts down in code points and does not send too long a text", async () => {
    const [annsPage] = pages() as [Page, Page];
    await annsPage.getByLabel("What happened?").fill("🐦".repeat(280));
    assert.equal(await annsPage.locator("#counter").textContent(), "0");
    assert.ok(await annsPage.getByRole("button", { name: "Post" }).isEnabled());
    await annsPage.getByLabel("What happened?").fill("🐦".repeat(281));
    assert.equal(await annsPage.locator("#counter").textContent(), "-1");
    assert.ok(await annsPage.getByRole("button", { name: "Post" }).isDisabled());
    await annsPage.getByLabel("What happened?").fill("");
  });

  it("a server that goes away shows as offline; back again, the page has what it missed", async () => {
    const [annsPage, bobsPage] = pages() as [Page, Page];
    const api = service.apis[1];
    await api?.stop("SIGKILL");
    await bobsPage.getByText("offline", { exact: true }).waitFor();
    await post(annsPage, "Missed by Bob");
    await tweetOf(annsPage, "Missed by Bob").waitFor();
    const read: string[] = [];
    bobsPage.on("request", (request) => read.push(new URL(request.url()).pathname));
    await service.startApi({ PORT: new URL(api?.url as string).port });
    await bobsPage.getByText("live", { exact: true }).waitFor();
    await tweetOf(bobsPage, "Missed by Bob").waitFor();
    assert.deepEqual(
      read.filter((path) => path.startsWith("/api/")),
      [],
      "it came by itself",
    );
  });

  it("a deleted tweet goes from both", async () => {
    const [annsPage, bobsPage] = pages() as [Page, Page];
    assert.equal(
      await tweetOf(bobsPage, "Missed").getByRole("button", { name: "Delete" }).count(),
      0,
    );
    await tweetOf(annsPage, "Missed").getByRole("button", { name: "Delete" }).click();
    for (const page of pages()) await tweetOf(page, "Missed").waitFor({ state: "detached" });
  });

  it("a key that is revoked ends the session and asks for another", async () => {
    const [, bobsPage] = pages() as [Page, Page];
    const env = { ...process.env, ...service.environment };
    await run(process.execPath, ["src/users.ts", "disable", String(bob?.id)], { env });
    await bobsPage.getByLabel("Your key").waitFor();
  });
});
