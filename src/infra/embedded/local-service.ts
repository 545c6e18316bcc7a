/** The parts of a service that runs on one machine in one go, and the order of their end: first
 * what serves, then the stores under it, then what was claimed. */

/** `hurry` cuts off even a stop under way. Idempotent. */
export type Part = { stop(hurry?: boolean): Promise<void> };

/** Whatever hangs, the end comes this soon after it was asked for. */
const STOP_TIMEOUT_MS = 9500;

/** The stop came while something was being started. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

export class LocalService {
  readonly #stores: Part[] = [];
  readonly #programs: Part[] = [];
  readonly #releases: (() => void)[] = [];
  #stopping: Promise<void> | undefined;
  #hurried = false;
  #programsGone = false;

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** To be undone at the very end, the last first. */
  addRelease(release: () => void): void {
    this.#releases.push(release);
  }

  addProgram(program: Part): void {
    this.#programs.push(program);
  }

  /** Waits for a store that is being started; it is stopped even when the stop comes before it is
   * there. */
  async addStore<T extends Part>(starting: Promise<T>): Promise<T> {
    const stop = (hurry?: boolean): Promise<void> =>
      starting.then(
        (started) => started.stop(hurry),
        () => {},
      );
    this.#stores.push({ stop });
    return this.goOn(starting);
  }

  /** What the step answers.
   * @throws Interrupted when the stop was asked for meanwhile; what the step threw otherwise. */
  async goOn<T>(step: Promise<T>): Promise<T> {
    try {
      const result = await step;
      if (this.#stopping === undefined) return result;
    } catch (error) {
      if (this.#stopping === undefined) throw error;
    }
    throw new Interrupted();
  }

  /** Idempotent; resolves when nothing is left running. */
  stop(hurry = false): Promise<void> {
    if (hurry) {
      this.#hurried = true;
      for (const program of this.#programs) void program.stop(true);
      // The stores follow by themselves, once the programs are gone, unless it is their turn.
      if (this.#programsGone) for (const store of this.#stores) void store.stop(true);
    }
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    // What is left then goes by itself: programs leave with their channel to us, stores are ended
    // by their guards.
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    await Promise.allSettled(this.#programs.map((program) => program.stop(this.#hurried)));
    this.#programsGone = true;
    await Promise.allSettled(this.#stores.map((store) => store.stop(this.#hurried)));
    for (const release of this.#releases.toReversed()) release();
  }
}
