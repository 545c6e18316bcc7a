/** The web page in a real Chromium: what comes over the wire, when it is painted, how soon a new
 * tweet shows, and what a long day does to its memory. */
import { gzipSync } from "node:zlib";
import type { Browser, CDPSession, Page } from "playwright-core";
import { DESKTOP, openBrowser } from "../test/browser/browser.ts";
import { type Bench, Installation, type Served } from "./installation.ts";
import { postTweet } from "./live.ts";
import { median, quantile } from "./rounds.ts";
import { keyOf } from "./seed.ts";
import { type Row, whole } from "./table.ts";

/** Somebody who follows the broadcaster. */
const READER = keyOf(1);
const LOADS = 7;
const PILLS = 40;
const [FEW, MANY] = [20, 500];
const EVENTS = 2000;
const AT_ONCE = 16;
const PATIENCE_MS = 60_000;

export async function measurePage(bench: Bench): Promise<Row[]> {
  bench.say("page: in Chromium …");
  const warble = await Installation.open(bench);
  const browser = await openBrowser();
  try {
    const api = await warble.startApi();
    await warble.startWorkers();
    return [
      ...(await loads(browser, api)),
      ...(await pills(browser, api)),
      await memory(browser, api, bench),
    ];
  } finally {
    await browser.close();
    await warble.close();
  }
}

/** What the page is told before its own script runs: whose it is, and what to note down. Frames of
 * the live connection are stamped when they arrive, the pill when it has changed and when that was
 * painted. */
const NOTES = `
  localStorage.setItem("warble-key", ${JSON.stringify(READER)});
  window.noted = { arrived: [], changed: [], painted: [], shifts: 0, largest: 0 };
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (String(data).includes('"tweet:new"')) noted.arrived.push(performance.now());
      });
    }
  };
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) noted.shifts += value;
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    noted.largest = list.getEntries().at(-1).startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  addEventListener("DOMContentLoaded", () => {
    new MutationObserver((changes) => {
      const isPill = changes.some(({ target }) =>
        (target.closest ? target : target.parentElement)?.closest(".pill"));
      if (!isPill) return;
      noted.changed.push(performance.now());
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => noted.painted.push(performance.now());
        port2.postMessage(0);
      });
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
`;

interface Noted {
  arrived: number[];
  changed: number[];
  painted: number[];
  shifts: number;
  largest: number;
}

async function open(browser: Browser, { url }: Served): Promise<Page> {
  const context = await browser.newContext({ viewport: DESKTOP, locale: "en" });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.addInitScript(NOTES);
  await page.goto(`${url}/new`);
  await page.locator('.light[data-state="live"]').waitFor();
  await page.getByRole("article").first().waitFor();
  return page;
}

/** Polled from here: the page's own policy lets nobody evaluate text in it. */
async function noted(page: Page, what: "arrived" | "painted", count: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Number(await page.evaluate(`noted.${what}.length`)) < count) {
    if (Date.now() > deadline) throw new Error(`the page has not ${what} ${count} tweets`);
    await page.waitForTimeout(10);
  }
}

const notesOf = (page: Page) => page.evaluate("noted") as Promise<Noted>;

async function loads(browser: Browser, api: Served): Promise<Row[]> {
  const [first, largest, shifts]: number[][] = [[], [], []];
  let bytes = 0;
  for (let i = 0; i <= LOADS; i++) {
    const scripts: Promise<Buffer>[] = [];
    const context = await browser.newContext({ viewport: DESKTOP, locale: "en" });
    const page = await context.newPage();
    page.on("response", (response) => {
      if (new URL(response.url()).pathname.endsWith(".js")) scripts.push(response.body());
    });
    await page.addInitScript(NOTES);
    await page.goto(`${api.url}/new`);
    await page.locator('.light[data-state="live"]').waitFor();
    await page.getByRole("article").first().waitFor();
    await page.waitForTimeout(500);
    const { shifts: shift, largest: paint } = await notesOf(page);
    const painted = await page.evaluate(
      `performance.getEntriesByName("first-contentful-paint")[0].startTime`,
    );
    bytes = (await Promise.all(scripts)).reduce((sum, body) => sum + gzipSync(body).length, 0);
    await context.close();
    if (i === 0) continue;
    first?.push(Number(painted));
    largest?.push(paint);
    shifts?.push(shift);
  }
  const ms = (values: number[] = []) => `${whole(median(values))} ms`;
  const row = (what: string, warble: string, notes: string): Row => ({
    what,
    warble,
    bare: "–",
    ratio: undefined,
    notes,
  });
  const worst = Math.max(...(shifts ?? []));
  return [
    row("page, script of the first page", `${(bytes / 1000).toFixed(1)} kB`, "gzipped, one by one"),
    row("page, first contentful paint", ms(first), `${LOADS} loads, nothing cached; loopback`),
    row("page, largest contentful paint", ms(largest), "a feed of 20 tweets"),
    row("page, layout shift", String(worst), "the most of these loads"),
  ];
}

async function pills(browser: Browser, api: Served): Promise<Row[]> {
  const page = await open(browser, api);
  const few = await pillTimes(page, api);
  while ((await page.getByRole("article").count()) < MANY) {
    await page.evaluate("scrollTo(0, document.body.scrollHeight)");
    await page.waitForTimeout(50);
  }
  const shown = await page.getByRole("article").count();
  const many = await pillTimes(page, api);
  await page.context().close();
  const row = (what: string, of: keyof typeof few): Row => {
    const [ours, theirs] = [quantile(many[of], 0.5), quantile(few[of], 0.5)];
    const slowest = Math.max(...many[of]).toFixed(1);
    return {
      what: `page, from tweet:new to the pill ${what}`,
      warble: `${ours.toFixed(1)} ms`,
      bare: `${theirs.toFixed(1)} ms`,
      ratio: ours / theirs,
      notes: `${shown} tweets on the page, beside it ${FEW}; p50 of ${PILLS}, the slowest ${slowest} ms`,
    };
  };
  return [row("in the page", "changed"), row("painted", "painted")];
}

/** From the arrival of each of some new tweets, in ms. */
async function pillTimes(page: Page, { url }: Served) {
  await page.evaluate("for (const list of ['arrived', 'changed', 'painted']) noted[list] = []");
  for (let i = 1; i <= PILLS; i++) {
    await postTweet(url);
    await noted(page, "painted", i);
  }
  const { arrived, changed, painted } = await notesOf(page);
  const since = (times: number[]) => arrived.map((at, i) => (times[i] as number) - at);
  return { changed: since(changed), painted: since(painted) };
}

async function memory(browser: Browser, api: Served, bench: Bench): Promise<Row> {
  const page = await open(browser, api);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const before = await heapOf(session);
  bench.say(`page: ${whole(EVENTS)} live events …`);
  let posted = 0;
  const post = async (): Promise<void> => {
    while (posted < EVENTS) {
      posted += 1;
      await postTweet(api.url);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, post));
  await noted(page, "arrived", EVENTS);
  const after = await heapOf(session);
  await page.context().close();
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return {
    what: `page, memory after ${whole(EVENTS)} live events`,
    warble: `${megabytes(after)} MB`,
    bare: `${megabytes(before)} MB`,
    ratio: after / before,
    notes: "JavaScript heap after a collection; beside it: before the events",
  };
}

async function heapOf(session: CDPSession): Promise<number> {
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? 0;
}
