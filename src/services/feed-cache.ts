/** Finished answers and candidates of the readers that this process serves, bounded in bytes. */
import { LRUCache } from "lru-cache";
import type { ChangeClock } from "../infra/change-clock.ts";

interface Answer {
  stamp: number;
  body: Buffer;
}

export interface ReaderView {
  /** The clock's time before the candidates were loaded. */
  stamp: number;
  readerId: number;
  /** The followed and the reader: whose changes can change this feed. */
  authors: number[];
  /** Candidates, newest first. */
  ids: number[];
  full: boolean;
  /** By what tells them apart; see `FeedAnswers.read`. */
  answers: Map<string, Answer>;
}

/** What a view costs beside its answers: two arrays of small integers, and a few objects. */
const viewBytes = (view: ReaderView): number => {
  let bytes = 500 + 8 * (view.ids.length + view.authors.length);
  for (const { body } of view.answers.values()) bytes += 200 + body.length;
  return bytes;
};

/** A reader who turns many different pages does not push out all the others. */
const MAX_ANSWERS = 50;

export class FeedCache {
  readonly #clock: ChangeClock;
  readonly #views: LRUCache<number, ReaderView> | undefined;

  /** @param maxBytes 0 switches the cache off. */
  constructor(clock: ChangeClock, maxBytes: number) {
    this.#clock = clock;
    if (maxBytes > 0) {
      this.#views = new LRUCache({ maxSize: maxBytes, sizeCalculation: viewBytes });
    }
  }

  /** What is kept, by the cache's own count. */
  get bytes(): number {
    return this.#views?.calculatedSize ?? 0;
  }

  view(readerId: number): ReaderView | undefined {
    return this.#views?.get(readerId);
  }

  /** The kept answer, if nothing that it shows has changed. Found fresh, it is stamped with the
   * present time, so that it is not checked again before the clock moves on. */
  answer(view: ReaderView, key: string): Buffer | undefined {
    const answer = view.answers.get(key);
    if (!answer) return undefined;
    const { stamp, body } = answer;
    const fresh =
      this.#clock.isFresh(stamp, "user", view.readerId) &&
      this.#clock.areFresh(stamp, "author", view.authors) &&
      this.#clock.areFresh(stamp, "reactions", view.authors);
    if (!fresh) return undefined;
    answer.stamp = this.#clock.now;
    return body;
  }

  /** Whether the candidates still are what the store would say. */
  hasFreshCandidates(view: ReaderView): boolean {
    return (
      this.#clock.isFresh(view.stamp, "user", view.readerId) &&
      this.#clock.areFresh(view.stamp, "author", view.authors)
    );
  }

  /** Keeps an answer made from `view`. An answer that a change has overtaken is kept harmlessly:
   * its stamp is older than the change. */
  keep(readerId: number, view: ReaderView, key: string, answer: Answer): void {
    if (!this.#clock.trusted || !this.#views) return;
    if (view.answers.size >= MAX_ANSWERS) view.answers.clear();
    view.answers.set(key, answer);
    const known = this.#views.get(readerId);
    // A load that began earlier must not replace what a later one found.
    if (known && known !== view && known.stamp > view.stamp) return;
    this.#views.delete(readerId); // sizes are taken at `set` of a new entry
    this.#views.set(readerId, view);
  }
}
