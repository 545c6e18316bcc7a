/** The real nginx for tests, with the repository's own configuration; only `local/`, which differs
 * from one installation to another, has this machine's ports. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CLIENT_DIST } from "../../src/base/config.ts";
import { installDebianPackage, programsNamed } from "../../src/infra/embedded/debian-package.ts";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { eventually } from "../service.ts";

const CONFIGURATION = fileURLToPath(new URL("../../nginx", import.meta.url));

export interface NginxOptions {
  /** Ports of the API processes. */
  apis: number[];
  /** Port of the workers' dashboard. */
  workers?: number;
  /** The service's `DATA_DIR`. */
  dataDir: string;
  /** Instead of `local/limits.conf`. */
  limits?: string;
}

export class Nginx {
  readonly url: string;
  readonly #dir: string;
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;

  private constructor(url: string, dir: string, child: ChildProcess) {
    this.url = url;
    this.#dir = dir;
    this.#child = child;
    this.#gone = once(child, "exit");
  }

  static async start({ apis, workers = 1, dataDir, limits }: NginxOptions): Promise<Nginx> {
    const program = await findNginx();
    const dir = mkdtempSync(join(tmpdir(), "warble-nginx-"));
    const port = await freePort();
    const local = join(dir, "conf/local");
    mkdirSync(local, { recursive: true });
    mkdirSync(join(dir, "tmp"));
    symlinkSync(CLIENT_DIST, join(dir, "client"));
    symlinkSync(join(dataDir, "media"), join(dir, "media"));
    for (const name of readdirSync(CONFIGURATION)) {
      if (name !== "local") symlinkSync(join(CONFIGURATION, name), join(dir, "conf", name));
    }
    const own: Record<string, string> = {
      "listen.conf": localFile("listen.conf").replace(/\b80\b/, `127.0.0.1:${port}`),
      "api.conf": serversLike(localFile("api.conf"), apis),
      "workers.conf": serversLike(localFile("workers.conf"), [workers]),
      ...(limits && { "limits.conf": limits }),
    };
    for (const name of readdirSync(join(CONFIGURATION, "local"))) {
      if (own[name] !== undefined) writeFileSync(join(local, name), own[name]);
      else symlinkSync(join(CONFIGURATION, "local", name), join(local, name));
    }
    // nginx opens /dev/stdout by its name, which works for files and not for Node's own pipes.
    const [out, err] = ["access.log", "error.log"].map((name) => openSync(join(dir, name), "a"));
    // Root's nginx would hand over to a user who may not enter the test's directories.
    const directives = `daemon off;${process.getuid?.() === 0 ? " user root;" : ""}`;
    const args = ["-p", dir, "-c", join(dir, "conf/nginx.conf"), "-e", "stderr", "-g", directives];
    const child = spawn(program, args, { stdio: ["ignore", out, err] });
    const nginx = new Nginx(`http://127.0.0.1:${port}`, dir, child);
    await eventually(async () => {
      assert.equal(child.exitCode, null, nginx.errors);
      await fetch(`${nginx.url}/index.html`);
    });
    return nginx;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** The access log. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON, whose shape the tests assert
  get requests(): any[] {
    const lines = readFileSync(join(this.#dir, "access.log"), "utf8").trim().split("\n");
    return lines.filter(Boolean).map((line) => JSON.parse(line));
  }

  /** What it warned of. */
  get errors(): string {
    return readFileSync(join(this.#dir, "error.log"), "utf8");
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.kill("SIGTERM");
      await this.#gone;
    }
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

const localFile = (name: string): string =>
  readFileSync(join(CONFIGURATION, "local", name), "utf8");

/** The same directives, for servers on this machine: without Docker's name service. */
function serversLike(text: string, ports: number[]): string {
  const line = /^server \S+:\d+ resolve (.*;)$/m.exec(text) ?? assert.fail(text);
  return ports.map((port) => `server 127.0.0.1:${port} ${line[1]}\n`).join("");
}

async function findNginx(): Promise<string> {
  const [found] = programsNamed(["nginx"]);
  if (found) return found;
  await installDebianPackage("nginx", console.log);
  return programsNamed(["nginx"])[0] ?? assert.fail("there is no nginx: install it");
}
