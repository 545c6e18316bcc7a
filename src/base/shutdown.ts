/** An orderly end: what was opened last is closed first, once, and each within its time. */
import type { Log } from "./log.ts";

const STEP_TIMEOUT_MS = 6000;
/** All steps together: who asked for the end kills after ten seconds. */
const TIMEOUT_MS = 8500;

export class Shutdown {
  readonly #steps: { name: string; close: () => unknown }[] = [];
  readonly #log: Log;
  #running: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Adds what is to be closed; closing goes backwards through what was added. */
  add(name: string, close: () => unknown): void {
    this.#steps.push({ name, close });
  }

  /** Idempotent: a second call waits for the first. A step that hangs or fails is logged and left. */
  run(): Promise<void> {
    this.#running ??= this.#closeAll();
    return this.#running;
  }

  async #closeAll(): Promise<void> {
    const deadline = Date.now() + TIMEOUT_MS;
    // By then only what nobody closes can hold the process.
    setTimeout(() => process.exit(1), TIMEOUT_MS + 500).unref();
    for (const { name, close } of this.#steps.toReversed()) {
      const withinMs = Math.max(0, Math.min(STEP_TIMEOUT_MS, deadline - Date.now()));
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error("took too long")), withinMs);
      });
      try {
        await Promise.race([close(), late]);
      } catch (error) {
        this.#log.warn({ err: error, step: name }, "a part did not close");
      } finally {
        clearTimeout(timer);
      }
    }
  }

  /** Ends the process in order on SIGINT, SIGTERM, or when the parent that opened an IPC channel
   * is gone; the exit code is 0, and no `process.exit` cuts off what is still being written. */
  onSignals(): void {
    const stop = () => void this.run().then(() => process.connected && process.disconnect());
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
    if (process.connected) process.once("disconnect", stop);
  }
}
