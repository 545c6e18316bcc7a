/** A real Chromium for tests, and people in it: each has a context (cookies, storage) of their own. */
import chromium from "@sparticuz/chromium";
import { type Browser, type Page, chromium as playwright } from "playwright-core";
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
  /** Errors of scripts, and requests to any other host than the service. */
  faults: string[];
}

/** Opens an address in a context of its own. */
export async function visit(browser: Browser, url: string, size = DESKTOP): Promise<Visit> {
  const context = await browser.newContext({ viewport: size, locale: "en" });
  const page = await context.newPage();
  const faults: string[] = [];
  const { host } = new URL(url);
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol.startsWith("http") && asked.host !== host) faults.push(asked.href);
  });
  page.setDefaultTimeout(10_000);
  await page.goto(url);
  return { page, faults };
}

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 360, height: 740 };

/** Signs in as a person does: with the key, in the dialog. */
export async function signIn(page: Page, user: TestUser): Promise<void> {
  // Nobody has the key of the demo data here, so the page asks by itself.
  await page.getByLabel("Your key").fill(user.key);
  await page.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: user.name }).waitFor();
  await page.getByText("live", { exact: true }).waitFor();
}

/** The card of the tweet with this text. */
export const tweetOf = (page: Page, text: string) =>
  page.getByRole("article").filter({ hasText: text });
