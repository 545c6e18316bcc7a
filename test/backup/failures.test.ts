import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { plain } from "../sample-pictures.ts";
import { Service, type TestUser } from "../service.ts";
import { failure } from "../users/command.ts";
import { backup, interrupted, restore } from "./command.ts";
import { filesOf, rowsOf } from "./installation.ts";

const MANY_ROWS = 200_000;

describe("a backup or a restore that cannot be done", function () {
  this.timeout(60_000);
  let dir: string;
  let file: string;
  let origin: Service;
  let place: Service;
  let untouched: [unknown, unknown];

  const state = async (): Promise<[unknown, unknown]> => [await rowsOf(place), filesOf(place)];

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "warble-failures-"));
    file = join(dir, "whole.tar.gz");
    origin = await Service.start();
    const author = await origin.addUser("Ann");
    const { body } = await origin.upload(author, await plain(300, 200).jpeg().toBuffer());
    await origin.tweet(author, "a picture", [body.media_id]);
    await backup(origin, [file]);
    // The place has something of its own, which must survive whatever fails.
    place = await Service.start();
    const owner = await place.addUser("Zoe");
    const own = await place.upload(owner, await plain(200, 300).jpeg().toBuffer());
    await place.tweet(owner, "kept", [own.body.media_id]);
    await Promise.all([...place.apis.splice(0), ...place.workers.splice(0)].map((p) => p.stop()));
    untouched = await state();
  });
  after(async () => {
    await origin?.stop();
    await place?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  afterEach(async () => assert.deepEqual(await state(), untouched, "the place was changed"));

  const altered = (change: (bytes: Buffer) => Buffer): string => {
    const path = join(dir, "altered.tar.gz");
    writeFileSync(path, change(readFileSync(file)));
    return path;
  };
  const refused = (path: string, ...more: string[]): Promise<string> =>
    failure(restore(place, [path, "--force", ...more]));

  it("refuses an archive with a damaged byte, wherever it is", async () => {
    const { length } = readFileSync(file);
    for (const at of [0.1, 0.5, 0.9]) {
      const path = altered((bytes) => {
        const place = Math.floor(length * at);
        bytes[place] = (bytes[place] ?? 0) ^ 0x10;
        return bytes;
      });
      assert.match(await refused(path), /altered\.tar\.gz is no whole backup/);
    }
  });

  it("refuses one that was cut off, and one whose rows were changed under its compression", async () => {
    const cut = altered((bytes) => bytes.subarray(0, bytes.length - 200));
    assert.match(await refused(cut), /is no whole backup/);
    const changed = altered((bytes) => {
      const tar = gunzipSync(bytes);
      tar.write("b", tar.indexOf("a picture"));
      return gzipSync(tar);
    });
    assert.match(await refused(changed), /its content is not that of its manifest/);
  });

  it("refuses what is no archive at all", async () => {
    assert.match(await refused(altered(() => Buffer.from("hello"))), /is no whole backup: /);
    assert.match(await refused(altered(() => gzipSync("hello"))), /is no whole backup: /);
    assert.match(await refused(altered(() => Buffer.alloc(0))), /is no whole backup: /);
    assert.match(await refused(join(dir, "none.tar.gz")), /no such file/);
    assert.match(await refused(dir), /illegal operation on a directory/);
  });

  it("refuses one of a newer version", async () => {
    const path = altered((bytes) => {
      const tar = gunzipSync(bytes);
      tar.write("Migration20361124000000", tar.indexOf("Migration20261124000000"));
      return gzipSync(tar);
    });
    const words = await refused(path);
    assert.match(words, /of a newer version of Warble \(it has Migration20361124000000_initial\)/);
  });

  it("replaces nothing unless told so", async () => {
    const words = await failure(restore(place, [file]));
    assert.match(words, /The place is not empty: the table \w+ has rows\..+--force/);
    // Pictures alone count, too.
    const empty = await Service.start({ apis: 0, workers: 0 });
    try {
      const settings = { DATA_DIR: place.dataDir };
      const other = await failure(restore(empty, [file], settings));
      assert.match(other, /The place is not empty: there are pictures in DATA_DIR/);
    } finally {
      await empty.stop();
    }
  });

  it("does not restore under a running service", async () => {
    const api = await place.startApi();
    assert.match(await refused(file), /Warble is still connected to this database: stop every/);
    place.apis.splice(0);
    await api.stop();
  });

  it("says what the database refuses", async () => {
    const url = new URL(origin.environment.DATABASE_URL as string);
    await origin.admin.query("create role warble_stranger login password 'x'");
    try {
      url.username = "warble_stranger";
      url.password = "x";
      const target = join(dir, "stranger.tar.gz");
      const words = await failure(backup(origin, [target], { DATABASE_URL: url.href }));
      assert.match(words, /^The database refuses: permission denied for table .+owner/);
      url.password = "wrong";
      const wrong = await failure(backup(origin, [target], { DATABASE_URL: url.href }));
      assert.match(wrong, /password authentication failed/);
      url.port = "1";
      const away = await failure(backup(origin, [target], { DATABASE_URL: url.href }));
      assert.match(away, /The database does not answer/);
      assert.ok(!existsSync(target) && !existsSync(`${target}.partial`));
    } finally {
      await origin.admin.query("drop role warble_stranger");
    }
    const empty = new URL(origin.environment.DATABASE_URL as string);
    empty.pathname = "/postgres";
    const words = await failure(backup(origin, [dir], { DATABASE_URL: empty.href }));
    assert.match(words, /no tables of Warble here: is DATABASE_URL right/);
  });

  it("says where it may not write, and overwrites nothing", async () => {
    assert.match(await failure(backup(origin, [file])), /whole\.tar\.gz is there already/);
    const closed = join(dir, "closed");
    mkdirSync(closed);
    chmodSync(closed, 0o555);
    // Root may write everywhere but where the kernel says no.
    const nowhere = process.getuid?.() === 0 ? "/sys/kernel/x.tar.gz" : join(closed, "x.tar.gz");
    assert.match(await failure(backup(origin, [nowhere])), /file system refuses: E(ACCES|PERM)/);
    const settings = { DATA_DIR: nowhere };
    const words = await failure(restore(place, [file, "--force"], settings));
    assert.match(words, /file system refuses: E(ACCES|PERM)/);
  });

  it("says which picture has lost its file, and goes on without when told so", async () => {
    const target = join(dir, "incomplete.tar.gz");
    const settings = { DATA_DIR: join(dir, "elsewhere") };
    const words = await failure(backup(origin, [target], settings));
    assert.match(words, /The file .+\.webp of picture 1 is missing. Is DATA_DIR right\?/);
    assert.ok(!existsSync(target) && !existsSync(`${target}.partial`));
    const { stdout } = await backup(origin, [target, "--allow-missing"], settings);
    assert.match(stdout, /Without 1 files that are missing/);
  });

  it("leaves nothing behind when it is stopped by Ctrl-C", async () => {
    const [{ id }] = (await origin.db.query<TestUser>("select id from users limit 1")).rows as [
      TestUser,
    ];
    await origin.db.query(
      `insert into tweets (author_id, content)
       select $1, md5(n::text) || md5((-n)::text) from generate_series(1, $2) n`,
      [id, MANY_ROWS],
    );
    const target = join(dir, "large.tar.gz");
    const stopped = await interrupted("src/backup.ts", origin, [target], "Table");
    assert.deepEqual([stopped.code, stopped.output.includes("Stopped: nothing")], [1, true]);
    assert.deepEqual(
      readdirSync(dir).filter((name) => name.startsWith("large")),
      [],
    );
    await backup(origin, [target]);
    const restoring = await interrupted("src/restore.ts", place, [target, "--force"], "Restoring");
    assert.deepEqual([restoring.code, restoring.output.includes("Stopped: nothing")], [1, true]);
    assert.doesNotMatch(restoring.output, /Warning/);
    const { rows } = await place.db.query(
      "select from information_schema.schemata where schema_name like 'warble%'",
    );
    assert.deepEqual(rows, []);
  });
});
