/**
 * `npm run image-check`: the images without a Docker engine. Carries out the Dockerfile's steps in a
 * Debian 13 root, starts the API and the workers there (an unprivileged user, a read-only root, no
 * capabilities), against a PostgreSQL and a Redis of this machine, and speaks to them.
 *
 * Needs root (chroot, mounts) and takes some minutes; Debian and Node are kept in `.cache` for the
 * next time.
 */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startPostgres } from "../../src/infra/embedded/postgres.ts";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { startRedis } from "../../src/infra/embedded/redis.ts";
import { loadCompose } from "../compose/compose-file.ts";
import { eventually } from "../service.ts";
import { Build } from "./build-stages.ts";
import { speakTo } from "./conversation.ts";
import { type Inside, makeBaseImage, run, runInside, startInside } from "./debian-root.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const CACHE = join(ROOT, ".cache/image-check");
const NODE_UID = 1000;
const LEAVES_WITHIN_MS = 10_000;

const say = (line: string): void => console.log(line);
const closing: (() => unknown)[] = [];

try {
  await check();
  say("\nThe images are as they should be.");
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  for (const close of closing.reverse()) await close();
  if (process.connected) process.disconnect();
}

async function check(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error("image-check needs root: it mounts and changes roots.");
  mkdirSync(CACHE, { recursive: true });
  const build = new Build(join(CACHE, "stages"), await makeBaseImage(CACHE, say), say);
  say(`Context: ${await build.prepareContext(ROOT)} files`);
  const [api, workers, tools] = [
    await build.stage("api"),
    await build.stage("workers"),
    await build.stage("tools"),
  ];
  await lookInto(api);

  const dir = mkdtempSync(join(tmpdir(), "warble-image-"));
  chmodSync(dir, 0o711);
  closing.push(() => rmSync(dir, { recursive: true, force: true }));
  const settings = await startStores(dir);
  const mounts = volumes(dir);
  const contained = (inside: Inside, more: Record<string, string> = {}): Inside => ({
    ...inside,
    env: { ...settings, ...inside.env, ...more },
    mounts,
    hardened: true,
  });

  say(
    `migrate: ${(await runInside(contained(tools), build.dockerfile.target("tools").command)).trim()}`,
  );
  const people = [];
  for (const name of ["Ada Lovelace", "Grace Hopper"]) {
    const added = await runInside(contained(tools), [
      "node",
      "src/users.ts",
      "add",
      name,
      "--json",
    ]);
    people.push(JSON.parse(added) as { id: number; key: string });
  }
  say(`users: added ${people.map(({ id }) => id).join(", ")}`);

  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const started = [
    await start("api", contained(api, { PORT: port, METRICS_PORT: String(await freePort()) })),
    await start(
      "workers",
      contained(workers, { METRICS_PORT: String(await freePort()), CANARY_URL: url }),
    ),
  ];
  say(await speakTo(url, people));
  const keys = people.flatMap(({ key }) => ["--key", key]);
  const conformance = await run("node", ["conformance/run.ts", "--url", url, ...keys], {
    cwd: ROOT,
  });
  say(`conformance: ${conformance.trim().split("\n").at(-1)}`);
  await backUp(contained(tools));
  for (const { name, child } of started) await stop(name, child);

  /** Starts the image's command, and waits until its health check is content. */
  async function start(name: "api" | "workers", inside: Inside) {
    const { command, healthCheck = [], stopSignal } = build.dockerfile.target(name);
    assert.equal(stopSignal, "SIGTERM");
    const child = startInside(inside, command, { stdio: ["ignore", "inherit", "inherit"] });
    closing.push(() => child.kill("SIGKILL"));
    const asked = healthCheck.map((arg) =>
      arg.replace(":8000", `:${inside.env.PORT}`).replace(":9100", `:${inside.env.METRICS_PORT}`),
    );
    await eventually(() => runInside(inside, asked), 60_000);
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    const of = (field: string) => new RegExp(`^${field}:\\s+(\\S+)`, "m").exec(status)?.[1];
    assert.deepEqual(
      [of("Uid"), of("CapEff"), of("NoNewPrivs")],
      [String(NODE_UID), "0".repeat(16), "1"],
    );
    say(`${name}: healthy; user ${of("Uid")}, capabilities ${of("CapEff")}, no new privileges`);
    return { name, child };
  }
}

/** What is in the image, and what is not. */
async function lookInto(api: Inside): Promise<void> {
  const ask = async (...command: string[]) => (await runInside(api, command)).trim();
  say(`Node ${await ask("node", "--version")}, ${(await ask("ldd", "--version")).split("\n")[0]}`);
  const uws = 'import("uWebSockets.js").then(() => console.log("loads"))';
  const { version } = JSON.parse(
    readFileSync(join(api.root, "app/node_modules/uWebSockets.js/package.json"), "utf8"),
  );
  say(`uWebSockets.js ${version} ${await ask("node", "--input-type=module", "-e", uws)}`);
  for (const path of ["src/with-node.mjs", "test", "node_modules/mocha", "node_modules/vite"]) {
    assert.ok(!existsSync(join(api.root, "app", path)), `${path} is in the image`);
  }
  assert.ok(existsSync(join(api.root, "app/client/dist/index.html")));
  say(`/app: ${await ask("du", "-sh", "/app/node_modules", "/app")}`.replaceAll(/\s+/g, " "));
  const touched = ["sh", "-c", "touch /app/x 2>&1; touch /x 2>&1; true"];
  assert.match(
    await runInside({ ...api, hardened: true }, touched),
    /(Read-only file system[\s\S]+){2}/,
  );
}

async function startStores(dir: string): Promise<Record<string, string>> {
  const [postgres, redis] = await Promise.all([
    startPostgres({ dir: join(dir, "postgres"), log: say }),
    startRedis({ dir: join(dir, "redis"), log: say }),
  ]);
  closing.push(() => Promise.all([postgres.stop(), redis.stop()]));
  return {
    ...(loadCompose().services.api?.environment as Record<string, string>),
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    QUEUE_REDIS_URL: redis.url,
    HOST: "127.0.0.1",
    LOG_LEVEL: "error",
  };
}

/** Empty ones, which take their owner from what they are mounted over. */
function volumes(dir: string): Record<string, string> {
  return Object.fromEntries(
    ["/data", "/backups"].map((inside) => {
      const path = join(dir, inside);
      mkdirSync(path);
      chownSync(path, NODE_UID, NODE_UID);
      return [inside, path];
    }),
  );
}

async function backUp(tools: Inside): Promise<void> {
  const said = await runInside(
    tools,
    loadCompose().services.backup?.entrypoint?.concat("/backups") ?? [],
  );
  say(`backup: ${said.trim().split("\n").at(-1)}`);
  assert.equal(readdirSync(tools.mounts?.["/backups"] as string).length, 1);
}

async function stop(name: string, child: ChildProcess): Promise<void> {
  const asked = Date.now();
  child.kill("SIGTERM");
  const [code] = await once(child, "exit", { signal: AbortSignal.timeout(LEAVES_WITHIN_MS) });
  assert.equal(code, 0, `${name} ended with ${code}`);
  say(`${name}: left ${Date.now() - asked} ms after SIGTERM`);
}
