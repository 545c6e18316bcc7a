import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Service, type TestUser } from "./service.ts";

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

type Spoil = (body: string, headers: Headers, path: string) => string;

describe("the conformance suite", function () {
  this.timeout(180_000);
  let service: Service;
  let [ann, bob]: TestUser[] = [];
  const proxies: Server[] = [];
  before(async () => {
    service = await Service.start({ apis: 2 });
    ann = await service.addUser("Ann Petrova");
    bob = await service.addUser("Боб О'Нил");
  });
  after(async () => {
    for (const proxy of proxies) proxy.close().closeAllConnections();
    await service.stop();
  });

  const check = (url: string, ...args: string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      const argv = ["conformance/run.ts", "--url", url, "--key", ann?.key as string, ...args];
      execFile(process.execPath, argv, (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), stdout, stderr });
      });
    });
  const both = (url: string, ...args: string[]) => check(url, "--key", bob?.key as string, ...args);

  it("passes on a real service, one line a check, and leaves nothing behind", async () => {
    const { code, stdout } = await both(service.url);
    assert.equal(code, 0, stdout);
    const [, passed] = /^(\d+) passed, 0 failed$/m.exec(stdout) ?? [];
    assert.ok(Number(passed) > 40, stdout);
    assert.equal(stdout.match(/^ok {3}/gm)?.length, Number(passed));
    for (const table of ["tweets", "likes", "follows"]) {
      assert.equal((await service.db.query(`select from ${table}`)).rowCount, 0, table);
    }
  });

  it("says in one sentence why a site cannot be checked", async () => {
    for (const [url, args, reason] of [
      ["http://127.0.0.1:1", ["--key", bob?.key as string], /does not answer/],
      [service.url, ["--key", "unknown"], /not taken/],
      [service.url, ["--key", ann?.key as string], /same person/],
      [service.url, [], /two keys/],
      [service.url, ["--key", bob?.key as string, "--only", "no such words"], /No check/],
    ] as const) {
      const { code, stderr } = await check(url, ...args);
      assert.equal(code, 2);
      assert.match(stderr.trim(), reason);
      assert.equal(stderr.trim().split("\n").length, 1);
    }
  });

  /** The service, but for what `spoil` makes of an answer. */
  async function spoiled(spoil: Spoil): Promise<string> {
    const proxy = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { method = "GET", url = "/" } = request;
      const { host: _, connection: __, "content-length": ___, ...headers } = request.headers;
      const answer = await fetch(service.url + url, {
        method,
        headers: headers as Record<string, string>,
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      });
      const spoiledHeaders = new Headers(answer.headers);
      const text = spoil(await answer.text(), spoiledHeaders, url);
      for (const [name, value] of spoiledHeaders) {
        if (name !== "content-length") response.setHeader(name, value);
      }
      response.writeHead(answer.status).end(text);
    });
    proxies.push(proxy);
    await once(proxy.listen(0, "127.0.0.1"), "listening");
    return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  }

  for (const [what, only, spoil] of [
    [
      "a result that is no boolean",
      "a like answers",
      (body) => body.replace('"result":true', '"result":"true"'),
    ],
    [
      "a 405 without Allow",
      "405",
      (body, headers) => {
        headers.delete("allow");
        return body;
      },
    ],
    [
      "errors as HTML",
      "404",
      (body, headers) => {
        headers.set("content-type", "text/html");
        return body;
      },
    ],
    [
      "ids that are no numbers",
      "a like answers",
      (body) => body.replaceAll(/"user_id":(\d+)/g, '"user_id":"$1"'),
    ],
    [
      "pages that repeat tweets",
      "without repeats",
      (body, _, path) => (path.includes("cursor=") ? body.replace(/"id":\d+/g, '"id":1') : body),
    ],
  ] satisfies [string, string, Spoil][]) {
    it(`finds ${what}`, async () => {
      const { code, stdout } = await both(await spoiled(spoil), "--only", only);
      assert.equal(code, 1, stdout);
      assert.match(stdout, /^FAIL .*\n {7}\S/m);
    });
  }
});
