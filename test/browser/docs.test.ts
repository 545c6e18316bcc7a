import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import type { Message } from "../../src/http/asyncapi.ts";
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

  it("shows every live event and the shape of each field, two clicks away from the calls", async () => {
    const { page, faults } = await visit(browser, `${service.url}/docs`);
    await page.getByRole("link", { name: "Live events" }).click();
    const { body } = await service.call(undefined, "GET", "/asyncapi.json");
    const names = Object.values(body.components.messages).map((each) => (each as Message).name);
    assert.deepEqual(await page.locator(".message h3").allTextContents(), names);
    const shapes = Object.keys(body.components.schemas);
    assert.deepEqual(await page.locator(".shape h3").allTextContents(), shapes);
    const dead = await page.evaluate(
      "[...document.links].filter((a) => a.hash && !document.getElementById(decodeURIComponent(a.hash.slice(1)))).map(String)",
    );
    assert.deepEqual(dead, [], "every link within the page leads somewhere");
    await page.getByText("Example").first().click();
    await page.getByText('"content": "The view from here"').waitFor();
    await page.getByRole("link", { name: "REST" }).click();
    await page.locator(".opblock").first().waitFor();
    assert.deepEqual(faults, []);
  });
});
