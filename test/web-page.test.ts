import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
