import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { Service } from "../service.ts";
import { openBrowser, visit } from "./browser.ts";

describe("the documentation in a browser", function () {
  this.timeout(60_000);
  let service: Service;
  let browser: Browser;
  before(async () => {
    [service, browser] = await Promise.all([Service.start({ workers: 0 }), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  it("shows every call of the API, and asks no other host for anything", async () => {
    const { page, faults } = await visit(browser, `${service.url}/docs`);
    const { body } = await service.call(undefined, "GET", "/openapi.json");
    const calls = Object.values(body.paths as object).flatMap((path) => Object.keys(path));
    await page
      .locator(".opblock")
      .nth(calls.length - 1)
      .waitFor();
    assert.equal(await page.locator(".opblock").count(), calls.length);
    assert.deepEqual(faults, []);
  });

  it("a call tried there with a key is answered", async () => {
    const user = await service.addUser("Reader of documents");
    const { page } = await visit(browser, `${service.url}/docs`);
    await page.getByRole("button", { name: "Authorize" }).click();
    await page.getByLabel("Value").fill(user.key);
    await page.locator(".auth-btn-wrapper").getByRole("button", { name: "Apply" }).click();
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "/api/users/me" }).first().click();
    await page.getByRole("button", { name: "Try it out" }).click();
    await page.getByRole("button", { name: "Execute" }).click();
    await page.locator(".live-responses-table").getByText("Reader of documents").waitFor();
  });
});
