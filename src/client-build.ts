/** `npm run build`: the web page, made by Vite from `client/` into `client/dist`, where that is not
 * up to date. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { CLIENT_DIST } from "./base/config.ts";

const ROOT = resolve(import.meta.dirname, "..");
/** What the page is made of; of the packages the lock file tells the versions. */
const SOURCES = ["client/*.*", "client/{api,app}/**/*.*"];
const VITE = "node_modules/vite/bin/vite.js";
const LOCK_FILE = "package-lock.json";
const THIS_FILE = "src/client-build.ts";
/** What is text; pictures and fonts are compressed already. */
const COMPRESSIBLE = new Set([".html", ".js", ".css", ".svg", ".json", ".txt", ".webmanifest"]);
/** Below this the answer fits into one packet anyway. */
const SMALL_BYTES = 500;
/** Tells what a build was made of; written last, so that half a build has none. */
const MARKER = ".built-from";

/** Builds the page unless that was done from the very same sources.
 * @param say is told when there is something to do. @throws Error with what Vite finds wrong. */
export async function buildClient(say: (line: string) => void): Promise<void> {
  const sources = fingerprint();
  if (builtFrom() === sources) return;
  say("Web page: building …");
  // Beside the old build until it is whole: a running service goes on serving that one.
  const outDir = join(ROOT, ".cache", `client-${process.pid}`);
  try {
    await runVite(outDir);
    await compressFiles(outDir);
    await writeFile(join(outDir, MARKER), sources);
    replace(CLIENT_DIST, outDir);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

/** In a process of its own: Vite sets NODE_ENV, and whoever is started after the build would take
 * this for production. */
async function runVite(outDir: string): Promise<void> {
  const args = ["build", "client", "--outDir", outDir, "--emptyOutDir", "--logLevel", "warn"];
  try {
    await promisify(execFile)(process.execPath, [VITE, ...args], { cwd: ROOT });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`The web page could not be built:\n${stderr || message}`);
  }
}

/** Puts `x.js.gz` beside `x.js`, so that nobody need compress it for each visitor: neither nginx
 * (`gzip_static`), nor the service itself. */
async function compressFiles(dir: string): Promise<void> {
  const compress = promisify(gzip);
  const files = globSync("**/*", { cwd: dir }).filter((file) => COMPRESSIBLE.has(extname(file)));
  await Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(join(dir, file));
      if (bytes.length < SMALL_BYTES) return;
      const level = constants.Z_BEST_COMPRESSION;
      await writeFile(join(dir, `${file}.gz`), await compress(bytes, { level }));
    }),
  );
}

function fingerprint(): string {
  const hash = createHash("sha256");
  for (const file of [...globSync(SOURCES, { cwd: ROOT }).sort(), LOCK_FILE, THIS_FILE]) {
    hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest("hex");
}

function builtFrom(): string | undefined {
  const marker = join(CLIENT_DIST, MARKER);
  return existsSync(marker) ? readFileSync(marker, "utf8") : undefined;
}

function replace(folder: string, by: string): void {
  const old = `${by}-old`;
  mkdirSync(folder, { recursive: true });
  renameSync(folder, old);
  renameSync(by, folder);
  rmSync(old, { recursive: true, force: true });
}

if (import.meta.main) {
  let hasBuilt = false;
  await buildClient((line) => {
    hasBuilt = true;
    console.log(line);
  });
  console.log(`Web page: ${hasBuilt ? "built" : "up to date"} in ${CLIENT_DIST}`);
}
