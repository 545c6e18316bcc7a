import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandOf, isPortFree } from "../src/infra/embedded/processes.ts";
import { LiveClient } from "./live-client.ts";
import { descendantsOf } from "./process-tree.ts";
import { eventually } from "./service.ts";
import { Start } from "./start-process.ts";

const PROCESSES = 3;
/** So many connections reach all three: that one is left out happens once in 60,000 times. */
const CONNECTIONS = 30;
const headers = { "api-key": "test" };

/** The first of some free ports in a row, below those that systems give to outgoing connections: one
 * of these could be gone again before it is listened on. */
async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const ports = Array.from({ length: count }, (_, i) => first + i);
    const free = await Promise.all(ports.map((port) => isPortFree(port, "127.0.0.1")));
    if (!free.includes(false)) return first;
  }
}

describe("API_PROCESSES=3", function () {
  this.timeout(90_000);
  const dir = mkdtempSync(join(tmpdir(), "warble-processes-"));
  let service: Start;
  let url: string;
  let metricsPorts: number[];
  before(async () => {
    const first = await freePorts(PROCESSES + 1);
    // The workers have the one between.
    metricsPorts = [first, first + 2, first + 3];
    const settings = { API_PROCESSES: String(PROCESSES), METRICS_PORT: String(first) };
    service = new Start(join(dir, "data"), settings);
    url = await service.url();
  });
  after(async () => {
    service.child.kill("SIGTERM");
    const [code] = await service.ended;
    assert.equal(code, 0, service.output);
    rmSync(dir, { recursive: true, force: true });
  });

  const processes = () =>
    descendantsOf(service.pid).filter((pid) => commandOf(pid)?.includes("src/main.ts"));

  /** Each by a connection of its own, so that the system picks a process for it. */
  const readByAll = (path: string): Promise<string[]> =>
    Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        const agent = new Agent();
        const [response] = (await once(get(url + path, { agent, headers }), "response")) as [
          IncomingMessage,
        ];
        assert.equal(response.statusCode, 200);
        let text = "";
        for await (const chunk of response) text += chunk;
        return text;
      }),
    );
  const post = async (text: string): Promise<number> => {
    const response = await fetch(`${url}/api/tweets`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ tweet_data: text }),
    });
    return ((await response.json()) as { tweet_id: number }).tweet_id;
  };

  it("are three processes, each with figures of its own, that share connections", async () => {
    assert.equal(processes().length, PROCESSES);
    const clients = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => LiveClient.connect(url, { key: "test" })),
    );
    try {
      await eventually(async () => {
        const counts = await Promise.all(metricsPorts.map(socketsAt));
        assert.ok(
          counts.every((count) => count > 0),
          `${counts}`,
        );
        assert.equal(
          counts.reduce((sum, count) => sum + count),
          CONNECTIONS,
        );
      });
      const id = await post("to all of them");
      for (const client of clients) await client.next("tweet:new", (tweet) => tweet.id === id);
    } finally {
      for (const client of clients) client.close();
    }
  });

  it("answer alike, and show what was just written", async () => {
    for (let i = 0; i < 5; i++) {
      const id = await post(`number ${i}`);
      const [first, ...others] = await readByAll("/api/tweets");
      assert.ok(JSON.parse(first as string).tweets.some((t: { id: number }) => t.id === id));
      for (const other of others) assert.equal(other, first);
    }
  });

  it("go on without one that has crashed, until it is started again", async () => {
    process.kill(processes()[1] as number, "SIGKILL");
    await eventually(() => assert.match(service.output, /API( \d)? ended \(SIGKILL\)/));
    await readByAll("/api/users/me");
    await eventually(() => assert.equal(processes().length, PROCESSES));
    await readByAll("/readyz");
  });

  const socketsAt = async (port: number): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(/^warble_sockets (\d+)$/m.exec(text)?.[1]);
  };
});
