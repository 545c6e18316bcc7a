/** What has begun and not ended, counted, so that an orderly end can wait for it. */
export class InFlight {
  #running = 0;
  readonly #waiting = new Set<() => void>();

  begin(): void {
    this.#running += 1;
  }

  end(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    for (const resolve of this.#waiting) resolve();
  }

  /** Resolves when nothing runs, or when the time is up. @returns how many still run. */
  async settle(withinMs: number): Promise<number> {
    if (this.#running === 0) return 0;
    await new Promise<void>((resolve) => {
      const over = () => {
        clearTimeout(timer);
        this.#waiting.delete(over);
        resolve();
      };
      const timer = setTimeout(over, withinMs);
      this.#waiting.add(over);
    });
    return this.#running;
  }
}
