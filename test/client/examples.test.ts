import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { eventually, Service, type TestUser } from "../service.ts";

const run = promisify(execFile);
const EXAMPLES = "client/api/examples";

describe("the examples of the typed client", () => {
  let service: Service;
  let [ann, bob]: TestUser[] = [];
  let example: ChildProcess | undefined;
  before(async () => {
    service = await Service.start();
    ann = await service.addUser("Ann Petrova");
    bob = await service.addUser("Bob O'Neil");
    await service.call(bob, "POST", `/api/users/${ann.id}/follow`);
  });
  after(async () => {
    example?.kill("SIGKILL");
    await service.stop();
  });
  const argumentsOf = (name: string, key: string) => [
    `${EXAMPLES}/${name}.ts`,
    "--url",
    service.url,
    "--key",
    key,
  ];

  it("rest.ts posts, and shows the feed", async () => {
    const { stdout } = await run(process.execPath, argumentsOf("rest", ann?.key as string));
    assert.match(stdout, /You are Ann Petrova/);
    assert.match(stdout, /0 ♥ {2}Ann Petrova: Hello from a program\./);
    assert.match(stdout, /Followers: Bob O'Neil/);
  });

  it("rest.ts says what is wrong with a key", async () => {
    await assert.rejects(run(process.execPath, argumentsOf("rest", "unknown")), (error) => {
      const { code, stderr } = error as unknown as { code: number; stderr: string };
      assert.equal(code, 1);
      assert.match(stderr, /^Unauthorized: /);
      return true;
    });
  });

  it("live.ts prints what happens, and ends at Ctrl-C", async () => {
    const child = spawn(process.execPath, argumentsOf("live", bob?.key as string), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    example = child;
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    const prints = (expected: RegExp) => eventually(() => assert.match(output, expected));
    await prints(/Hello, Bob O'Neil\. You follow 1 people\./);
    await prints(/\[live\]/);
    const id = await service.tweet(ann as TestUser, "printed");
    await prints(new RegExp(`tweet ${id} by Ann Petrova, 0 ♥: printed`));
    await service.call(bob, "POST", `/api/tweets/${id}/likes`);
    await prints(new RegExp(`tweet ${id} by Ann Petrova, 1 ♥: printed`));
    await service.call(bob, "DELETE", `/api/users/${ann?.id}/follow`);
    await prints(/Bob O'Neil no longer follows Ann Petrova/);
    child.kill("SIGINT");
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });
});
