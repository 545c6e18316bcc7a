/** What `npm start` runs, for tests. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const START = fileURLToPath(new URL("../src/start.ts", import.meta.url));

/** `src/start.ts` as a process; it needs no setting but where to keep its data. */
export class Start {
  readonly child: ChildProcess;
  output = "";
  readonly ended: Promise<[number | null, NodeJS.Signals | null]>;

  constructor(dataDir: string, settings: Record<string, string> = {}) {
    const env = {
      ...process.env,
      DATA_DIR: dataDir,
      PORT: "0",
      METRICS_PORT: "0",
      ADMIN_PORT: "0",
      ...settings,
    };
    for (const name of ["DATABASE_URL", "REDIS_URL"]) Reflect.deleteProperty(env, name);
    this.child = spawn(process.execPath, [START], {
      stdio: ["ignore", "pipe", "pipe"],
      env,
    });
    this.ended = once(this.child, "exit") as typeof this.ended;
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk) => {
        this.output += chunk;
      });
    }
  }

  get pid(): number {
    return this.child.pid ?? assert.fail("it was not started");
  }

  /** The address that it prints when everything serves. */
  async url(): Promise<string> {
    for (;;) {
      const url = this.output.match(/Warble is ready: (\S+)/)?.[1];
      if (url !== undefined) return url;
      if (this.child.exitCode !== null) assert.fail(`it ended:\n${this.output}`);
      await sleep(50);
    }
  }
}
