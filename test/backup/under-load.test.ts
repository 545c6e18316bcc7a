import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Queue } from "bullmq";
import { DatabaseSnapshot } from "../../src/infra/backup/database-snapshot.ts";
import { queuePrefix } from "../../src/infra/queues.ts";
import { plain } from "../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import { backup, restore } from "./command.ts";
import { filesOf } from "./installation.ts";

const PEOPLE = 6;
const BACKUPS = 4;
const HOUR_MS = 3_600_000;

describe("a backup of a busy service", function () {
  this.timeout(120_000);
  let dir: string;
  let service: Service;
  let people: TestUser[];
  let pictures: Buffer[];
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "warble-busy-"));
    service = await Service.start();
    people = await service.addUsers(PEOPLE);
    pictures = await Promise.all(
      ["#a00", "#0a0", "#00a"].map((colour) => plain(900, 600, colour).jpeg().toBuffer()),
    );
  });
  after(async () => {
    await service.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const postPicture = async (person: TestUser, n: number): Promise<number> => {
    const bytes = pictures[n % pictures.length] as Buffer;
    const { body } = await service.upload(person, bytes);
    return service.tweet(person, `picture ${n}`, [body.media_id]);
  };

  /** What must hold in any database, at any moment. */
  const assertWhole = async (place: Service): Promise<void> => {
    const { rows } = await place.db.query(
      `select (select count(*)::int from media) as media,
              (select count(*)::int from tweets t
                where likes_count <> (select count(*) from likes where tweet_id = t.id)) as likes,
              (select count(*)::int from users u
                where followers_count <>
                      (select count(*) from follows where followee_id = u.id)) as followers,
              (select count(*)::int from tweets t
                where not exists (select from media where tweet_id = t.id)) as bare`,
    );
    assert.ok(rows[0].media > 0);
    assert.deepEqual({ ...rows[0], media: 0 }, { media: 0, likes: 0, followers: 0, bare: 0 });
  };

  /** The files that the rows name: all of them, and no others. */
  const assertFilesFit = async (place: Service): Promise<void> => {
    const { rows } = await place.db.query(
      `select token, status, array(select v ->> 'file' from jsonb_array_elements(variants) v) files
         from media`,
    );
    const named = rows.flatMap(({ token, status, files }) =>
      status === "processing"
        ? [`/originals/${token}`]
        : files.map((file: string) => `/media/${token.slice(0, 2)}/${token}/${file}`),
    );
    assert.deepEqual(Object.keys(filesOf(place)), named.sort());
  };

  it("is of one moment, while people post, delete, like and follow", async () => {
    let busy = true;
    const work = people.map(async (person, i) => {
      const own: number[] = [];
      for (let n = 0; busy; n += 1) {
        own.push(await postPicture(person, n));
        const other = people[(i + n) % PEOPLE] as TestUser;
        await service.call(other, "POST", `/api/tweets/${own.at(-1)}/likes`);
        const method = n % 2 ? "DELETE" : "POST";
        if (other !== person) await service.call(person, method, `/api/users/${other.id}/follow`);
        if (own.length > 3) await service.call(person, "DELETE", `/api/tweets/${own.shift()}`);
      }
    });
    try {
      await sleep(1500);
      for (let n = 0; n < BACKUPS; n += 1) await backup(service, [join(dir, `${n}.tar.gz`)]);
    } finally {
      busy = false;
      await Promise.all(work);
    }
    for (let n = 0; n < BACKUPS; n += 1) {
      const place = await Service.start({ apis: 0, workers: 0 });
      try {
        await restore(place, [join(dir, `${n}.tar.gz`)]);
        await assertWhole(place);
        await assertFilesFit(place);
      } finally {
        await place.stop();
      }
    }
  });

  it("keeps files of deleted tweets until it has read them, and no longer", async () => {
    const [author] = people as [TestUser];
    const tweet = await postPicture(author, 1);
    const { rows } = await service.db.query("select token from media where tweet_id = $1", [tweet]);
    const kept = () => Object.keys(filesOf(service)).some((path) => path.includes(rows[0].token));
    const snapshot = await DatabaseSnapshot.open(service.environment.DATABASE_URL as string);
    try {
      await service.call(author, "DELETE", `/api/tweets/${tweet}`);
      await eventually(async () => {
        // The workers have looked, and wait.
        const delayed = await service.redis.zcard(
          `${queuePrefix(service.prefix)}:pictures:delayed`,
        );
        assert.ok(delayed > 0);
      });
      assert.ok(kept());
      await assert.rejects(
        backup(service, [join(dir, "second.tar.gz")]),
        /Another backup of this database is running/,
      );
    } finally {
      snapshot.close();
    }
    await eventually(() => assert.ok(!kept()), 20_000);
  });

  it("leaves no file behind that no row names, once it was swept", async () => {
    const before = new Date(Date.now() - 2 * HOUR_MS);
    for (const path of Object.keys(filesOf(service))) {
      await utimes(join(service.dataDir, path), before, before);
    }
    const queue = new Queue("upkeep", {
      connection: service.redis,
      prefix: queuePrefix(service.prefix),
    });
    await queue.add("sweep", {});
    await queue.close();
    await eventually(() => assertFilesFit(service), 30_000);
  });
});
