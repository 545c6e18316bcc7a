/**
 * Requests that wait together go together: while one batch is on its way to the database, what
 * arrives is gathered and goes as the next one. Without load nothing waits; under load a round trip
 * is shared by many.
 *
 * For writes this is group commit (DeWitt et al., SIGMOD 1984, here on the client's side): a batch
 * costs one flush of the write-ahead log. For reads, those who ask for much the same ask once.
 */
interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

export interface BatchOptions<Item, Result> {
  /** Does a batch; the results are in the order of the items. */
  run: (items: Item[]) => Promise<Result[]>;
  /** Two items of one batch never have the same key: the second waits for the next batch. */
  key?: (item: Item) => string;
  maxBatch: number;
  /** How many batches may be on their way at once. */
  inFlight: number;
}

export class Batches<Item, Result> {
  readonly #options: BatchOptions<Item, Result>;
  #queue: Waiting<Item, Result>[] = [];
  #running = 0;
  #scheduled = false;

  constructor(options: BatchOptions<Item, Result>) {
    this.#options = options;
  }

  /** The item's result; rejects with what its batch failed with. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** Begins after the requests of this turn of the event loop have been read. */
  #schedule(): void {
    if (this.#scheduled || this.#running >= this.#options.inFlight) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    const batch = this.#take();
    if (batch.length === 0) return;
    this.#running += 1;
    if (this.#queue.length > 0) this.#schedule();
    try {
      const results = await this.#options.run(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, i) => {
        resolve(results[i] as Result);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running -= 1;
      if (this.#queue.length > 0) this.#schedule();
    }
  }

  #take(): Waiting<Item, Result>[] {
    const keys = new Set<string>();
    const batch: Waiting<Item, Result>[] = [];
    const rest: Waiting<Item, Result>[] = [];
    for (const waiting of this.#queue) {
      const key = this.#options.key?.(waiting.item);
      const goes = batch.length < this.#options.maxBatch && (key === undefined || !keys.has(key));
      (goes ? batch : rest).push(waiting);
      if (key !== undefined) keys.add(key);
    }
    this.#queue = rest;
    return batch;
  }
}
