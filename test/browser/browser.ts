/** A real Chromium for tests, and people in it: each has a context (cookies, storage) of their own. */
import { readFileSync } from "node:fs";
import chromium from "@sparticuz/chromium";
import {
  type Browser,
  type BrowserContextOptions,
  type Page,
  chromium as playwright,
} from "playwright-core";
import type { TestUser } from "../service.ts";

const ARGS = ["--disable-gpu", "--disable-background-networking"];
/** Chromium's own sandbox does not run as root, nor in most containers. */
const NO_SANDBOX = "--no-sandbox";

/** The Chromium of its npm package; where that has none for the platform, the machine's Chrome.
 * @throws Error when there is neither. */
export async function openBrowser(): Promise<Browser> {
  if (process.platform !== "linux") return playwright.launch({ channel: "chrome", args: ARGS });
  const executablePath = await chromium.executablePath();
  return playwright.launch({ executablePath, args: [...ARGS, NO_SANDBOX] });
}

export interface Visit {
  page: Page;
  /** Errors of scripts, breaches of the page's own policy, requests to any other host. */
  faults: string[];
}

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 360, height: 740 };

/** Opens an address in a context of its own, as nobody. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: DESKTOP, locale: "en", ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  const { host } = new URL(url);
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) faults.push(message.text());
  });
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol.startsWith("http") && asked.host !== host) faults.push(asked.href);
  });
  page.setDefaultTimeout(10_000);
  await page.goto(url);
  return { page, faults };
}

export type Language = "en" | "ru";
type Messages = { [key: string]: string | Messages };

/** What the page says in this language: `say("nav.feed")`. Of a plural, the form is asked for. */
export function wordsOf(language: Language) {
  const file = new URL(`../../client/app/locales/${language}.json`, import.meta.url);
  const messages = JSON.parse(readFileSync(file, "utf8")) as Messages;
  return (key: string, values: Record<string, string | number> = {}, form = 0): string => {
    const message = key
      .split(".")
      .reduce<string | Messages | undefined>((at, part) => (at as Messages)?.[part], messages);
    if (typeof message !== "string") throw new Error(`no message ${key} in ${language}`);
    const text = message.split("|")[form]?.trim() ?? "";
    return text.replaceAll(/\{(\w+)\}/g, (_, name) => String(values[name]));
  };
}

/** Signs in as a person does, and waits until the page is live. */
export async function signIn(page: Page, user: TestUser, language: Language = "en"): Promise<void> {
  const say = wordsOf(language);
  // Nobody has the key of the demo data here, so the page asks by itself.
  await page.getByLabel(say("sign-in.key"), { exact: true }).fill(user.key);
  await page.getByRole("button", { name: say("sign-in.button") }).click();
  await isLive(page, language);
}

export const isLive = (page: Page, language: Language = "en"): Promise<void> =>
  page.getByText(wordsOf(language)("state.live"), { exact: true }).waitFor();

/** The card of the tweet with this text. */
export const tweetOf = (page: Page, text: string) =>
  page.getByRole("article").filter({ hasText: text });

/** Where pictures of the pages go. */
const PICTURES = new URL("../../test-results/pages/", import.meta.url);

/** Takes a picture of what is on the screen, for people to look at. */
export const picture = (page: Page, name: string): Promise<unknown> =>
  page.screenshot({ path: new URL(`${name}.png`, PICTURES).pathname });
