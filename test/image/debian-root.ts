/** Debian 13 in a directory, with Node 24: what the image `node:24-trixie-slim` is, as far as it
 * matters here. And how something is run in such a directory. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installDebianPackage, programsNamed } from "../../src/infra/embedded/debian-package.ts";

const SUITE = "trixie";
const MIRROR = "http://deb.debian.org/debian";
const NODE = { package: `node-linux-${process.arch}`, version: "24" };
const NPM = "npm@11";
/** As in the image. */
const NODE_UID = 1000;
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** Runs a program to its end, and shows what it says when it fails. @throws Error when it fails. */
export async function run(command: string, args: string[], options: SpawnOptions = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`);
  return output;
}

/** Makes the root of the image in `dir`, where it is not there yet from an earlier time. */
export async function makeBaseImage(dir: string, say: (line: string) => void): Promise<string> {
  const root = join(dir, "debian");
  const done = join(dir, "debian.complete");
  if (existsSync(done)) return root;
  rmSync(root, { recursive: true, force: true });
  if (programsNamed(["debootstrap"]).length === 0) await installDebianPackage("debootstrap", say);
  say(`Debian 13 (${SUITE}) by debootstrap …`);
  await run("debootstrap", ["--variant=minbase", SUITE, root, MIRROR]);
  say(`Node ${NODE.version} and npm from the registry …`);
  const fetched = join(dir, "fetched");
  mkdirSync(fetched, { recursive: true });
  const packages = [`${NODE.package}@${NODE.version}`, NPM];
  const options = ["--prefix", fetched, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", ["install", ...options, ...packages]);
  copyFileSync(
    join(fetched, "node_modules", NODE.package, "bin/node"),
    join(root, "usr/local/bin/node"),
  );
  cpSync(join(fetched, "node_modules/npm"), join(root, "usr/local/lib/npm"), { recursive: true });
  await run("ln", ["-s", "../lib/npm/bin/npm-cli.js", join(root, "usr/local/bin/npm")]);
  await run("chroot", [root, "useradd", "--uid", `${NODE_UID}`, "--create-home", "node"]);
  writeFileSync(done, "");
  return root;
}

/** What the steps of a build need of the machine: names of hosts, and whom TLS trusts. */
export function lendNetwork(root: string): void {
  copyFileSync("/etc/resolv.conf", join(root, "etc/resolv.conf"));
  if (!existsSync(CERTIFICATES)) return;
  mkdirSync(join(root, "etc/ssl/certs"), { recursive: true });
  copyFileSync(CERTIFICATES, join(root, CERTIFICATES));
}

export interface Inside {
  root: string;
  workdir: string;
  env: Record<string, string>;
  /** As in USER; absent: root. */
  user?: string | undefined;
  /** Directories of the machine, by where they are seen inside. */
  mounts?: Record<string, string>;
  /** The root is read-only, /tmp is in memory, and there are no capabilities, as Compose has it. */
  hardened?: boolean;
}

/** Starts a program inside, in a mount namespace of its own. Signals reach it directly. */
export function startInside(
  inside: Inside,
  command: string[],
  options: SpawnOptions = {},
): ChildProcess {
  const { root, workdir, user, mounts = {}, hardened = false } = inside;
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/tmp", ...inside.env };
  const prepare = [
    'mount --bind "$ROOT" "$ROOT"',
    'mount -t proc proc "$ROOT/proc"',
    ...(hardened ? ['mount -t tmpfs -o size=64m,mode=1777 tmpfs "$ROOT/tmp"'] : []),
    ...Object.entries(mounts).map(([to, from]) => `mount --bind '${from}' "$ROOT${to}"`),
    ...(hardened ? ['mount -o remount,bind,ro "$ROOT"'] : []),
    'exec chroot "$ROOT" "$@"',
  ];
  const as = user === undefined ? [] : ["--reuid", user, "--regid", user, "--init-groups"];
  const without = hardened ? ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"] : [];
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const within = [
    "setpriv",
    ...as,
    ...without,
    "env",
    "-i",
    "-C",
    workdir,
    ...variables,
    ...command,
  ];
  return spawn("unshare", ["--mount", "sh", "-ec", prepare.join("\n"), "sh", ...within], {
    env: { PATH: process.env.PATH, ROOT: root },
    ...options,
  });
}

/** Runs a program inside to its end. @throws Error with all that it said when it fails. */
export async function runInside(inside: Inside, command: string[]): Promise<string> {
  const child = startInside(inside, command, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${output}`);
  return output;
}
