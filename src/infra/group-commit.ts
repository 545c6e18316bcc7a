/**
 * Group commit: while one batch is on its way to the database, what arrives waits together and
 * goes as the next one. A batch costs one round trip and one flush of the write-ahead log, so
 * under load many small writes share what each would have paid alone; without load nothing waits.
 * (The technique of DeWitt et al., SIGMOD 1984, here on the client's side.)
 */
interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

export interface GroupCommitOptions<Item, Result> {
  /** Writes a batch; the results are in the order of the items. */
  commit: (items: Item[]) => Promise<Result[]>;
  /** Two items of one batch never have the same key: the second waits for the next batch. */
  key: (item: Item) => string;
  maxBatch: number;
  /** How many batches may be on their way at once. */
  inFlight: number;
}

export class GroupCommit<Item, Result> {
  readonly #options: GroupCommitOptions<Item, Result>;
  #queue: Waiting<Item, Result>[] = [];
  #running = 0;
  #scheduled = false;

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options;
  }

  /** Resolves when the item is committed; rejects with what its batch failed with. */
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
      const results = await this.#options.commit(batch.map(({ item }) => item));
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
      const key = this.#options.key(waiting.item);
      if (batch.length < this.#options.maxBatch && !keys.has(key)) batch.push(waiting);
      else rest.push(waiting);
      keys.add(key);
    }
    this.#queue = rest;
    return batch;
  }
}
