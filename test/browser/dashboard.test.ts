import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { PASSWORD, startDashboard } from "../admin/operator.ts";
import { Service } from "../service.ts";
import { openBrowser, PHONE, visit } from "./browser.ts";

describe("the queue dashboard, in a browser", function () {
  this.timeout(60_000);
  let service: Service;
  let browser: Browser;
  let url: string;
  before(async () => {
    service = await Service.start({ apis: 0, workers: 0 });
    ({ url } = await startDashboard(service));
    browser = await openBrowser();
  });
  after(async () => {
    await browser.close();
    await service.stop();
  });

  it("is signed in to, shows the queues from its own host only, and is signed out of", async () => {
    const { page, faults } = await visit(browser, `${url}/admin/queues`);
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(message.text());
    });
    const password = page.getByLabel("Password of the operators");
    await password.fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("This is not the password.").waitFor();
    faults.length = 0; // the browser's word on the answer 401
    await password.fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "upkeep" }).first().click();
    await page.getByText("sweep: abandoned uploads, old events and keys").first().waitFor();
    await page.locator("header button, header a").last().click();
    await page.getByText("Sign out").click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await password.waitFor();
    await page.goto(`${url}/admin/queues`);
    await password.waitFor();
    assert.deepEqual(faults, []);
  });

  it("has a page to sign in that everybody can use", async () => {
    const { page } = await visit(browser, `${url}/admin/sign-in`, { viewport: PHONE });
    await page.getByLabel("Password of the operators").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByText("This is not the password.").waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(violations, []);
    assert.equal(await page.evaluate("document.documentElement.scrollWidth"), PHONE.width);
  });
});
