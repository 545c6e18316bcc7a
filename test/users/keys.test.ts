import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { forgetExpiredKeys } from "../../src/infra/account-queries.ts";
import { openDatabase } from "../../src/infra/database.ts";
import { LiveClient } from "../live-client.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import { failure, type UsersCommand, usersCommand } from "./command.ts";

/** "A disabled or rotated key closes its sockets within a second." */
const WITHIN_MS = 1000;
/** Both are measured by the machine's clock, read by different processes. */
const CLOCK_MS = 20;

describe("the users command", function () {
  this.timeout(30_000);
  let service: Service;
  let users: UsersCommand;
  before(async () => {
    service = await Service.start({ apis: 2 });
    users = usersCommand(service);
  });
  after(() => service.stop());

  const add = async (name: string, ...options: string[]): Promise<TestUser> => ({
    ...JSON.parse((await users("add", name, "--json", ...options)).stdout),
    name,
  });
  /** With a socket on each process; it tells whether all of them are open or closed. */
  const connect = async (person: TestUser) => {
    const clients = await Promise.all(
      service.apis.map(({ url }) => LiveClient.connect(url, person)),
    );
    for (const { socket } of clients) socket.io.reconnection(false);
    return {
      allOpen: () => clients.every(({ disconnected }) => !disconnected),
      allClosed: () => clients.every(({ disconnected }) => disconnected),
      close: () => {
        for (const client of clients) client.close();
      },
    };
  };
  const statuses = (person: TestUser) =>
    Promise.all(
      [0, 1].map(
        async (api) => (await service.call(person, "GET", "/api/users/me", undefined, api)).status,
      ),
    );

  it("adds a person whose printed key works, and stores it hashed only", async () => {
    const { stdout } = await users("add", "Grace Hopper", "--key", "a-key-of-her-own");
    assert.match(stdout, /a-key-of-her-own/);
    const person = await add("Ada");
    const me = await service.call(person, "GET", "/api/users/me");
    assert.deepEqual([me.status, me.body.user.id, me.body.user.name], [200, person.id, "Ada"]);
    const { rows } = await service.db.query("select encode(hash, 'escape') as hash from api_keys");
    for (const { hash } of rows) assert.ok(!hash.includes(person.key) && !hash.includes("a-key"));
    const list = await users("list");
    assert.match(list.stdout, /Grace Hopper/);
    assert.equal(list.stdout.includes(person.key), false);
  });

  it("refuses what cannot be done, says why in one sentence, and does nothing", async () => {
    await users("add", "First", "--key", "taken-key");
    const refusals: [args: string[], why: RegExp][] = [
      [["add", "Second", "--key", "taken-key"], /in use/],
      [["add", "Second", "--key", "with space"], /without spaces/],
      [["add", "Second", "--expires", "soon"], /30m, 24h, 7d/],
      [["add", " "], /1 to 200 characters/],
      [["add", "x".repeat(201)], /1 to 200 characters/],
      [["add", "two\nlines"], /without line breaks/],
      [["rotate", "999999"], /no user 999999/],
      [["rotate", "1", "--grace", "1.5h"], /30m, 24h, 7d/],
      [["rotate", "1", "--grace", "90"], /30m, 24h, 7d/],
      [["disable", "x"], /whole number/],
      [["enable", "999999"], /no user 999999/],
    ];
    const { rows: before } = await service.db.query("select count(*)::int from users");
    for (const [args, why] of refusals) assert.match(await failure(users(...args)), why);
    const { rows: after } = await service.db.query("select count(*)::int from users");
    assert.deepEqual(after, before);
  });

  it("says that the database does not answer", async () => {
    const elsewhere = usersCommand(service, { DATABASE_URL: "postgres://127.0.0.1:1/none" });
    const words = await failure(elsewhere("list"));
    assert.match(words, /^The database does not answer: .*ECONNREFUSED.*\.$/);
  });

  for (const command of ["disable", "rotate"]) {
    it(`${command} closes the person's sockets on every process, and the old key is refused`, async () => {
      const person = await add("Alan");
      const sockets = await connect(person);
      const { stdout } = await users(command, String(person.id), "--json");
      await eventually(() => assert.ok(sockets.allClosed()), WITHIN_MS);
      sockets.close();
      assert.deepEqual(await statuses(person), [401, 401]);
      if (command === "rotate") {
        const renewed = { ...person, key: JSON.parse(stdout).key };
        assert.deepEqual(await statuses(renewed), [200, 200]);
      } else {
        await users("enable", String(person.id));
        await eventually(async () => assert.deepEqual(await statuses(person), [200, 200]));
      }
    });
  }

  it("refuses an expired key at once on every process that knew it, and closes its sockets", async () => {
    const { stdout } = await users("add", "Edsger", "--expires", "3s", "--json");
    const { key_expires_at, ...person } = JSON.parse(stdout);
    const end = Date.parse(key_expires_at);
    const sockets = await connect(person);
    assert.deepEqual(await statuses(person), [200, 200]);
    assert.ok(sockets.allOpen());
    await sleep(end + CLOCK_MS - Date.now());
    assert.deepEqual(await statuses(person), [401, 401]);
    await eventually(() => assert.ok(sockets.allClosed()), WITHIN_MS);
    await assert.rejects(LiveClient.connect(service.url, person), /Unauthorized/);
    sockets.close();
  });

  it("rotate --grace lets the old key and its sockets work on until the grace is over", async () => {
    const person = await add("Barbara");
    const sockets = await connect(person);
    assert.deepEqual(await statuses(person), [200, 200]);
    const rotated = await users("rotate", String(person.id), "--grace", "4s", "--json");
    const end = Date.now() + 4000; // at the latest: the command has ended
    const renewed = { ...person, key: JSON.parse(rotated.stdout).key };
    assert.deepEqual(await statuses(renewed), [200, 200]);
    await sleep(end - 2500 - Date.now()); // the event was delivered, and the sockets looked at
    assert.deepEqual(await statuses(person), [200, 200]);
    assert.ok(sockets.allOpen());
    await sleep(end + CLOCK_MS - Date.now());
    assert.deepEqual(await statuses(person), [401, 401]);
    await eventually(() => assert.ok(sockets.allClosed()), WITHIN_MS);
    assert.deepEqual(await statuses(renewed), [200, 200]);
    sockets.close();
  });

  it("rotate never gives an old key more time than it had", async () => {
    const person = await add("Leslie", "--expires", "1h");
    await users("rotate", String(person.id), "--grace", "7d");
    await users("rotate", String(person.id), "--grace", "2h");
    const { rows } = await service.db.query(
      `select round(extract(epoch from expires_at - now()) / 60)::int as minutes
         from api_keys where user_id = $1 order by created_at`,
      [person.id],
    );
    assert.deepEqual(rows, [{ minutes: 60 }, { minutes: 120 }, { minutes: null }]);
  });

  it("list shows who is disabled, how many keys there are, and when the next one expires", async () => {
    const person = await add("Jean", "--expires", "90d");
    await users("rotate", String(person.id), "--grace", "24h");
    await users("disable", String(person.id));
    const people = JSON.parse((await users("list", "--json")).stdout);
    const listed = people.find(({ id }: TestUser) => id === person.id);
    const hours = (Date.parse(listed.next_key_expiry) - Date.now()) / 3_600_000;
    assert.ok(hours > 23.9 && hours <= 24, `${hours} h`);
    assert.deepEqual(
      { ...listed, next_key_expiry: undefined },
      {
        id: person.id,
        name: "Jean",
        disabled: true,
        keys: 2,
        external_id: null,
        next_key_expiry: undefined,
      },
    );
    assert.match((await users("list")).stdout, /Jean {2}\(disabled, 2 keys, first until 20/);
  });

  it("keys that expired long ago are forgotten, all others kept", async () => {
    const person = await service.addUser();
    await service.db.query(
      `insert into api_keys (hash, user_id, expires_at)
       values ('old', $1, now() - interval '31 days'), ('recent', $1, now() - interval '29 days')`,
      [person.id],
    );
    const db = await openDatabase(service.environment.DATABASE_URL as string, 1);
    try {
      assert.equal(await forgetExpiredKeys(db, 30 * 24 * 3600, 500), 1);
    } finally {
      await db.close();
    }
    const { rows } = await service.db.query(
      `select convert_from(hash, 'SQL_ASCII') as hash from api_keys
        where user_id = $1 and expires_at is not null`,
      [person.id],
    );
    assert.deepEqual(rows, [{ hash: "recent" }]);
  });
});
