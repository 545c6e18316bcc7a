/**
 * A list of tweets, page by page: a feed, or one person's tweets.
 *
 * What arrives while it is read waits (`waiting`) and moves nothing; `showWaiting` puts it on top.
 */
import { computed, shallowRef } from "vue";
import type { FeedPage } from "../api/rest.ts";
import type { TweetStore } from "./tweet-store.ts";

/** Of more than these that wait, the list is read anew when they are wanted. */
const MOST_WAITING = 200;

export class TweetList {
  readonly ids = shallowRef<readonly number[]>([]);
  /** The newest first. */
  readonly waiting = shallowRef<readonly number[]>([]);
  readonly isReading = shallowRef(false);
  /** Why the last reading failed. */
  readonly problem = shallowRef<unknown>();
  readonly #cursor = shallowRef<string | undefined>();
  /** Read at least once, so that an empty list means that there is nothing. */
  readonly isRead = shallowRef(false);
  readonly hasMore = computed(() => this.#cursor.value !== undefined);
  /** Whose tweets these are, when they are one person's. */
  authorId: number | undefined;
  /** No longer what the server would answer; read anew when it is shown. */
  isStale = true;
  isShown = false;
  readonly #tweets: TweetStore;
  readonly #read: (cursor: string | undefined) => Promise<FeedPage>;
  readonly #endSubscription: () => void;
  #generation = 0;

  constructor(tweets: TweetStore, read: (cursor: string | undefined) => Promise<FeedPage>) {
    this.#tweets = tweets;
    this.#read = read;
    this.#endSubscription = tweets.known.subscribe((id, tweet) => {
      if (!tweet) this.#leave(id);
    });
  }

  /** Hears of nothing any more. */
  close(): void {
    this.#endSubscription();
  }

  /** Everything that it holds. */
  *all(): Iterable<number> {
    yield* this.ids.value;
    yield* this.waiting.value;
  }

  /** From the first page; what is shown stays until that is there.
   * @throws ApiError, Offline; `problem` tells it, too. */
  async load(): Promise<void> {
    this.#generation += 1;
    const before = new Set(this.waiting.value);
    this.isStale = false;
    try {
      await this.#page(undefined, (ids) => {
        const shown = new Set(ids);
        this.waiting.value = this.waiting.value.filter((id) => !before.has(id) && !shown.has(id));
        return ids;
      });
    } catch (error) {
      this.isStale = true;
      throw error;
    }
  }

  /** The next page, unless one is being read. */
  async more(): Promise<void> {
    if (this.isReading.value || this.#cursor.value === undefined) return;
    await this.#page(this.#cursor.value, (ids) => {
      const known = new Set(this.all());
      return [...this.ids.value, ...ids.filter((id) => !known.has(id))];
    });
  }

  arrive(id: number): void {
    // What was never read has nothing to wait behind: its first page will have it.
    if (!this.isRead.value && !this.isReading.value) return;
    if (this.ids.value.includes(id) || this.waiting.value.includes(id)) return;
    this.waiting.value = [id, ...this.waiting.value];
  }

  /** @returns once what waited is on top. */
  async showWaiting(): Promise<void> {
    if (this.waiting.value.length > MOST_WAITING) {
      await this.load();
      return;
    }
    const ids = this.waiting.value;
    this.waiting.value = [];
    this.ids.value = [...ids, ...this.ids.value];
  }

  prepend(id: number): void {
    this.waiting.value = this.waiting.value.filter((each) => each !== id);
    if (this.isRead.value && !this.ids.value.includes(id)) this.ids.value = [id, ...this.ids.value];
  }

  #leave(id: number): void {
    for (const ids of [this.ids, this.waiting]) {
      if (ids.value.includes(id)) ids.value = ids.value.filter((each) => each !== id);
    }
  }

  async #page(
    cursor: string | undefined,
    join: (ids: number[]) => readonly number[],
  ): Promise<void> {
    const generation = this.#generation;
    this.isReading.value = true;
    this.problem.value = undefined;
    try {
      let next: string | undefined;
      const tweets = await this.#tweets.known.load(async () => {
        const page = await this.#read(cursor);
        next = page.nextCursor;
        return page.tweets;
      });
      if (this.#generation !== generation) return;
      this.ids.value = join(tweets.map(({ id }) => id));
      this.#cursor.value = next;
      this.isRead.value = true;
    } catch (error) {
      if (this.#generation === generation) this.problem.value = error;
      throw error;
    } finally {
      if (this.#generation === generation) this.isReading.value = false;
    }
  }
}
