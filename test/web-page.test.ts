import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { Service } from "./service.ts";

const run = promisify(execFile);

describe("the web page's files", () => {
  let service: Service;
  before(async () => {
    service = await Service.start({ workers: 0 });
  });
  after(() => service.stop());
  const get = async (path: string, api = 0) => {
    const response = await fetch(`${service.apis[api]?.url}${path}`);
    const { status, headers } = response;
    return { status, headers, text: await response.text() };
  };

  it("are built once, and not again while nothing has changed", async () => {
    const { stdout } = await run(process.execPath, ["src/client-build.ts"]);
    assert.match(stdout, /^Web page: up to date/);
  });

  it("are built without a word to whoever is started afterwards that this is production", async () => {
    const script = `
      import { rmSync } from "node:fs";
      import { buildClient } from "./src/client-build.ts";
      rmSync("client/dist/.built-from", { force: true });
      delete process.env.NODE_ENV;
      await buildClient(() => undefined);
      console.log(String(process.env.NODE_ENV));`;
    const { stdout } = await run(process.execPath, [
      "--input-type=module-typescript",
      "-e",
      script,
    ]);
    assert.equal(stdout.trim(), "undefined");
  }).timeout(30_000);

  it("are kept by browsers for good, but for the page itself, at every address of it", async () => {
    for (const path of ["/", "/profile/1"]) {
      const page = await get(path);
      assert.equal(page.headers.get("cache-control"), "no-cache");
      const assets = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, url]) => url);
      assert.ok(assets.length >= 2);
      for (const url of assets) {
        const asset = await get(url as string);
        assert.equal(asset.status, 200, url);
        assert.match(asset.headers.get("cache-control") ?? "", /immutable/, url);
      }
    }
  });

  it("come compressed to whoever takes that, and say what the page may load", async () => {
    const plain = { "accept-encoding": "identity" };
    const page = await fetch(`${service.url}/`, { headers: plain });
    assert.match(page.headers.get("content-security-policy") ?? "", /^default-src 'self'; /);
    assert.doesNotMatch(page.headers.get("content-security-policy") ?? "", /unsafe|\*/);
    const [, script = ""] = (await page.text()).match(/src="([^"]+\.js)"/) ?? [];
    const whole = await fetch(`${service.url}${script}`, { headers: plain });
    const packed = await fetch(`${service.url}${script}`, {
      headers: { "accept-encoding": "gzip" },
    });
    assert.equal(whole.headers.get("content-encoding"), null);
    assert.equal(packed.headers.get("content-encoding"), "gzip");
    assert.equal(packed.headers.get("vary"), "Accept-Encoding");
    assert.notEqual(packed.headers.get("etag"), whole.headers.get("etag"));
    assert.ok(
      Number(packed.headers.get("content-length")) <
        Number(whole.headers.get("content-length")) / 2,
    );
    assert.equal(await packed.text(), await whole.text());
  });

  it("the script of the first page is at most 90 kB, compressed", async () => {
    const { text } = await get("/");
    const scripts = [...text.matchAll(/(?:src|href)="([^"]+\.js)"/g)].map(([, url]) => url);
    // The messages of one language, and the finder of links, come when they are wanted.
    const wanted = globSync("client/dist/assets/{ru,build}-*.js").map(
      (file) => `/assets/${basename(file)}`,
    );
    assert.equal(wanted.length, 2);
    let bytes = 0;
    for (const url of [...scripts, ...wanted]) {
      const { headers } = await fetch(`${service.url}${url}`, {
        headers: { "accept-encoding": "gzip" },
      });
      bytes += Number(headers.get("content-length"));
    }
    assert.ok(bytes <= 90_000, `${bytes} bytes`);
  });

  it("where they are missing, the answer says how to make them", async () => {
    const empty = mkdtempSync(join(tmpdir(), "warble-no-page-"));
    try {
      await service.startApi({ STATIC_DIR: empty });
      const { status, text } = await get("/", 1);
      assert.equal(status, 404);
      assert.match(JSON.parse(text).error_message, /npm run build/);
      assert.equal((await get("/readyz", 1)).status, 200, "the API itself is fine");
    } finally {
      rmSync(empty, { recursive: true });
    }
  });
});
