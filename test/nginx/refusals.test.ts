import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { eventually, type TestUser } from "../service.ts";
import { as, assertError, Installation } from "./installation.ts";
import { Nginx } from "./nginx.ts";

describe("nginx", function () {
  this.timeout(60_000);
  let site: Installation;
  let ann: TestUser;
  let dashboard: Server;
  before(async () => {
    // In the place of the workers' dashboard: tells what has reached it.
    dashboard = createServer((req, res) => res.end(JSON.stringify([req.url, req.headers])));
    await once(dashboard.listen(0, "127.0.0.1"), "listening");
    const { port } = dashboard.address() as AddressInfo;
    site = await Installation.start(port, { RATE_LIMIT_FAILED_KEYS: "5" });
    ann = await site.service.addUser("Ann");
  });
  after(async () => {
    dashboard.close().closeAllConnections();
    await site.stop();
  });

  it("leaves it to the service to refuse an upload of 11 MiB and a large JSON body", async () => {
    const boundary = "b";
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n`;
    const upload = await site.send("/api/medias", {
      method: "POST",
      headers: { ...as(ann), "content-type": `multipart/form-data; boundary=${boundary}` },
      body: Buffer.concat([
        Buffer.from(head),
        Buffer.alloc(11 * 1024 ** 2),
        Buffer.from(`\r\n--${boundary}--\r\n`),
      ]),
    });
    assertError(upload, 413, "PayloadTooLarge");
    assert.match(JSON.parse(upload.text).error_message, /10 MiB|10485760/);
    const json = await site.send("/api/tweets", {
      method: "POST",
      headers: { ...as(ann), "content-type": "application/json" },
      body: JSON.stringify({ tweet_data: "x".repeat(100_000) }),
    });
    assertError(json, 413, "PayloadTooLarge");
    assert.match(JSON.parse(json.text).error_message, /64 KiB/);
  });

  it("refuses by itself in the contract's form: too large, too long, no HTTP, not there", async () => {
    const body = Buffer.alloc(2 * 1024 ** 2);
    const large = await site.send("/api/tweets", { method: "POST", headers: as(ann), body });
    assertError(large, 413, "PayloadTooLarge");
    const upload = { "content-length": String(65 * 1024 ** 2) };
    assertError(
      await site.send("/api/medias", { method: "POST", headers: upload }),
      413,
      "PayloadTooLarge",
    );
    assertError(await site.send(`/api/tweets?cursor=${"x".repeat(9000)}`), 414, "BadRequest");
    const header = { "x-long": "x".repeat(9000) };
    assertError(await site.send("/api/tweets", { headers: header }), 431, "BadRequest");
    const many = Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [`x-long-${i}`, "x".repeat(2000)]),
    );
    assertError(await site.send("/api/tweets", { headers: many }), 431, "BadRequest");
    const raw = connect(site.nginx.port, "127.0.0.1");
    raw.end("no HTTP at all\r\n\r\n");
    let text = "";
    for await (const chunk of raw) text += chunk;
    assert.match(text, /^HTTP\/1\.1 400 .*application\/json.*"error_type":"BadRequest"/s);
    assertError(await site.send("/api/none", { headers: as(ann) }), 404, "NotFound");
  });

  it("has the service answer all that it lets in, which would refuse some of it in HTML", async () => {
    const long = { ...as(ann), cookie: "x".repeat(6000), "user-agent": "x".repeat(4000) };
    assert.equal((await site.send("/api/users/me", { headers: long })).status, 200);
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`x-${i}`, "x"]));
    const headers = { ...as(ann), ...many };
    assert.equal((await site.send("/api/users/me", { headers })).status, 200);
    const path = `/api/users/me?${"x".repeat(6000)}`;
    assert.equal((await site.send(path, { headers: as(ann) })).status, 200);
  });

  it("closes /metrics, and /admin to all but the operators' addresses", async () => {
    for (const path of ["/metrics", "/metrics/", "/%6detrics", "//metrics", "/x/../metrics"]) {
      assertError(await site.send(path), 403, "Forbidden");
    }
    // 127.0.0.2 is none of the private networks that nginx/local/operators.conf lets in.
    for (const path of ["/admin", "/admin/queues", "/admin/queues/api/queues", "//admin/queues"]) {
      assertError(await site.send(path, { from: "127.0.0.2" }), 403, "Forbidden");
      const forged = { "x-forwarded-for": "10.0.0.1", "x-real-ip": "10.0.0.1" };
      assertError(await site.send(path, { from: "127.0.0.2", headers: forged }), 403, "Forbidden");
    }
    const seen = await site.send("/admin/queues?a=1", { headers: { cookie: "session=1" } });
    const [url, headers] = JSON.parse(seen.text);
    assert.deepEqual([url, headers.cookie], ["/admin/queues?a=1", "session=1"]);
    assert.equal(headers["x-forwarded-for"], "127.0.0.1");
  });

  it("says 429 to an address that has gone wild, 502 while no replica is there", async () => {
    const limits = readFileSync("nginx/local/limits.conf", "utf8")
      .replace(/rate=\d+/, "rate=1")
      .replace(/burst=\d+/, "burst=3");
    for (const [status, type, text] of [
      [429, "TooManyRequests", limits],
      // nginx' own choice: nothing here makes it say 503 otherwise.
      [503, "Unavailable", limits.replace(/^limit_req_status.*$/m, "")],
    ] as const) {
      const { dataDir } = site.service;
      const strict = await Nginx.start({ apis: [await freePort()], dataDir, limits: text });
      try {
        const { port } = strict;
        const replies = await Promise.all(
          Array.from({ length: 8 }, () => site.send("/api/tweets", { port, from: "127.0.0.9" })),
        );
        const limited = replies.filter((reply) => reply.status === status);
        assert.ok(limited.length >= 3);
        for (const reply of limited) assertError(reply, status, type);
        for (const reply of limited) assert.match(reply.headers["retry-after"] ?? "", /^[12]$/);
        const away = replies.filter((reply) => reply.status !== status);
        assert.ok(away.length >= 3);
        for (const reply of away) assertError(reply, 502, "Unavailable");
        for (const reply of away) assert.equal(reply.headers["retry-after"], "2");
      } finally {
        await strict.stop();
      }
    }
  });

  it("names each request, for the service and in its log", async () => {
    const headers = { ...as(ann), "x-request-id": "my-own-request-1" };
    const named = await site.send("/api/v2/users?query=secret", { headers, from: "127.0.0.3" });
    assert.deepEqual([named.status, named.headers["x-request-id"]], [200, "my-own-request-1"]);
    for (const forged of ['x"},{"', "short", "x".repeat(100), ""]) {
      const other = await site.send("/admin/queues", { headers: { "x-request-id": forged } });
      const id = other.headers["x-request-id"]?.toString() ?? "";
      assert.match(id, /^[0-9a-f]{32}$/);
      assert.equal(JSON.parse(other.text)[1]["x-request-id"], id);
    }
    await eventually(() => {
      const line = site.nginx.requests.find(({ request_id }) => request_id === "my-own-request-1");
      assert.deepEqual(
        [line.address, line.method, line.path, line.status],
        ["127.0.0.3", "GET", "/api/v2/users", 200],
      );
      assert.ok(site.ports.includes(Number(line.upstream.split(":")[1])));
      assert.ok(line.seconds >= 0 && Number(line.upstream_seconds) >= 0);
      const all = JSON.stringify(site.nginx.requests);
      assert.ok(!all.includes(ann.key) && !all.includes("secret"));
    });
  });

  it("has callers counted by their own addresses, whatever they say of themselves", async () => {
    const guess = (from: string) => {
      const headers = { "api-key": "guess", "x-forwarded-for": `8.8.8.${Math.random()}` };
      return site.send("/api/users/me", { from, headers });
    };
    const refused = await eventually(async () => {
      const reply = await guess("127.0.0.5");
      assert.equal(reply.status, 429);
      return reply;
    });
    assertError(refused, 429, "TooManyRequests");
    assertError(await guess("127.0.0.6"), 401, "Unauthorized");
  });
});
