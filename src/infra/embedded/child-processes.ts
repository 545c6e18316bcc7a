/** Child processes that live as long as this one wants them to: started, watched, started again
 * after a crash, and gone when this process is gone. */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { StopStep } from "./processes.ts";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** Who ran this long has not crashed "again". */
const STEADY_MS = 30_000;

type Options = {
  /** What the lines of `log` call it. */
  readonly name: string;
  /** Starts the process; it must lead a group of its own (`detached: true`), so that a terminal's
   * Ctrl-C reaches us only and we end things in order. */
  readonly start: () => ChildProcess;
  /** Resolves when the process serves; called once, for its first life. The signal says that nobody
   * waits any more. */
  readonly untilReady?: (child: ChildProcess, signal: AbortSignal) => Promise<void>;
  /** How many lives may end before `untilReady`; default 1. */
  readonly attempts?: number;
  /** How to stop it: step by step, then by SIGKILL. */
  readonly stopSteps: readonly StopStep[];
  readonly hurrySignal?: NodeJS.Signals;
  /** For a program that cannot notice by itself that we are gone: the signal it is sent then. */
  readonly orphanSignal?: NodeJS.Signals;
  readonly log: (line: string) => void;
};

export class KeptProcess {
  /** Rejects when the process ends too often before it serves, or is stopped before. */
  readonly ready: Promise<void>;
  readonly #options: Options;
  #child: ChildProcess | undefined;
  #gone: Promise<unknown> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  #failures = 0;
  #served = false;
  #stopping: Promise<void> | undefined;
  readonly #waiting = new AbortController();

  constructor(options: Options) {
    this.#options = options;
    this.ready = new Promise((resolve, reject) => {
      this.#waiting.signal.addEventListener("abort", () => reject(this.#waiting.signal.reason));
      const serve = (): void => {
        this.#served = true;
        resolve();
      };
      this.#run();
      const child = this.#child;
      const untilReady = options.untilReady;
      if (untilReady === undefined || child === undefined) serve();
      else untilReady(child, this.#waiting.signal).then(serve, reject);
    });
    // Whoever stops the process may never have waited for it.
    this.ready.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  #run(): void {
    const startedAt = Date.now();
    const child = this.#options.start();
    this.#child = child;
    const { orphanSignal, name } = this.#options;
    const guard =
      orphanSignal && child.pid !== undefined ? endAfterUs(child.pid, orphanSignal) : undefined;
    this.#gone = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    }).then((reason) => {
      this.#child = undefined;
      guard?.kill("SIGKILL");
      if (this.#stopping) return;
      if (Date.now() - startedAt > STEADY_MS) this.#failures = 0;
      this.#failures += 1;
      if (!this.#served && this.#failures >= (this.#options.attempts ?? 1)) {
        this.#waiting.abort(new Error(`${name} ended before it was ready (${reason})`));
        return;
      }
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), LONGEST_PAUSE_MS);
      this.#options.log(`${name} ended (${reason}): starting it again in ${pause / 1000} s`);
      this.#restart = setTimeout(() => this.#run(), pause);
    });
  }

  /** Idempotent. With `hurry`, also while a slower stop is under way, it ends at once.
   * Resolves when the process is gone. */
  stop(hurry = false): Promise<void> {
    this.#stopping ??= this.#stop(hurry);
    if (hurry) this.#signal(this.#options.hurrySignal ?? "SIGKILL");
    return this.#stopping;
  }

  async #stop(hurry: boolean): Promise<void> {
    clearTimeout(this.#restart);
    this.#waiting.abort(new Error(`${this.#options.name} was stopped`));
    const steps = hurry ? [] : this.#options.stopSteps;
    for (const { signal, waitMs } of steps) {
      this.#signal(signal);
      if (await settles(this.#gone, waitMs)) return;
    }
    if (hurry && (await settles(this.#gone, 1000))) return;
    this.#signal("SIGKILL");
    await this.#gone;
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      // SIGKILL takes the whole group along; other signals are the leader's to act on.
      process.kill(signal === "SIGKILL" ? -pid : pid, signal);
    } catch {
      // It has just ended by itself.
    }
  }
}

async function settles(promise: Promise<unknown>, withinMs: number): Promise<boolean> {
  const timeout = new AbortController();
  const late = sleep(withinMs, false, { signal: timeout.signal }).catch(() => false);
  const settled = await Promise.race([promise.then(() => true), late]);
  timeout.abort();
  return settled;
}

/** A shell that waits for the end of a pipe which only this process holds open. When we are gone,
 * even by SIGKILL, it gives our other children three seconds to finish with the server and then
 * ends that as well. */
function endAfterUs(pid: number, signal: NodeJS.Signals): ChildProcess {
  const script = 'read -r _; sleep 3; kill -s "$2" "$1" 2>/dev/null';
  const guard = spawn("/bin/sh", ["-c", script, "guard", String(pid), signal.slice(3)], {
    detached: true,
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  guard.on("error", () => {});
  (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return guard;
}
