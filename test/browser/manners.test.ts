/** How the page behaves towards everybody: keyboards, readers of screens, small screens, two themes. */
import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import en from "../../client/app/locales/en.json" with { type: "json" };
import russianFile from "../../client/app/locales/ru.json" with { type: "json" };
import { halves, plain } from "../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import {
  DESKTOP,
  openBrowser,
  PHONE,
  picture,
  signIn,
  tweetOf,
  visit,
  wordsOf,
} from "./browser.ts";

const say = wordsOf("en");
const LONG_NAME = `Maximiliane ${"von-und-zu-".repeat(6)}Hohenstein`;
const LONG_WORD = "Donaudampfschiffahrtsgesellschaft".repeat(6);
const HTML = `<img src=x onerror="document.title='taken'"> & <b>bold</b>`;

describe("the page's manners", function () {
  this.timeout(120_000);
  let service: Service;
  let browser: Browser;
  let ann: TestUser;
  let longNamed: TestUser;
  let tweetId: number;
  before(async () => {
    [service, browser] = await Promise.all([Service.start(), openBrowser()]);
    ann = await service.addUser("Ann Petrova");
    longNamed = await service.addUser(LONG_NAME);
    await service.addUsers(4);
    await service.call(ann, "POST", `/api/users/${longNamed.id}/follow`);
    await service.call(longNamed, "POST", `/api/users/${ann.id}/follow`);
    await service.tweet(longNamed, LONG_WORD);
    await service.tweet(longNamed, HTML);
    await service.tweet(
      ann,
      "See https://example.org/a?b=1#c, not ftp://example.org or javascript:alert(1) #two_words #7",
    );
    const shades = ["#0f766e", "#b45309", "#7c3aed", "#be123c"];
    const ids: number[] = [];
    for (const shade of shades) {
      const sample = await halves(shade, "#e5e7eb").jpeg().toBuffer();
      ids.push((await service.upload(ann, sample)).body.media_id);
    }
    tweetId = await service.tweet(ann, "Four pictures", ids);
    const tall = await plain(600, 1400, "#0369a1").jpeg().toBuffer();
    const tallId = (await service.upload(longNamed, tall)).body.media_id;
    await service.tweet(longNamed, "A tall one", [tallId]);
    await eventually(async () => {
      const { body } = await service.call(ann, "GET", "/api/v2/feed");
      for (const { attachments } of body.tweets) {
        for (const { status } of attachments) assert.equal(status, "ready");
      }
    });
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  const open = async (path: string, options: Parameters<typeof visit>[2] = {}): Promise<Page> => {
    const { page } = await visit(browser, `${service.url}${path}`, options);
    await signIn(page, ann);
    return page;
  };

  const PLACES: [name: string, path: () => string, ready: (page: Page) => Promise<unknown>][] = [
    ["feed", () => "/new", (page) => tweetOf(page, "Four pictures").waitFor()],
    ["profile", () => `/profile/${longNamed.id}`, (page) => tweetOf(page, LONG_WORD).waitFor()],
    ["followers", () => `/profile/${ann.id}/followers`, (page) => inMain(page, LONG_NAME)],
    ["people", () => "/people", (page) => inMain(page, "Person 4")],
    ["tweet", () => `/tweet/${tweetId}`, (page) => tweetOf(page, "Four pictures").waitFor()],
    ["tweet-gone", () => "/tweet/999999", (page) => page.getByText(say("tweet.gone")).waitFor()],
    ["nothing", () => "/no/such/page", (page) => page.getByText(say("nothing.title")).waitFor()],
  ];
  const inMain = (page: Page, text: string) =>
    page.getByRole("main").getByRole("link", { name: text }).first().waitFor();

  const faultsOf = async (page: Page) => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`);
  };

  for (const colorScheme of ["light", "dark"] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      const size = viewport === PHONE ? "phone" : "desktop";
      it(`no page has a fault that axe finds, ${colorScheme}, on a ${size}; nothing sticks out`, async () => {
        const { page } = await visit(browser, service.url, { colorScheme, viewport });
        await page.getByLabel(say("sign-in.key"), { exact: true }).waitFor();
        const found: Record<string, string[]> = { "sign-in": await faultsOf(page) };
        await picture(page, `sign-in-${colorScheme}-${size}`);
        await signIn(page, ann);
        for (const [name, path, ready] of PLACES) {
          await page.goto(`${service.url}${path()}`);
          await ready(page);
          found[name] = await faultsOf(page);
          await picture(page, `${name}-${colorScheme}-${size}`);
          const width = await page.evaluate("document.documentElement.scrollWidth");
          assert.equal(width, viewport.width, `${name} is as wide as the screen`);
          for (const box of await page.locator(".card").all()) {
            const sticksOut = await box.evaluate(isTooNarrow);
            assert.ok(!sticksOut, `${name}: ${await box.textContent()}`);
          }
        }
        await page.goto(`${service.url}/new`);
        await page.getByRole("button", { name: say("nav.menu", { name: ann.name }) }).click();
        found.menu = await faultsOf(page);
        await page.keyboard.press("Escape");
        await tweetOf(page, "Four pictures")
          .getByRole("button", { name: say("tweet.delete") })
          .click();
        await page.getByRole("dialog").waitFor();
        found.dialog = await faultsOf(page);
        await page.keyboard.press("Escape");
        await tweetOf(page, "Four pictures").locator("button.picture").nth(1).click();
        await page.getByRole("dialog").getByRole("img").waitFor();
        found.lightbox = await faultsOf(page);
        assert.deepEqual(
          Object.entries(found).filter(([, faults]) => faults.length > 0),
          [],
        );
        await page.context().close();
      });
    }
  }

  it("everything can be reached and done by the keyboard alone", async () => {
    const { page } = await visit(browser, `${service.url}/new`);
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    /** Tab by Tab, until what is wanted has the focus. */
    const tabTo = async (what: ReturnType<Page["locator"]>) => {
      for (let i = 0; i < 80; i++) {
        if (await what.evaluate(hasFocus).catch(() => false)) return;
        await press("Tab");
      }
      assert.fail(`Tab does not lead to ${what}`);
    };
    await tabTo(page.getByLabel(say("sign-in.key"), { exact: true }));
    await page.keyboard.type(ann.key);
    await press("Enter");
    await tweetOf(page, "Four pictures").waitFor();
    await tabTo(page.getByRole("link", { name: say("skip") }));
    await press("Enter");
    await tabTo(page.getByLabel(say("composer.label")));
    await page.keyboard.type("By the keyboard");
    await press("Control+Enter");
    await tweetOf(page, "By the keyboard")
      .getByRole("button", { name: say("tweet.like") })
      .waitFor();
    await tabTo(tweetOf(page, "By the keyboard"));
    const like = tweetOf(page, "By the keyboard").getByRole("button", { name: say("tweet.like") });
    await tabTo(like);
    await press("Space");
    await like.getByText("1", { exact: true }).waitFor();
    const remove = tweetOf(page, "By the keyboard").getByRole("button", {
      name: say("tweet.delete"),
    });
    await tabTo(remove);
    await press("Enter");
    await page.getByRole("dialog").waitFor();
    await press("Tab", "Enter");
    await tweetOf(page, "By the keyboard").waitFor({ state: "detached" });
    await tabTo(page.getByRole("article").first());
    await press("PageDown");
    assert.equal(
      await page.locator(":focus").getAttribute("data-tweet"),
      await page.getByRole("article").nth(1).getAttribute("data-tweet"),
      "Page Down goes to the next tweet",
    );
    const second = tweetOf(page, "Four pictures").locator("button.picture").nth(1);
    await tabTo(second);
    await press("Enter");
    await page.getByText("2 / 4").waitFor();
    await press("ArrowRight", "ArrowRight", "ArrowRight");
    await page.getByText("4 / 4").waitFor();
    await press("ArrowLeft");
    await page.getByText("3 / 4").waitFor();
    await press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.context().close();
  });

  it("text is shown as it was written, never as HTML; links and hashtags are marked", async () => {
    const page = await open("/new");
    await tweetOf(page, HTML).waitFor();
    assert.equal(await page.title(), "Warble");
    const marked = tweetOf(page, "See https");
    const link = marked.getByRole("link", { name: "https://example.org/a?b=1#c" });
    assert.equal(await link.getAttribute("href"), "https://example.org/a?b=1#c");
    assert.match((await link.getAttribute("rel")) ?? "", /noopener/);
    assert.equal(await marked.locator(".content a").count(), 1);
    assert.deepEqual(await marked.locator(".content b").allTextContents(), ["#two_words"]);
    await page.context().close();
  });

  it("time is relative, and exact on hover", async () => {
    const page = await open("/new");
    const time = tweetOf(page, "Four pictures").locator("time");
    assert.match((await time.textContent()) ?? "", /just now|ago/);
    assert.match((await time.getAttribute("title")) ?? "", /\d{4}.*\d:\d\d:\d\d/);
    await page.context().close();
  });

  it("nothing moves while the page comes up, with pictures that come later", async () => {
    const { page } = await visit(browser, `${service.url}/new`);
    await page.addInitScript(`
      window.shifts = [];
      new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries()) {
          window.shifts.push([value, ...sources.map(({ node }) => node?.outerHTML?.slice(0, 200))]);
        }
      }).observe({ type: "layout-shift", buffered: true });
    `);
    await signIn(page, ann);
    await page.route("**/media/**", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await route.continue();
    });
    await page.reload();
    const shown = tweetOf(page, "A tall one").locator("button.picture");
    await shown.waitFor();
    const before = await shown.boundingBox();
    await eventually(async () => assert.ok(await shown.locator("img").evaluate(isLoaded)));
    assert.deepEqual(await shown.boundingBox(), before, "the placeholder has the picture's room");
    assert.deepEqual(await page.evaluate("window.shifts"), []);
    await page.context().close();
  });

  it("language and colours are the browser's own, until one chooses", async () => {
    const { page } = await visit(browser, service.url, { locale: "ru-RU", colorScheme: "dark" });
    const ru = wordsOf("ru");
    await signIn(page, ann, "ru");
    assert.equal(await page.locator("html").getAttribute("lang"), "ru");
    const ground = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const dark = await ground();
    await page.getByRole("button", { name: ru("nav.menu", { name: ann.name }) }).click();
    await page.getByLabel(ru("menu.theme")).selectOption("light");
    assert.notEqual(await ground(), dark);
    const light = await ground();
    await page.getByLabel(ru("menu.language")).selectOption("en");
    await page.getByText(say("state.live"), { exact: true }).waitFor();
    await page.reload();
    await page.getByText(say("state.live"), { exact: true }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    assert.equal(await ground(), light);
    await page.context().close();
  });

  it("both languages say everything, with the same values and all forms of their plurals", () => {
    const ru = wordsOf("ru");
    const values = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    const { keysOf, raw } = messages;
    assert.deepEqual(keysOf("ru"), keysOf("en"));
    for (const key of keysOf("en")) {
      assert.ok(ru(key), key);
      const [english, russian] = [raw("en", key).split("|"), raw("ru", key).split("|")];
      assert.equal(russian.length, english.length === 2 ? 3 : 1, key);
      for (const form of [...russian, ...english]) {
        assert.deepEqual(values(form), values(english[0] as string), key);
      }
    }
  });
});

/* These run in the page; of its own types they have what they ask for. */

const hasFocus = (node: unknown): boolean =>
  (node as { matches(selector: string): boolean }).matches(":focus");

function isTooNarrow(card: unknown): boolean {
  const { scrollWidth, clientWidth } = card as { scrollWidth: number; clientWidth: number };
  return scrollWidth > clientWidth;
}

function isLoaded(image: unknown): boolean {
  const { complete, naturalWidth } = image as { complete: boolean; naturalWidth: number };
  return complete && naturalWidth > 0;
}

type Tree = { [key: string]: string | Tree };
const flat = (tree: Tree, prefix = ""): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`),
  );
const files = { en: new Map(flat(en)), ru: new Map(flat(russianFile)) };
const messages = {
  keysOf: (language: "en" | "ru") => [...files[language].keys()].sort(),
  raw: (language: "en" | "ru", key: string) => files[language].get(key) ?? "",
};
