/** Finds the program of the embedded Redis, and installs it where that is a matter of course. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Sharded pub/sub and functions came with Redis 7; every Valkey has them. */
const OLDEST = 7;
const PROGRAMS = ["redis-server", "valkey-server"];
/** On many systems servers are installed where an ordinary user's PATH does not look. */
const MORE_PLACES = ["/usr/bin", "/usr/local/bin", "/usr/sbin", "/opt/homebrew/bin"];

type Options = { readonly log: (line: string) => void };

/** The path of a `redis-server` or `valkey-server`, version 7 or newer. On Debian and Ubuntu it is
 * installed by apt-get when we are root or sudo asks for no password.
 * @throws Error with the one thing to do. */
export async function findRedisProgram({ log }: Options): Promise<string> {
  const tooOld: string[] = [];
  const found = (await usable(tooOld)) ?? ((await installByApt(log)) && (await usable(tooOld)));
  if (found) return found;
  if (tooOld.length > 0) {
    throw new Error(
      `${tooOld.join(", ")}: Warble needs Redis ${OLDEST} or newer. ` +
        "Install a newer redis-server or valkey-server, or set REDIS_URL.",
    );
  }
  throw new Error(
    process.platform === "darwin"
      ? "There is no redis-server: install it by `brew install redis`, or set REDIS_URL."
      : "There is no redis-server: install redis-server or valkey-server, version 7 or newer, " +
          "or set REDIS_URL.",
  );
}

async function usable(tooOld: string[]): Promise<string | undefined> {
  tooOld.length = 0;
  const places = [...(process.env.PATH ?? "").split(delimiter), ...MORE_PLACES].filter(Boolean);
  for (const path of new Set(PROGRAMS.flatMap((name) => places.map((dir) => join(dir, name))))) {
    if (!isExecutable(path)) continue;
    const { output } = await run(path, ["--version"]);
    // "Redis server v=7.0.15 sha=…", "Valkey server v=8.0.1 sha=…"
    const version = output.match(/ v=(\d+)[\d.]*/);
    if (version && Number(version[1]) >= OLDEST) return path;
    if (version) tooOld.push(`${path} is version ${version[0].slice(3)}`);
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Answers whether the package is there now. A failure is told with apt's own words. */
async function installByApt(log: (line: string) => void): Promise<boolean> {
  if (!existsSync("/usr/bin/apt-get")) return false;
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (asRoot.length > 0 && (await run("sudo", ["-n", "true"])).code !== 0) return false;
  log("There is no redis-server: installing Debian's package (apt-get install redis-server) …");
  const [program = "env", ...rest] = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive"];
  const apt = (...args: string[]) => run(program, [...rest, "apt-get", "-q", "-y", ...args]);
  const install = () => apt("install", "--no-install-recommends", "redis-server");
  // A new machine has no package lists yet, an old one stale ones.
  let result = await install();
  if (result.code !== 0) {
    await apt("update");
    result = await install();
  }
  if (result.code === 0) return true;
  throw new Error(`apt-get install redis-server failed:\n${result.output.trim()}`);
}

/** Runs a program to its end. One that cannot be started counts as failed. */
async function run(command: string, args: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  try {
    const [code] = await once(child, "close");
    return { code: code ?? 1, output };
  } catch (error) {
    return { code: 127, output: (error as Error).message };
  }
}
