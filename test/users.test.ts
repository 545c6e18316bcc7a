import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { LiveClient } from "./live-client.ts";
import { eventually, Service } from "./service.ts";

const run = promisify(execFile);
/** "A disabled or rotated key closes its sockets within a second." */
const WITHIN_MS = 1000;

describe("the users command", function () {
  this.timeout(20_000);
  let service: Service;
  before(async () => {
    service = await Service.start({ apis: 2 });
  });
  after(() => service.stop());

  const users = (...args: string[]) =>
    run(process.execPath, ["src/users.ts", ...args], {
      env: { ...process.env, ...service.environment },
    });
  const add = async (name: string): Promise<{ id: number; key: string; name: string }> =>
    JSON.parse((await users("add", name, "--json")).stdout);

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

  it("refuses a key that is in use, an unknown id and an empty name, and says why", async () => {
    await users("add", "First", "--key", "taken-key");
    for (const args of [
      ["add", "Second", "--key", "taken-key"],
      ["rotate", "999999"],
      ["disable", "x"],
      ["add", " "],
    ]) {
      await assert.rejects(users(...args), ({ code, stderr }: { code: number; stderr: string }) => {
        assert.notEqual(code, 0);
        assert.ok(stderr.length > 10);
        assert.doesNotMatch(stderr, /\n {4}at /, "no stack trace");
        return true;
      });
    }
    const { rows } = await service.db.query("select 1 from users where name in ('Second', ' ')");
    assert.equal(rows.length, 0);
  });

  for (const command of ["disable", "rotate"]) {
    it(`${command} closes the person's sockets on every process, and the old key is refused`, async () => {
      const person = await add("Alan");
      const sockets = [
        await LiveClient.connect(service.apis[0]?.url as string, person),
        await LiveClient.connect(service.apis[1]?.url as string, person),
      ];
      const { stdout } = await users(command, String(person.id), "--json");
      for (const { socket } of sockets) socket.io.reconnection(false);
      await eventually(() => assert.ok(sockets.every((each) => each.disconnected)), WITHIN_MS);
      for (const socket of sockets) socket.close();
      for (const api of [0, 1]) {
        const { status } = await service.call(person, "GET", "/api/users/me", undefined, api);
        assert.equal(status, 401);
      }
      if (command === "rotate") {
        const renewed = { ...person, key: JSON.parse(stdout).key };
        assert.equal((await service.call(renewed, "GET", "/api/users/me")).status, 200);
      } else {
        await users("enable", String(person.id));
        assert.equal((await service.call(person, "GET", "/api/users/me")).status, 200);
      }
    });
  }
});
