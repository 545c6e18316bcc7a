/** `npm test [-- mocha's arguments]`: lint, types and the page's build, then mocha on a Postgres and
 * a Redis of its own, with coverage over every process that the tests start. The last line tells the
 * counts.
 *
 * Tests find `TEST_DATABASE_URL` (a superuser's: each makes databases of its own) and
 * `TEST_REDIS_URL`. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildClient } from "../src/client-build.ts";
import { installDebianPackage, programsNamed } from "../src/infra/embedded/debian-package.ts";
import { Interrupted, LocalService } from "../src/infra/embedded/local-service.ts";
import { startPostgres } from "../src/infra/embedded/postgres.ts";
import { startRedis } from "../src/infra/embedded/redis.ts";
import { onStopSignals } from "../src/infra/embedded/stop-signals.ts";
import type { Counts } from "./counting-reporter.ts";

const BIN = {
  biome: "node_modules/@biomejs/biome/bin/biome",
  tsc: "node_modules/typescript/bin/tsc",
  vueTsc: "node_modules/vue-tsc/bin/vue-tsc.js",
  mocha: "node_modules/mocha/bin/mocha.js",
  c8: "node_modules/c8/bin/c8.js",
};
const COVERED = ["src", "workers"];
/** Mocha ends by itself when the tests have closed what they opened. */
const MOCHA_GRACE_MS = 10_000;

process.chdir(resolve(import.meta.dirname, ".."));
const dir = mkdtempSync(join(tmpdir(), "warble-test-"));
// As root, Postgres runs under another account, which has to get in.
chmodSync(dir, 0o711);
const files = { counts: join(dir, "counts.json"), coverage: join(dir, "coverage") };
const service = new LocalService();
service.addRelease(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
onStopSignals((hurry) => void service.stop(hurry));

let counts: Counts = { passed: 0, failed: 1, skipped: 0 };
try {
  counts = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Interrupted)) console.error((error as Error).message);
}
await service.stop();
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed > 0 ? 1 : 0;
if (process.connected) process.disconnect();

async function run(args: string[]): Promise<Counts> {
  const log = (line: string): void => console.log(line);
  const stores = Promise.all([
    service.addStore(startPostgres({ dir: join(dir, "postgres"), log, durable: false })),
    service.addStore(startRedis({ dir: join(dir, "redis"), log })),
  ]);
  const checks = Promise.all([
    check(BIN.biome, "check"),
    check(BIN.tsc, "--noEmit"),
    check(BIN.vueTsc, "--noEmit", "-p", "client"),
  ]);
  const page = service.goOn(buildClient(log));
  const [[postgres, redis], passed] = await Promise.all([stores, checks, page]);
  if (passed.includes(false)) return counts;

  await service.goOn(installPrograms(log));

  const exitCode = await mocha(args, {
    ...process.env,
    TEST_DATABASE_URL: postgres.url,
    TEST_REDIS_URL: redis.url,
    TEST_COUNTS_FILE: files.counts,
    NODE_V8_COVERAGE: files.coverage,
  });
  await reportCoverage();
  const result = readCounts();
  if (result === undefined) throw new Error(`mocha ended before the tests did (${exitCode})`);
  const ran = result.passed + result.failed;
  if (ran === 0) throw new Error("No test ran.");
  // Whatever else mocha finds fault with is a failure, too.
  return exitCode === 0 ? result : { ...result, failed: Math.max(result.failed, 1) };
}

/** What tests run beside the service, and Debian has: not within a test's time, which is short. Where
 * it cannot be installed, the tests that need it say so. */
async function installPrograms(log: (line: string) => void): Promise<void> {
  for (const [name, program] of [
    ["nginx", "nginx"],
    ["prometheus", "promtool"],
  ] as const) {
    if (programsNamed([program]).length === 0) await installDebianPackage(name, log);
  }
}

/** Runs a checker; shows what it says only when it finds something. */
async function check(file: string, ...args: string[]): Promise<boolean> {
  const child = spawn(process.execPath, [file, ...args, ...colours(file)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const [code] = await service.goOn(once(child, "close"));
  if (code !== 0) console.error(output);
  return code === 0;
}

function colours(file: string): string[] {
  if (!process.stdout.isTTY) return [];
  return file !== BIN.biome ? ["--pretty"] : ["--colors=force"];
}

/** In a group of its own, which is ended as a whole: with the processes that tests have started. */
async function mocha(args: string[], env: NodeJS.ProcessEnv): Promise<number | string> {
  const spec = args.some((arg) => arg.endsWith(".ts")) ? [] : ["test/**/*.test.ts"];
  const colour = process.stdout.isTTY ? ["--color"] : [];
  const options = ["--reporter", "test/counting-reporter.ts", ...colour, ...args, ...spec];
  const child = spawn(process.execPath, [BIN.mocha, ...options], {
    detached: true,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env,
  });
  const ended = once(child, "exit");
  service.addProgram({
    stop: async () => {
      killGroup(child, "SIGTERM");
      await Promise.race([ended, sleep(2000, undefined, { ref: false })]);
      killGroup(child, "SIGKILL");
    },
  });
  const overdue = watchForEnd(child);
  const [code, signal] = (await service.goOn(ended)) as [number | null, string | null];
  clearInterval(overdue);
  return code ?? signal ?? 1;
}

/** A test that leaves something open keeps mocha running for ever: that is said, and ended. */
function watchForEnd(child: ChildProcess): NodeJS.Timeout {
  let doneAt: number | undefined;
  return setInterval(() => {
    if (readCounts() === undefined) return;
    doneAt ??= Date.now();
    if (Date.now() - doneAt < MOCHA_GRACE_MS) return;
    console.error("\nmocha does not end: a test has left a timer, socket or process open.");
    killGroup(child, "SIGKILL");
  }, 500);
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // Nobody is left in it.
  }
}

async function reportCoverage(): Promise<void> {
  const args = ["report", "--temp-directory", files.coverage, "--reporter", "text-summary"];
  for (const path of COVERED) args.push("--src", path, "--include", `${path}/**`);
  await service.goOn(
    once(spawn(process.execPath, [BIN.c8, ...args, "--all"], { stdio: "inherit" }), "exit"),
  );
}

function readCounts(): Counts | undefined {
  try {
    return JSON.parse(readFileSync(files.counts, "utf8")) as Counts;
  } catch {
    return undefined;
  }
}
