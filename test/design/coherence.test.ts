import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startRedis } from "../../src/infra/embedded/redis.ts";
import { LiveClient } from "../live-client.ts";
import { Service, type TestUser } from "../service.ts";

/** "Redis may be flushed at any moment: within two seconds no reader sees anything wrong." */
const WITHIN_MS = 2000;
const PEOPLE = 12;

/** A Redis of its own, since flushing would take the other tests' data. */
describe("the caches of two processes, under load", function () {
  this.timeout(60_000);
  const dir = mkdtempSync(join(tmpdir(), "warble-coherence-"));
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

  /** Everybody writes tweets and likes and reads by both processes, until `meanwhile` is over. */
  const underLoad = async (meanwhile: () => Promise<void>): Promise<void> => {
    let writing = true;
    const posted: number[] = [];
    const writers = people.map(async (person, i) => {
      for (let n = 0; writing; n++) {
        const id = await service.tweet(person, `${n}`, undefined, n % 2);
        posted.push(id);
        const liked = posted[(n * 7 + i) % posted.length];
        await service.call(person, "POST", `/api/tweets/${liked}/likes`, undefined, (n + 1) % 2);
        await service.feed(person, "", n % 2);
        await sleep(60);
      }
    });
    await meanwhile();
    writing = false;
    await Promise.all(writers);
  };
  const allFeedsAreRight = async (): Promise<void> => {
    for (const person of people) {
      const truth = await expected(person);
      for (const api of [0, 1]) assert.deepEqual(await actual(person, api), truth, person.name);
    }
  };

  it("show every reader the truth as soon as the writes are answered", async () => {
    await underLoad(() => sleep(3000));
    await allFeedsAreRight();
  });

  it("are right within two seconds after a flush of Redis, and live events go on", async () => {
    const watcher = await LiveClient.connect(service.url, people[0] as TestUser);
    let flushedAt = 0;
    await underLoad(async () => {
      await sleep(500);
      for (let flush = 0; flush < 4; flush++) {
        await service.redis.flushall();
        flushedAt = Date.now();
        await sleep(400); // still written to
      }
    });
    await sleep(Math.max(0, flushedAt + WITHIN_MS - Date.now()));
    await allFeedsAreRight();
    const id = await service.tweet(people[0] as TestUser, "after the flush");
    await watcher.next("tweet:new", (tweet) => tweet.id === id);
    watcher.close();
  });
});
