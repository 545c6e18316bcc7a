import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startRedis } from "../../src/infra/embedded-redis.ts";
import { LiveClient } from "../live-client.ts";
import { Service, type TestUser } from "../service.ts";

/** "Redis may be flushed at any moment: within two seconds no reader sees anything wrong." */
const WITHIN_MS = 2000;
const PEOPLE = 12;

/** A Redis of its own, since flushing would take the other tests' data. */
describe("a flushed Redis, under load", function () {
  this.timeout(60_000);
  const dir = mkdtempSync(join(tmpdir(), "warble-flush-"));
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let service: Service;
  let people: TestUser[];
  before(async () => {
    redis = await startRedis({ dir, log: () => undefined });
    service = await Service.start({ apis: 2, env: { REDIS_URL: redis.url } });
    people = await service.addUsers(PEOPLE);
    for (const [i, person] of people.entries()) {
      for (const other of people.filter((_, j) => j !== i && (i + j) % 3 === 0)) {
        await service.call(person, "POST", `/api/users/${other.id}/follow`);
      }
    }
  });
  after(async () => {
    await service.stop();
    await redis.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** What the feed has to be, by Postgres. */
  const expected = async (reader: TestUser): Promise<[number, number][]> => {
    const { rows } = await service.db.query(
      `select t.id, (select count(*)::int from likes where tweet_id = t.id) as likes
         from tweets t
        where t.author_id = $1
           or t.author_id in (select followee_id from follows where follower_id = $1)
        order by likes desc, t.id desc`,
      [reader.id],
    );
    return rows.map(({ id, likes }) => [id, likes]);
  };
  const actual = async (reader: TestUser, api: number): Promise<[number, number][]> => {
    const { body } = await service.call(reader, "GET", "/api/tweets", undefined, api);
    return body.tweets.map((t: { id: number; likes: object[] }) => [t.id, t.likes.length]);
  };

  it("leaves every feed right within two seconds, and live events go on", async () => {
    const watcher = await LiveClient.connect(service.url, people[0] as TestUser);
    let writing = true;
    let failures = 0;
    const posted: number[] = [];
    const writers = people.map(async (person, i) => {
      for (let n = 0; writing; n++) {
        try {
          const id = await service.tweet(person, `${n}`, undefined, n % 2);
          posted.push(id);
          const liked = posted[(n * 7 + i) % posted.length];
          await service.call(person, "POST", `/api/tweets/${liked}/likes`, undefined, (n + 1) % 2);
          await service.feed(person, "", n % 2);
        } catch {
          failures += 1;
        }
        await sleep(60);
      }
    });
    await sleep(1000);
    for (let flush = 0; flush < 3; flush++) {
      await service.redis.flushall();
      await sleep(400);
    }
    await service.redis.flushall();
    const flushedAt = Date.now();
    await sleep(300); // still written to
    writing = false;
    await Promise.all(writers);
    assert.equal(failures, 0);
    await sleep(Math.max(0, flushedAt + WITHIN_MS - Date.now()));
    for (const person of people) {
      const truth = await expected(person);
      for (const api of [0, 1]) assert.deepEqual(await actual(person, api), truth, person.name);
    }
    const id = await service.tweet(people[0] as TestUser, "after the flush");
    await watcher.next("tweet:new", (tweet) => tweet.id === id);
    watcher.close();
  });
});
