import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { CLIENT_DIST } from "../../src/base/config.ts";
import { nginxFiles } from "../../src/generate.ts";
import { SECURITY_HEADERS } from "../../src/http/security-headers.ts";
import { plain } from "../sample-pictures.ts";
import { eventually, type TestUser } from "../service.ts";
import { assertError, Installation } from "./installation.ts";

describe("nginx", function () {
  this.timeout(60_000);
  let site: Installation;
  let ann: TestUser;
  before(async () => {
    site = await Installation.start();
    ann = await site.service.addUser("Ann");
  });
  after(() => site.stop());

  it("serves the page compressed beforehand, its files for good, and it at every address of it", async () => {
    const index = readFileSync(join(CLIENT_DIST, "index.html"));
    for (const path of ["/", "/index.html", "/login", "/profile/1"]) {
      const page = await site.send(path, { headers: { "accept-encoding": "gzip" } });
      assert.deepEqual([page.status, page.headers["cache-control"]], [200, "no-cache"], path);
      assert.match(page.headers["content-type"] ?? "", /^text\/html; charset=utf-8$/);
      assert.deepEqual(gunzipSync(page.bytes), index);
      assert.deepEqual((await site.send(path)).bytes, index, "to those who take no gzip");
    }
    const assets = [...index.toString().matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css))"/g)]
      .map(([, path = ""]) => path)
      // Very small ones are not worth it.
      .filter((path) => statSync(join(CLIENT_DIST, path)).size > 1000);
    assert.ok(assets.length >= 3);
    for (const path of assets) {
      const asset = await site.send(path, { headers: { "accept-encoding": "gzip" } });
      assert.deepEqual(asset.bytes, readFileSync(join(CLIENT_DIST, `${path}.gz`)), "not made anew");
      assert.deepEqual(
        [asset.headers["content-encoding"], asset.headers["cache-control"], asset.headers.vary],
        ["gzip", "public, max-age=31536000, immutable", "Accept-Encoding"],
      );
      const { etag = "" } = asset.headers;
      const again = { "accept-encoding": "gzip", "if-none-match": etag };
      assert.equal((await site.send(path, { headers: again })).status, 304);
    }
    assertError(await site.send("/assets/none.js"), 404, "NotFound");
    assertError(await site.send("/", { method: "POST", body: "x" }), 405, "MethodNotAllowed");
    assert.equal((await site.send("/", { method: "DELETE" })).headers.allow, "GET, HEAD");
  });

  it("tells browsers what the service itself tells them", async () => {
    for (const [file, text] of nginxFiles()) assert.equal(readFileSync(file, "utf8"), text);
    const [script = ""] = /\/assets\/[^"]+\.js/.exec((await site.send("/")).text) ?? [];
    for (const path of ["/", "/login", script]) {
      const [by, without] = [
        await site.send(path),
        await site.send(path, { port: site.ports[0] as number }),
      ];
      const ofPage = path === script ? [] : ["content-security-policy"];
      for (const name of [...Object.keys(SECURITY_HEADERS), ...ofPage, "cache-control"]) {
        assert.ok(by.headers[name]);
        assert.equal(by.headers[name], without.headers[name], `${path}: ${name}`);
      }
      // Of those that only one of them has, none is about security.
      const odd = Object.keys(without.headers).filter((name) => !(name in by.headers));
      assert.deepEqual(
        odd,
        ["uwebsockets"].filter((name) => odd.includes(name)),
      );
    }
  });

  it("serves pictures from the disk, without asking the service", async () => {
    const picture = await plain(400, 300).jpeg().toBuffer();
    const { body } = await site.service.upload(ann, picture);
    await site.service.tweet(ann, "with a picture", [body.media_id]);
    const feed = await site.service.call(ann, "GET", "/api/tweets");
    const path = feed.body.tweets[0].attachments[0] as string;
    const shown = await eventually(async () => {
      const reply = await site.send(path);
      assert.match(reply.headers["cache-control"] ?? "", /immutable/);
      return reply;
    });
    assert.deepEqual([shown.status, shown.headers["content-type"]], [200, "image/webp"]);
    assert.equal(shown.headers["x-content-type-options"], "nosniff");
    await eventually(() => {
      const line = site.nginx.requests.findLast((each) => each.path === path);
      assert.deepEqual([line.status, line.upstream], [200, ""]);
    });
    for (const other of [
      path.replace(/\/[\w-]{22}\//, `/${"x".repeat(22)}/`),
      path.replace(/\d+\.webp/, "9999.webp"),
      "/media/..%2fconf/nginx.conf",
      "/media/",
    ]) {
      assertError(await site.send(other), 404, "NotFound");
    }
    const above = "/media/..%2f..%2f..%2fetc/passwd";
    assertError(await site.send(above), 400, "BadRequest");
  });
});
