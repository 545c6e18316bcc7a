/** Finds the program of the embedded Redis, and installs it where that is a matter of course. */
import { installDebianPackage, programsNamed, runProgram } from "./debian-package.ts";

/** Sharded pub/sub and functions came with Redis 7; every Valkey has them. */
const OLDEST = 7;
const PROGRAMS = ["redis-server", "valkey-server"];

type Options = { readonly log: (line: string) => void };

/** The path of a `redis-server` or `valkey-server`, version 7 or newer. On Debian and Ubuntu it is
 * installed by apt-get when we are root or sudo asks for no password.
 * @throws Error with the one thing to do. */
export async function findRedisProgram({ log }: Options): Promise<string> {
  const tooOld: string[] = [];
  const install = () => installDebianPackage("redis-server", log);
  const found = (await usable(tooOld)) ?? ((await install()) && (await usable(tooOld)));
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
  for (const path of programsNamed(PROGRAMS)) {
    const { output } = await runProgram(path, ["--version"]);
    // "Redis server v=7.0.15 sha=…", "Valkey server v=8.0.1 sha=…"
    const version = output.match(/ v=(\d+)[\d.]*/);
    if (version && Number(version[1]) >= OLDEST) return path;
    if (version) tooOld.push(`${path} is version ${version[0].slice(3)}`);
  }
  return undefined;
}
