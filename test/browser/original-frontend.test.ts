/** The original frontend is a built page that nobody here can change. What it needs of the headers is
 * tried with a page that does as it does: avatars from another host, `blob:` previews, history
 * routes, the key in the header `api-key`. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { plain } from "../sample-pictures.ts";
import { Service, type TestUser } from "../service.ts";
import { openBrowser } from "./browser.ts";

const page = (avatar: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>original</title>
<style>body { background: white }</style></head>
<body><div id="app"></div><img id="avatar" src="${avatar}" alt=""><img id="preview" alt="">
<ul id="feed"></ul><script src="/js/app.js"></script></body></html>`;

const SCRIPT = `
const loaded = (image) => new Promise((done, failed) => { image.onload = done; image.onerror = failed; });
window.run = async (key, bytes) => {
  const call = async (method, path, body, type) => {
    const headers = { "api-key": key, ...(type && { "content-type": type }) };
    return (await fetch("/api" + path, { method, headers, body })).json();
  };
  const file = new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], "a.png", { type: "image/png" });
  const preview = document.getElementById("preview");
  preview.src = URL.createObjectURL(file);
  await loaded(preview);
  const form = new FormData();
  form.set("file", file);
  const { media_id } = await call("POST", "/medias", form);
  const body = JSON.stringify({ tweet_data: "from the original", tweet_media_ids: [media_id] });
  await call("POST", "/tweets", body, "application/json");
  const { tweets } = await call("GET", "/tweets");
  const image = new Image();
  image.src = tweets[0].attachments[0];
  document.body.append(image);
  await loaded(image);
  return { content: tweets[0].content, width: image.naturalWidth, avatar: document.getElementById("avatar").naturalWidth };
};`;

describe("a page of the original frontend's making, in STATIC_DIR", function () {
  this.timeout(60_000);
  let service: Service;
  let browser: Browser;
  let user: TestUser;
  let otherHost: Server;
  const dir = mkdtempSync(join(tmpdir(), "warble-original-"));
  before(async () => {
    const avatar = await plain(40, 40).png().toBuffer();
    otherHost = createServer((_, response) => {
      response.writeHead(200, { "content-type": "image/png" }).end(avatar);
    });
    await once(otherHost.listen(0, "127.0.0.1"), "listening");
    const { port } = otherHost.address() as AddressInfo;
    writeFileSync(join(dir, "index.html"), page(`http://127.0.0.1:${port}/avatar.png`));
    const scripts = join(dir, "js");
    mkdirSync(scripts);
    writeFileSync(join(scripts, "app.js"), SCRIPT);
    [service, browser] = await Promise.all([
      Service.start({ env: { STATIC_DIR: dir } }),
      openBrowser(),
    ]);
    user = await service.addUser();
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
    otherHost?.close();
    rmSync(dir, { recursive: true });
  });

  for (const path of ["/", "/login", "/profile/1"]) {
    it(`works at ${path}: avatar, preview, upload, tweet, picture`, async () => {
      const opened = await (await browser.newContext()).newPage();
      const complaints: string[] = [];
      opened.on(
        "console",
        (message) => message.type() === "error" && complaints.push(message.text()),
      );
      await opened.goto(`${service.url}${path}`, { waitUntil: "load" });
      const bytes = (await plain(60, 60).png().toBuffer()).toString("base64");
      const done = await opened.evaluate(`run("${user.key}", "${bytes}")`);
      assert.deepEqual(done, { content: "from the original", width: 60, avatar: 40 });
      assert.deepEqual(complaints, []);
      await opened.context().close();
    });
  }
});
