import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Queue } from "bullmq";
import { queuePrefix } from "../../src/infra/queues.ts";
import { plain } from "../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../service.ts";

describe("upkeep", function () {
  this.timeout(40_000);
  let service: Service;
  let ann: TestUser;
  before(async () => {
    service = await Service.start();
    ann = await service.addUser("Ann");
  });
  after(() => service.stop());

  /** Has a scheduled job done now, and waits for it. */
  async function doNow(queueName: string, job: string): Promise<Record<string, number>> {
    const queue = new Queue(queueName, {
      connection: service.redis,
      prefix: queuePrefix(service.prefix),
    });
    try {
      const { id } = await queue.add(job, {});
      return await eventually(async () => {
        assert.equal(await queue.getJobState(id as string), "completed");
        const done = await queue.getJob(id as string);
        return done?.returnvalue;
      }, 15_000);
    } finally {
      await queue.close();
    }
  }

  const upload = async () => {
    const { body } = await service.upload(ann, await plain(40, 30).png().toBuffer());
    const { rows } = await service.db.query("select token from media where id = $1", [
      body.media_id,
    ]);
    const token = rows[0].token as string;
    return { id: body.media_id, folder: join(service.dataDir, "media", token.slice(0, 2), token) };
  };

  it("removes an upload that no tweet used after a day, and keeps all others", async () => {
    const [old, young, used] = [await upload(), await upload(), await upload()];
    await service.tweet(ann, "with a picture", [used.id]);
    await service.db.query(
      "update media set created_at = now() - interval '25 hours' where id = any($1)",
      [[old.id, used.id]],
    );
    const { orphans } = await doNow("upkeep", "sweep");
    assert.equal(orphans, 1);
    assert.deepEqual(
      [old, young, used].map(({ folder }) => existsSync(folder)),
      [false, true, true],
    );
    const { rows } = await service.db.query("select id from media order by id");
    assert.deepEqual(
      rows.map(({ id }) => id),
      [young.id, used.id],
    );
  });

  it("removes event rows after a day, in batches; but not what is undelivered, nor the last", async () => {
    const day = "now() - interval '25 hours'";
    // What the test before has left would be delivered in the middle of this one.
    await eventually(async () => {
      const { rows } = await service.db.query("select 1 from events where delivered_at is null");
      assert.equal(rows.length, 0);
    });
    await service.db.query(
      `insert into events (type, payload, created_at, delivered_at)
       select 'user:changed', '{"userId": 1, "disconnect": false}', ${day}, ${day}
         from generate_series(1, 1200)`,
    );
    await service.db.query("update events set created_at = now() - interval '25 hours'");
    const { events } = await doNow("upkeep", "sweep");
    assert.ok((events ?? 0) >= 1199);
    const { rows } = await service.db.query(
      "select count(*)::int from events where delivered_at is not null",
    );
    assert.equal(rows[0].count, 1);
  });

  it("mends scores that differ from Postgres, and counters that differ from the likes", async () => {
    const id = await service.tweet(ann, "counted");
    await service.call(ann, "POST", `/api/tweets/${id}/likes`);
    const [versions = ""] = await service.redis.keys(`${service.prefix}:*versions`);
    const popular = versions.replace(/versions$/, "popular");
    await eventually(async () =>
      assert.equal(await service.redis.zscore(popular, String(id)), "1"),
    );
    await service.redis.zadd(popular, 77, String(id));
    assert.ok(((await doNow("scores", "decay-scores")).mended ?? 0) >= 1);
    await service.startApi(); // has nothing in memory
    const likes = async () => {
      const { body } = await service.call(ann, "GET", `/api/v2/tweets/${id}`, undefined, 1);
      return body.tweet.likes_count;
    };
    assert.equal(await likes(), 1);
    await service.db.query("update tweets set likes_count = 5 where id = $1", [id]);
    await doNow("scores", "decay-scores");
    const { rows } = await service.db.query("select likes_count from tweets where id = $1", [id]);
    assert.equal(rows[0].likes_count, 1);
  });
});
