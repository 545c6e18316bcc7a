/** The wish that like counts be published, gathered: many likes, few jobs. */
import type { JobAdder } from "../infra/queues.ts";

/** Like counts are told at most ten times a second for one tweet (CONTRACT, part 3). */
const LIKES_INTERVAL_MS = 100;

/**
 * Asks the workers to publish like counts. However many likes there are, a process asks at most
 * twice an interval; and of all processes' wishes one job waits at a time. While that job runs, one
 * more is kept, so the last like is always told.
 */
export class ScoringRequests {
  readonly #jobs: JobAdder;
  #current: Promise<void> | undefined;
  #last: Promise<void> | undefined;

  constructor(jobs: JobAdder) {
    this.#jobs = jobs;
  }

  /** Resolves when a job that begins after this call is queued. */
  request(): Promise<void> {
    this.#current ??= new Promise<void>((resolve, reject) => {
      setTimeout(() => {
        this.#current = undefined;
        this.#add().then(resolve, reject);
      }, LIKES_INTERVAL_MS / 4);
    });
    this.#last = this.#current;
    return this.#current;
  }

  /** Resolves when nothing waits to be asked for any more. */
  async settle(): Promise<void> {
    await this.#last?.catch(() => undefined);
  }

  #add(): Promise<void> {
    return this.#jobs.add(
      "scores",
      "score-tweets",
      {},
      {
        delay: LIKES_INTERVAL_MS,
        deduplication: { id: "score-tweets", keepLastIfActive: true },
        removeOnComplete: true,
      },
    );
  }
}
