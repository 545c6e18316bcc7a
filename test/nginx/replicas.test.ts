import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { LiveClient } from "../live-client.ts";
import { eventually, type TestUser } from "../service.ts";
import { as, assertError, Installation, REPLICAS, type Reply } from "./installation.ts";
import { Nginx } from "./nginx.ts";

const MINUTE_MS = 60_000;

describe("three replicas behind nginx", function () {
  this.timeout(120_000);
  let site: Installation;
  let ann: TestUser;
  let bob: TestUser;
  /** Opened first, looked at last: it has to hold for a minute. */
  let socket: LiveClient;
  let openedAt: number;
  /** Takes connections, and never answers. */
  const silent: Server = createServer();
  let beforeSilence: Nginx;
  let unanswered: Promise<Reply>;
  before(async () => {
    site = await Installation.start();
    [ann, bob] = [await site.service.addUser("Ann"), await site.service.addUser("Bob")];
    socket = await LiveClient.connect(site.nginx.url, ann);
    openedAt = Date.now();
    await once(silent.listen(0, "127.0.0.1"), "listening");
    const { port } = silent.address() as AddressInfo;
    beforeSilence = await Nginx.start({ apis: [port], dataDir: site.service.dataDir });
    unanswered = site.send("/api/tweets", { port: beforeSilence.port });
  });
  after(async () => {
    socket.close();
    silent.close();
    await beforeSilence.stop();
    await site.stop();
  });

  it("answer alike what was just written, and tell all clients", async () => {
    const clients = await Promise.all(
      Array.from({ length: 4 * REPLICAS }, () => LiveClient.connect(site.nginx.url, ann)),
    );
    try {
      const id = await site.service.tweet(ann, "to all");
      const feeds = await Promise.all(
        site.ports.map((port) => site.send("/api/tweets", { port, headers: as(ann) })),
      );
      const through = await site.send("/api/tweets", { headers: as(ann) });
      assert.equal(JSON.parse(through.text).tweets[0].id, id);
      for (const { text } of feeds) assert.equal(text, through.text);
      for (const client of clients) await client.next("tweet:new", (tweet) => tweet.id === id);
    } finally {
      for (const client of clients) client.close();
    }
    await eventually(() => {
      const sockets = site.nginx.requests.filter(({ status }) => status === 101);
      assert.equal(sockets.length, clients.length);
      assert.equal(new Set(sockets.map(({ upstream }) => upstream)).size, REPLICAS);
    });
  });

  it("pass the conformance suite", async () => {
    const keys = ["--key", ann.key, "--key", bob.key];
    const { code, stdout } = await new Promise<{ code: unknown; stdout: string }>((resolve) => {
      const args = ["conformance/run.ts", "--url", site.nginx.url, ...keys];
      execFile(process.execPath, args, (error, stdout) => {
        resolve({ code: error?.code ?? 0, stdout });
      });
    });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^\d\d passed, 0 failed$/m);
  });

  it("keep a long-polling client with one of them, and let it go on to a socket", async () => {
    for (let i = 0; i < 5; i++) {
      const client = new LiveClient(site.nginx.url, ann.key, {});
      client.socket.io.opts.transports = ["polling", "websocket"];
      await once(client.socket as never, "ready");
      await eventually(() => {
        assert.equal(client.socket.io.engine.transport.name, "websocket");
      });
      client.close();
    }
  });

  it("hold a socket for a minute, with events from first to last", async () => {
    await sleep(Math.max(0, openedAt + MINUTE_MS - Date.now()));
    const id = await site.service.tweet(ann, "after a minute");
    await socket.next("tweet:new", (tweet) => tweet.id === id);
    assert.equal(socket.disconnected, false);
  });

  it("are given up after half a minute of silence, with 504", async () => {
    const reply = await unanswered;
    assertError(reply, 504, "Unavailable");
    assert.equal(reply.headers["retry-after"], "2");
  });

  it("fail no read, and no write, while two are killed and one lives", async () => {
    let isOver = false;
    const statuses: number[] = [];
    const failures: unknown[] = [];
    const callers = Array.from({ length: 8 }, async (_, i) => {
      for (let n = 0; !isOver; n++) {
        const isWrite = n % 4 === 3;
        const init = isWrite
          ? {
              method: "POST",
              headers: { ...as(ann), "content-type": "application/json" },
              body: JSON.stringify({ tweet_data: `caller ${i}, number ${n}` }),
            }
          : { headers: as(ann) };
        try {
          const reply = await fetch(`${site.nginx.url}/api/tweets`, init);
          await reply.text();
          statuses.push(reply.status);
        } catch (error) {
          failures.push(error);
        }
        await sleep(5);
      }
    });
    for (const place of [0, 1]) {
      await sleep(300);
      await site.end(place, "SIGKILL");
    }
    await sleep(1500);
    isOver = true;
    await Promise.all(callers);
    assert.ok(statuses.length > 100);
    assert.deepEqual([...new Set(statuses)].toSorted(), [200, 201]);
    assert.deepEqual(failures, []);
    const { rows } = await site.service.db.query(
      "select content from tweets where content like 'caller %'",
    );
    assert.equal(rows.length, statuses.filter((status) => status === 201).length);
    assert.equal(new Set(rows.map(({ content }) => content)).size, rows.length, "none twice");
  });
});
