import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { mulberry32 } from "../../bench/random.ts";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { startRedis } from "../../src/infra/embedded/redis.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import { Balancer } from "./balancer.ts";
import { Viewer } from "./viewer.ts";

const APIS = 3;
const CLIENTS = 50;
const AUTHORS = 12;
const EVENTS = 5000;
const SECONDS = 60;
const WRITERS = 20;

describe("for a minute, clients, processes and Redis are cut at random", function () {
  this.timeout(240_000);
  const dir = mkdtempSync(join(tmpdir(), "warble-cuts-"));
  const random = mulberry32(42);
  const pick = <T>(from: T[]): T => from[Math.floor(random() * from.length)] as T;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let service: Service;
  let balancer: Balancer;
  let url: string;
  /** By place; undefined while the process is down. */
  let ports: (number | undefined)[] = [];
  let authors: TestUser[] = [];
  let viewers: Viewer[] = [];
  let isOver = false;
  before(async () => {
    redis = await startRedis({ dir, log: () => undefined });
    service = await Service.start({ apis: 0, env: { REDIS_URL: redis.url, LOG_LEVEL: "fatal" } });
    service.redis.on("error", () => undefined); // it is killed again and again
    ports = [];
    for (let i = 0; i < APIS; i++) {
      const port = await freePort();
      await service.startApi({ PORT: String(port) });
      ports.push(port);
    }
    balancer = new Balancer(() => ports.filter((port) => port !== undefined));
    url = await balancer.start();
    authors = await service.addUsers(AUTHORS);
    const people = await service.addUsers(CLIENTS);
    for (const [i, person] of people.entries()) {
      const followed = authors.filter((_, j) => (i + j) % 3 !== 0).map(({ id }) => id);
      await service.db.query(
        `insert into follows (follower_id, followee_id) select $1, unnest($2::int[])`,
        [person.id, followed],
      );
      viewers.push(new Viewer(url, person, followed));
    }
    await allAreLive();
  });
  after(async () => {
    isOver = true;
    for (const { live } of viewers) live.close();
    viewers = [];
    balancer.stop();
    await service.stop();
    await redis.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const allAreLive = () =>
    eventually(() => {
      for (const { live } of viewers) assert.equal(live.state, "live");
    }, 60_000);

  /** Writes by whichever process answers, until one does: as a person's browser would. */
  async function write(user: TestUser, method: string, path: string, body?: object) {
    while (!isOver) {
      try {
        const headers = { "api-key": user.key, "content-type": "application/json" };
        const answer = await fetch(`${url}${path}`, {
          method,
          headers,
          ...(body && { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(5000),
        });
        if (answer.status < 500) return (await answer.json()) as { tweet_id?: number };
      } catch {
        // cut off
      }
      await sleep(100);
    }
    return {};
  }

  async function writeEvents(): Promise<void> {
    const tweets: { id: number; author: TestUser }[] = [];
    const pause = (SECONDS * 1000 * WRITERS) / EVENTS;
    let written = 0;
    const writer = async (): Promise<void> => {
      while (written < EVENTS && !isOver) {
        written += 1;
        const next = sleep(pause);
        const what = random();
        const target = tweets.length > 0 ? pick(tweets) : undefined;
        if (!target || what < 0.3) {
          const author = pick(authors);
          const { tweet_id } = await write(author, "POST", "/api/tweets", {
            tweet_data: `tweet ${written}`,
          });
          if (tweet_id) tweets.push({ id: tweet_id, author });
        } else if (what < 0.35) {
          tweets.splice(tweets.indexOf(target), 1);
          await write(target.author, "DELETE", `/api/tweets/${target.id}`);
        } else {
          const { person } = pick(viewers);
          const method = random() < 0.8 ? "POST" : "DELETE";
          await write(person, method, `/api/tweets/${target.id}/likes`);
        }
        await next;
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, writer));
  }

  async function restartApi(place: number): Promise<void> {
    const port = ports[place];
    const running = service.apis[place];
    ports[place] = undefined;
    await running?.stop("SIGKILL");
    await sleep(500 + 1000 * random());
    service.apis[place] = await service.startApi({ PORT: String(port) });
    service.apis.pop();
    ports[place] = port;
  }

  /** Killed; whoever has started it starts it again. */
  async function restartRedis(): Promise<void> {
    const pid = /process_id:(\d+)/.exec(await service.redis.info("server"))?.[1];
    process.kill(Number(pid), "SIGKILL");
    await eventually(() => service.redis.ping());
  }

  /** One cut after the other, of all kinds, until the writing is over. */
  async function cutUntil(writing: Promise<void>) {
    const cuts = { sockets: 0, processes: 0, redis: 0 };
    let over = false;
    void writing.then(() => {
      over = true;
    });
    for (let turn = 0; !over; turn++) {
      await sleep(300 + 400 * random());
      cuts.sockets += balancer.cut(0.1, random);
      if (turn % 12 === 6) {
        cuts.processes += 1;
        await restartApi(Math.floor(random() * APIS));
      }
      if (turn % 30 === 20) {
        cuts.redis += 1;
        await restartRedis();
      }
    }
    return cuts;
  }

  it("and at the end each client holds what Postgres has, without having read it again", async () => {
    const cuts = await cutUntil(writeEvents());
    assert.ok(cuts.sockets > 100 && cuts.processes > 3 && cuts.redis > 0, JSON.stringify(cuts));
    await allAreLive();
    for (const viewer of viewers) {
      const expected = await viewer.truth(service.db);
      await eventually(() => assert.deepEqual(viewer.seen(), expected), 20_000);
    }
    for (const { reloads, resyncs, setbacks } of viewers) {
      assert.deepEqual({ reloads, setbacks }, { reloads: 1 + resyncs, setbacks: 0 });
    }
  });
});
