/** Says from time to time how far something is, and at its end how much it was. */
const EVERY_MS = 3000;

export class Progress {
  readonly #what: string;
  readonly #unit: string;
  readonly #say: (line: string) => void;
  #count = 0;
  #bytes = 0;
  #saidAt = Date.now();

  /** @param what is done, `Pictures` @param unit is counted, `files` */
  constructor(what: string, unit: string, say: (line: string) => void) {
    this.#what = what;
    this.#unit = unit;
    this.#say = say;
  }

  add(bytes: number): void {
    this.#count += 1;
    this.#bytes += bytes;
    if (Date.now() - this.#saidAt < EVERY_MS) return;
    this.#saidAt = Date.now();
    this.#say(`${this.#line()} so far`);
  }

  /** @returns how many were added. */
  end(): number {
    this.#say(this.#line());
    return this.#count;
  }

  #line = (): string =>
    `${this.#what}: ${this.#count} ${this.#unit}, ${(this.#bytes / 1e6).toFixed(1)} MB`;
}
