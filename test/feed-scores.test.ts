import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { pino } from "pino";
import { FeedStore } from "../src/infra/feed-store.ts";
import { eventually } from "./service.ts";

describe("the scores of two processes in Redis", function () {
  this.timeout(30_000);
  const prefix = `warble_${randomBytes(6).toString("hex")}`;
  const connections: Redis[] = [];
  after(async () => {
    const [redis] = connections;
    const keys = (await redis?.keys(`*${prefix}*`)) ?? [];
    if (keys.length > 0) await redis?.unlink(...keys);
    for (const connection of connections) connection.disconnect();
  });
  const open = async () => {
    const redis = new Redis(process.env.TEST_REDIS_URL as string);
    connections.push(redis);
    const store = new FeedStore(redis, prefix, 500, pino({ level: "silent" }));
    await eventually(() => assert.ok(store.available));
    return store;
  };

  it("are seen whole or not at all, also while the other process writes them", async () => {
    const [writer, reader] = [await open(), await open()];
    let seen = 0;
    await writer.score([], writer.epoch);
    // So many ids that Redis reads what it is asked in several pieces, and serves others in between.
    for (let round = 1; round <= 60; round++) {
      const ids = Array.from({ length: 1000 }, (_, i) => round * 1_000_000 + i);
      const createdMs = Date.now();
      const scores = ids.map((id) => ({ id, likes: 5, version: 1, createdMs }));
      const reads = [1, 2, 3, 4].map(() => reader.scores(ids));
      const writing = writer.score(scores, writer.epoch);
      reads.push(...[1, 2, 3, 4].map(() => reader.scores(ids)));
      for (const known of (await Promise.all(reads)).flat()) {
        if (known === undefined) continue;
        seen += 1;
        assert.deepEqual(known, { likes: 5, version: 1 });
      }
      await writing;
    }
    assert.ok(seen > 0);
  });
});
