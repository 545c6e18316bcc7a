import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LiveClient } from "../live-client.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import { failure, type UsersCommand, usersCommand } from "./command.ts";

const MANY = 10_000;

describe("the import of people", function () {
  this.timeout(30_000);
  let service: Service;
  let users: UsersCommand;
  let dir: string;
  before(async () => {
    service = await Service.start({ apis: 2 });
    users = usersCommand(service);
    dir = mkdtempSync(join(tmpdir(), "warble-import-"));
  });
  after(async () => {
    await service.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  afterEach(() => service.db.query("delete from users"));

  const file = (content: string | Uint8Array, name = "people.csv"): string => {
    const path = join(dir, name);
    writeFileSync(path, content);
    return path;
  };
  const list = (...people: [externalId: string, name: string][]): string =>
    file(["external_id,name", ...people.map((fields) => fields.join()), ""].join("\n"));
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
  const imported = async (path: string, ...options: string[]): Promise<any> =>
    JSON.parse((await users("import", path, "--json", ...options)).stdout);
  const people = async (): Promise<[string | null, string, boolean][]> => {
    const { rows } = await service.db.query(
      "select external_id, name, disabled_at is not null as off from users order by id",
    );
    return rows.map(({ external_id, name, off }) => [external_id, name, off]);
  };
  const events = async (): Promise<number> =>
    (await service.db.query("select count(*)::int as n from events")).rows[0].n;

  it("adds who is new, each with a key that works, and does nothing when done again", async () => {
    const path = list(["e1", "Ada"], ["e2", "Grace"]);
    const first = await imported(path);
    assert.equal(first.created.length, 2);
    for (const { id, name, key } of first.created) {
      const me = await service.call({ id, name, key }, "GET", "/api/users/me");
      assert.deepEqual([me.status, me.body.user.id, me.body.user.name], [200, id, name]);
    }
    const before = await events();
    const again = await imported(path);
    assert.deepEqual([again.created, again.renamed, again.unchanged], [[], [], 2]);
    assert.equal(await events(), before);
    const shown = JSON.parse((await users("list", "--json")).stdout);
    assert.deepEqual(
      shown.map((each: { external_id: string; keys: number }) => [each.external_id, each.keys]),
      [
        ["e1", 1],
        ["e2", 1],
      ],
    );
  });

  it("takes files as spreadsheets write them", async () => {
    const text =
      '\ufeffDepartment,NAME,"External_ID"\r\nR&D,"Lovelace, ""Ada""", e1 \r\n\r\n,Анна,e2';
    const { stdout } = await users("import", file(text));
    assert.match(stdout, /2 new, 0 renamed, 0 enabled again, 0 disabled, 0 as they were/);
    assert.match(stdout, /Columns left aside: Department/);
    assert.deepEqual(await people(), [
      ["e1", 'Lovelace, "Ada"', false],
      ["e2", "Анна", false],
    ]);
  });

  it("disables who is absent only when told so, and never who was added by hand", async () => {
    await users("add", "By Hand");
    await imported(list(["e1", "Ada"], ["e2", "Grace"]));
    const without = list(["e1", "Ada"]);
    assert.deepEqual((await imported(without)).disabled, []);
    const [gone] = (await imported(without, "--disable-absent")).disabled;
    assert.equal(gone.external_id, "e2");
    assert.deepEqual(await people(), [
      [null, "By Hand", false],
      ["e1", "Ada", false],
      ["e2", "Grace", true],
    ]);
    assert.deepEqual((await imported(without, "--disable-absent")).disabled, []);
    const { stdout } = await users("import", list(["e1", "Ada"], ["e2", "Hopper"]));
    assert.match(stdout, /renamed {3}e2 {2}Grace → Hopper/);
    assert.match(stdout, /enabled {3}e2 {2}Hopper {2}\(listed again: the old keys work\)/);
    assert.deepEqual((await people())[2], ["e2", "Hopper", false]);
  });

  it("closes the sockets of who is disabled, and refuses their keys", async () => {
    const { created } = await imported(list(["e1", "Ada"], ["e2", "Grace"]));
    const ada = created.find((each: { name: string }) => each.name === "Ada") as TestUser;
    const client = await LiveClient.connect(service.apis[1]?.url as string, ada);
    await imported(list(["e2", "Grace"]), "--disable-absent");
    await eventually(() => assert.ok(client.disconnected), 1000);
    client.close();
    for (const api of [0, 1]) {
      assert.equal((await service.call(ada, "GET", "/api/tweets", undefined, api)).status, 401);
    }
  });

  it("shows a new name in all feeds and likes, on every process", async () => {
    const { created } = await imported(list(["e1", "Ada"], ["e2", "Grace"]));
    const [ada, grace] = created as [TestUser, TestUser];
    await service.call(grace, "POST", `/api/users/${ada.id}/follow`);
    await service.tweet(ada, "hers");
    const liked = await service.tweet(grace, "liked by her");
    await service.call(ada, "POST", `/api/tweets/${liked}/likes`);
    const names = async (api: number): Promise<string[]> => {
      const { body } = await service.call(grace, "GET", "/api/tweets", undefined, api);
      return body.tweets.map(
        (tweet: { author: TestUser; likes: TestUser[] }) =>
          `${tweet.author.name}: ${tweet.likes.map(({ name }) => name)}`,
      );
    };
    for (const api of [0, 1]) assert.deepEqual(await names(api), ["Grace: Ada", "Ada: "]);
    await imported(list(["e1", "Lovelace"], ["e2", "Grace"]));
    await eventually(async () => {
      for (const api of [0, 1])
        assert.deepEqual(await names(api), ["Grace: Lovelace", "Lovelace: "]);
    });
  });

  it("names every bad line with the reason, and does nothing", async () => {
    await imported(list(["e1", "Ada"]));
    const path = file(
      [
        "external_id,name",
        "e1,Renamed",
        "e2,",
        `e3,${"x".repeat(201)}`,
        "e4,One",
        "e4,Two",
        ",Nobody",
        "e5",
        "e6,Too,Many",
        `${"x".repeat(201)},Long`,
        '"e7","two\nlines"',
        "e8,Fine",
      ].join("\n"),
    );
    const words = await failure(users("import", path));
    const lines = words.split("\n").slice(1);
    assert.deepEqual(
      lines.map((line) => Number(/^ {2}line (\d+): [A-Z].*\.$/.exec(line)?.[1])),
      [3, 4, 6, 7, 8, 9, 10, 12],
      words,
    );
    assert.match(words, /line 6: The external id is that of line 5 again\./);
    assert.deepEqual(await people(), [["e1", "Ada", false]]);
  });

  it("says what is wrong with a file that cannot be taken", async () => {
    const refusals: [path: string, why: RegExp][] = [
      [join(dir, "none.csv"), /none\.csv cannot be read \(ENOENT\)/],
      [dir, /cannot be read \(EISDIR\)/],
      [file(""), /The file is empty/],
      [file("e1,Ada\n", "1.csv"), /name the columns external_id and name.*it is: e1,Ada/],
      [file("external_id;name\ne1;Ada\n", "2.csv"), /separated by commas/],
      [file("external_id,name,name\ne1,Ada,Bob\n", "3.csv"), /name the columns/],
      [file("external_id,name\n", "4.csv"), /names nobody/],
      [file('external_id,name\ne1,"Ada\ne2,Bob\n', "5.csv"), /not well-formed CSV/],
      [file(Buffer.from("external_id,name\ne1,Chlo\xe9\n", "latin1"), "6.csv"), /not in UTF-8/],
    ];
    for (const [path, why] of refusals) {
      assert.match(await failure(users("import", path, "--disable-absent")), why);
    }
    assert.deepEqual(await people(), []);
  });

  it("--dry-run says what would be done, and does nothing", async () => {
    await imported(list(["e1", "Ada"], ["e2", "Grace"]));
    const before = await events();
    const path = list(["e1", "Lovelace"], ["e3", "Alan"]);
    const keysFile = join(dir, "dry-run.csv");
    const options = ["--disable-absent", "--dry-run", "--keys-to", keysFile];
    const would = await imported(path, ...options);
    assert.deepEqual(would.created, [{ external_id: "e3", name: "Alan" }]);
    assert.equal(would.renamed[0].was, "Ada");
    assert.equal(would.disabled[0].external_id, "e2");
    assert.match((await users("import", path, ...options)).stdout, /rehearsal/);
    assert.throws(() => statSync(keysFile), { code: "ENOENT" });
    assert.equal(await events(), before);
    assert.deepEqual(await people(), [
      ["e1", "Ada", false],
      ["e2", "Grace", false],
    ]);
  });

  it("--keys-to writes the keys into a file for one's own eyes, and never over another", async () => {
    const keysFile = join(dir, "keys.csv");
    const path = file('external_id,name\ne1,"Ada ""The"" Lovelace"\n');
    const { stdout } = await users("import", path, "--keys-to", keysFile);
    assert.equal(statSync(keysFile).mode & 0o777, 0o600);
    const [header, line] = readFileSync(keysFile, "utf8").trim().split("\n") as [string, string];
    assert.equal(header, "id,external_id,name,key");
    const [, id, name, key] = /^"(\d+)","e1","(.*)","(\S+)"$/.exec(line) as RegExpExecArray;
    assert.equal(name, 'Ada ""The"" Lovelace');
    assert.ok(!stdout.includes(key as string));
    const ada = { id: Number(id), name: "", key: key as string };
    assert.equal((await service.call(ada, "GET", "/api/users/me")).status, 200);

    // Without anybody new there is nothing to write; with somebody, nothing is done.
    await users("import", path, "--keys-to", keysFile);
    const words = await failure(
      users("import", list(["e1", "Lovelace"], ["e2", "Bob"]), "--keys-to", keysFile),
    );
    assert.match(words, /Nothing was imported: .*keys\.csv exists already\./);
    assert.deepEqual(await people(), [["e1", 'Ada "The" Lovelace', false]]);
    assert.match(readFileSync(keysFile, "utf8"), new RegExp(key as string));
  });

  it("does ten thousand lines at once, and again, and two at the same time", async () => {
    const lines = Array.from({ length: MANY }, (_, i): [string, string] => [`e${i}`, `P ${i}`]);
    const path = list(...lines);
    const keysFiles = [join(dir, "a.csv"), join(dir, "b.csv")] as const;
    const [a, b] = await Promise.all(keysFiles.map((keys) => imported(path, "--keys-to", keys)));
    assert.equal(a.created.length + b.created.length, MANY);
    const { rows } = await service.db.query(
      `select count(*)::int as people, count(distinct external_id)::int as ids,
              (select count(*)::int from api_keys) as keys from users`,
    );
    assert.deepEqual(rows, [{ people: MANY, ids: MANY, keys: MANY }]);
    assert.equal((await imported(path, "--disable-absent")).unchanged, MANY);
  });
});
