import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

type Run = { child: ChildProcess; output: () => string; ended: Promise<unknown[]> };

/** A project of one file, without dependencies, so that `npm ci` needs no network. */
describe("with-node", function () {
  this.timeout(60_000);
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "warble-with-node-"));
    mkdirSync(join(dir, "src"));
    copyFileSync(join(import.meta.dirname, "../src/with-node.mjs"), join(dir, "src/with-node.mjs"));
    const project = { name: "tiny", version: "1.0.0" };
    const lock = { ...project, lockfileVersion: 3, requires: true, packages: { "": project } };
    writeFileSync(join(dir, "package.json"), JSON.stringify(project));
    writeFileSync(join(dir, "package-lock.json"), JSON.stringify(lock));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function run(program: string, env: NodeJS.ProcessEnv = {}): Run {
    writeFileSync(join(dir, "program.ts"), program);
    const child = spawn(process.execPath, ["src/with-node.mjs", "program.ts", "one", "two"], {
      cwd: dir,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, npm_lifecycle_event: "", ...env },
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        text += chunk;
      });
    }
    return { child, output: () => text, ended: once(child, "close") };
  }

  async function isUp({ child, output }: Run): Promise<void> {
    while (!output().includes("up")) {
      assert.equal(child.exitCode, null, `ended early: ${output()}`);
      await sleep(20);
    }
  }

  it("installs once, then runs the file with its arguments and passes its exit code on", async () => {
    const program = `const rest: string[] = process.argv.slice(2); console.log(rest.join("+")); process.exitCode = 7;`;
    const first = run(program);
    assert.deepEqual(await first.ended, [7, null]);
    assert.equal(first.output(), "Installing the packages (npm ci) …\none+two\n");
    const second = run(program);
    assert.deepEqual(await second.ended, [7, null]);
    assert.equal(second.output(), "one+two\n");
  });

  it("lets one of two install while the other waits", async () => {
    const both = [run(""), run("")];
    for (const { ended } of both) assert.deepEqual(await ended, [0, null]);
    const output = both.map((each) => each.output()).join("");
    assert.equal(output.match(/Installing/g)?.length, 1);
  });

  it("installs again when the last install was interrupted", async () => {
    await run("").ended;
    const marker = join(dir, "node_modules/.installed-for");
    assert.ok(existsSync(marker));
    rmSync(marker);
    const again = run("");
    await again.ended;
    assert.match(again.output(), /Installing/);
  });

  it("shows npm's output when the install fails", async () => {
    writeFileSync(join(dir, "package.json"), JSON.stringify({ dependencies: { tiny: "file:no" } }));
    const failed = run("");
    assert.deepEqual(await failed.ended, [1, null]);
    assert.match(failed.output(), /npm ci failed/);
    assert.equal(existsSync(join(dir, ".cache/install.lock")), false);
  });

  it("passes SIGTERM on, once, and ends by the signal that ended the program", async () => {
    const waiting = run(`process.on("SIGTERM", () => console.log("asked"));
      process.on("SIGHUP", () => process.kill(process.pid, "SIGKILL"));
      setInterval(() => {}, 1000); console.log("up");`);
    await isUp(waiting);
    waiting.child.kill("SIGTERM");
    await sleep(100);
    waiting.child.kill("SIGTERM");
    await sleep(300);
    waiting.child.kill("SIGHUP");
    assert.deepEqual(await waiting.ended, [null, "SIGKILL"]);
    assert.equal(waiting.output().match(/asked/g)?.length, 1);
  });

  it("lets the program know when it is killed outright", async () => {
    const waiting = run(`process.on("disconnect", () => { console.log("orphaned"); });
      console.log("up");`);
    await isUp(waiting);
    waiting.child.kill("SIGKILL");
    await waiting.ended;
    assert.match(waiting.output(), /orphaned/);
  });
});
