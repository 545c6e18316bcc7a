import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "../../src/infra/database.ts";
import { LiveClient } from "../live-client.ts";
import { plain } from "../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import { backup, restore } from "./command.ts";
import { answersOf, filesOf, rowsOf } from "./installation.ts";

const OLDEST = "Migration20261124000000_initial";

describe("a backup", function () {
  this.timeout(60_000);
  let dir: string;
  let file: string;
  let origin: Service;
  let place: Service;
  let people: TestUser[];
  let rows: Awaited<ReturnType<typeof rowsOf>>;
  let files: ReturnType<typeof filesOf>;
  let lastTweet: number;
  let said: string;

  const picture = async (person: TestUser, colour: string): Promise<number> => {
    const bytes = await plain(700, 500, colour).jpeg().toBuffer();
    return (await origin.upload(person, bytes)).body.media_id;
  };

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "warble-backup-"));
    file = join(dir, "whole.tar.gz");
    origin = await Service.start();
    people = await origin.addUsers(4);
    const [ann, ben, cem, dora] = people as [TestUser, TestUser, TestUser, TestUser];
    for (const person of [ann, cem, dora]) {
      await origin.call(person, "POST", `/api/users/${ben.id}/follow`);
    }
    await origin.call(ben, "POST", `/api/users/${ann.id}/follow`);
    const tweets = [
      await origin.tweet(ann, 'Строка\twith "all"\n\\N kinds\\of 🦜 text'),
      await origin.tweet(ben, "two pictures", [
        await picture(ben, "#c30"),
        await picture(ben, "#03c"),
      ]),
      await origin.tweet(ben, "liked by all"),
      await origin.tweet(cem, "liked by one", [await picture(cem, "#3c0")]),
    ];
    for (const person of people)
      await origin.call(person, "POST", `/api/tweets/${tweets[2]}/likes`);
    await origin.call(dora, "POST", `/api/tweets/${tweets[1]}/likes`);
    await picture(dora, "#999"); // in no tweet yet
    lastTweet = await origin.tweet(dora, "gone", [await picture(dora, "#111")]);
    await origin.call(dora, "DELETE", `/api/tweets/${lastTweet}`);
    await eventually(() => assert.equal(readdirVariants(origin).length, 4));
    // One that still waits for the worker.
    await Promise.all(origin.workers.map((worker) => worker.stop()));
    await origin.upload(dora, await plain(300, 300).png().toBuffer());
    await origin.redis.set("kept", "by another installation");

    rows = await rowsOf(origin);
    files = filesOf(origin);
    said = (await backup(origin, [file])).stdout;
    place = await Service.start({ apis: 0, workers: 0 });
    await restore(place, [file]);
  });
  after(async () => {
    await origin?.stop();
    await place?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it("is one file, which only its owner may read, and says what is in it", () => {
    assert.deepEqual(readdirSync(dir), ["whole.tar.gz"]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(said, /Table users: 4 rows/);
    assert.match(said, /Pictures: \d+ files/);
    assert.match(said, /whole\.tar\.gz \(0\.\d MB\), as things stood at 20\d\d-/);
  });

  it("brings back every row and every file", async () => {
    assert.ok((rows.events?.length ?? 0) > 10 && Object.keys(files).length > 8);
    assert.deepEqual(await rowsOf(place), rows);
    assert.deepEqual(filesOf(place), files);
  });

  it("needs no Redis: with an empty one, everybody is answered the same", async () => {
    await origin.startWorkers();
    const isReady = async (service: Service) =>
      assert.equal(
        (await service.db.query("select from media where status = 'processing'")).rowCount,
        0,
      );
    await eventually(() => isReady(origin), 30_000);
    assert.deepEqual(await place.redis.keys(`*${place.prefix}*`), []);
    await Promise.all([place.startApi(), place.startWorkers()]);
    // The picture that waited is finished in the new place, too.
    await eventually(() => isReady(place), 30_000);
    assert.deepEqual(await answersOf(place, people), await answersOf(origin, people));
  });

  it("goes on living: no number is given twice, sockets are told to read anew", async () => {
    const [ann, ben] = people as [TestUser, TestUser];
    const { rows: newest } = await origin.db.query("select max(id)::text as id from events");
    await origin.tweet(ben, "after the backup");
    const lost = (await origin.db.query("select max(id)::text as id from events")).rows[0].id;
    assert.ok(BigInt(lost) > BigInt(newest[0].id));

    const fresh = await place.tweet(ben, "after the restore");
    assert.ok(fresh > lastTweet);
    const watcher = await LiveClient.connect(place.url, ann, { since: lost });
    await watcher.next("resync", () => true);
    const id = await place.tweet(ben, "live");
    await watcher.next("tweet:new", (tweet) => tweet.id === id);
    watcher.close();
    const upload = await place.upload(ben, await plain(40, 40).png().toBuffer());
    assert.equal(upload.status, 201);
  });

  it("replaces all that is there when told so, with its files and what Redis knows", async () => {
    await Promise.all([...place.apis.splice(0), ...place.workers.splice(0)].map((p) => p.stop()));
    assert.ok((await place.redis.keys(`*${place.prefix}*`)).length > 0);
    const { stdout } = await restore(place, [file, "--force"]);
    assert.match(stdout, /Redis: [1-9]\d* keys/);
    assert.deepEqual(await rowsOf(place), rows);
    assert.deepEqual(filesOf(place), files);
    assert.deepEqual(await place.redis.keys(`*${place.prefix}*`), []);
    assert.equal(await place.redis.get("kept"), "by another installation");
  });

  it("of an older version is brought to the newest tables", async () => {
    const old = await Service.start({ apis: 0, workers: 0 });
    try {
      await old.db.query("drop schema public cascade; create schema public");
      await migrate(old.environment.DATABASE_URL as string, { migrations: [OLDEST] });
      await old.db.query("insert into users (name) values ('Ёлка')");
      await backup(old, [join(dir, "old.tar.gz")]);
      await restore(place, [join(dir, "old.tar.gz"), "--force"]);
      const { rows: found } = await place.db.query("select search_name, external_id from users");
      assert.deepEqual(found, [{ search_name: "елка", external_id: null }]);
      const { rows: id } = await place.db.query(
        "insert into users (name) values ('B') returning id",
      );
      assert.equal(id[0].id, 2);
      assert.equal(await migrate(place.environment.DATABASE_URL as string), 0);
    } finally {
      await old.stop();
    }
  });

  it("takes tables of many parts", async () => {
    const large = await Service.start({ apis: 0, workers: 0 });
    try {
      await large.db.query(
        `with author as (insert into users (name) values ('Ann') returning id)
         insert into tweets (author_id, content)
         select author.id, repeat(md5(n::text), 400) from author, generate_series(1, 5000) n`,
      );
      const target = join(dir, "large.tar.gz");
      await backup(large, [target]);
      const { stderr } = await restore(place, [target, "--force"]);
      assert.equal(stderr, "");
      assert.deepEqual((await rowsOf(place)).tweets, (await rowsOf(large)).tweets);
    } finally {
      await large.stop();
    }
  });

  it("works on the stores that `npm start` brings, too", async () => {
    const dataDir = join(dir, "data");
    chmodSync(dir, 0o711); // as root, PostgreSQL runs under another account
    const embedded = { DATABASE_URL: "", REDIS_URL: "", DATA_DIR: dataDir };
    await assert.rejects(backup(place, [dir], embedded), /There is nothing to back up in/);
    await restore(place, [file], embedded);
    const again = join(dir, "again.tar.gz");
    const { stdout } = await backup(place, [again], embedded);
    assert.match(stdout, /Table users: 4 rows/);
    await restore(place, [again, "--force"]);
    assert.deepEqual(await rowsOf(place), rows);
    assert.deepEqual(filesOf(place), files);
  });

  it("lies where it was wanted: in a directory, under a name with the time", async () => {
    const inside = join(dir, "many");
    await assert.rejects(backup(origin, [join(inside, "x.tar.gz")]), /There is no directory/);
    assert.ok(!existsSync(inside));
    const empty = mkdtempSync(join(dir, "many-"));
    await backup(origin, [empty]);
    assert.match(readdirSync(empty).join(), /^warble-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.tar\.gz$/);
  });
});

const readdirVariants = (service: Service): string[] =>
  [...new Set(Object.keys(filesOf(service)).map((path) => path.split("/")[3] ?? ""))].filter(
    Boolean,
  );
