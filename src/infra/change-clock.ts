/**
 * When did which thing change? The one rule by which the process caches stay right.
 *
 * Whatever is loaded is stamped with the clock's time *before* the loading began, and is good for
 * as long as nothing that it depends on has been touched since. A touch costs O(1), whatever is
 * cached; a check costs one look for each thing depended on, and none at all while the clock
 * stands still. A change that arrives during a load makes the result stale, so loads need no locks.
 */
export type TopicKind =
  /** The person's follows, key or name. */
  | "user"
  /** The author wrote or deleted a tweet. */
  | "author"
  /** Likes or pictures of some tweet of the author. */
  | "reactions"
  /** Likes or pictures of the tweet. */
  | "tweet";

export type Topic = readonly [kind: TopicKind, id: number];

/** So many things of a kind are remembered one by one; beyond, the oldest half is folded into the
 * floor: what was loaded before the youngest of them is then taken for stale. */
const MAX_REMEMBERED = 50_000;

export class ChangeClock {
  #now = 1;
  /** Everything loaded at or before this is stale. */
  #floor = 1;
  #trusted = false;
  readonly #touched: Record<TopicKind, Map<number, number>> = {
    user: new Map(),
    author: new Map(),
    reactions: new Map(),
    tweet: new Map(),
  };

  /** The stamp for a load that begins now. */
  get now(): number {
    return this.#now;
  }

  /** Whether changes reach this process. While false, nothing cached is fresh. */
  get trusted(): boolean {
    return this.#trusted;
  }

  touch(kind: TopicKind, id: number): void {
    this.#now += 1;
    const touched = this.#touched[kind];
    touched.delete(id); // set anew, so that the map stays in the order of the touches
    touched.set(id, this.#now);
    if (touched.size > MAX_REMEMBERED) this.#forgetOldestHalf(touched);
  }

  /** Is what was loaded at `stamp` still good, as far as `id` of this kind goes? */
  isFresh(stamp: number, kind: TopicKind, id: number): boolean {
    if (!this.#trusted || stamp <= this.#floor) return false;
    if (stamp === this.#now) return true;
    const at = this.#touched[kind].get(id);
    return at === undefined || at <= stamp;
  }

  /** The same for many ids of one kind. */
  areFresh(stamp: number, kind: TopicKind, ids: Iterable<number>): boolean {
    if (!this.#trusted || stamp <= this.#floor) return false;
    if (stamp === this.#now) return true;
    const touched = this.#touched[kind];
    for (const id of ids) {
      const at = touched.get(id);
      if (at !== undefined && at > stamp) return false;
    }
    return true;
  }

  /** The process may have missed changes: nothing cached is used until `trust`. */
  distrust(): void {
    this.#trusted = false;
    this.dropEverything();
  }

  /** Changes arrive again: what is loaded from now on may be kept. */
  trust(): void {
    this.dropEverything();
    this.#trusted = true;
  }

  /** Makes all that has been loaded stale. */
  dropEverything(): void {
    this.#floor = this.#now;
    this.#now += 1;
    for (const touched of Object.values(this.#touched)) touched.clear();
  }

  #forgetOldestHalf(touched: Map<number, number>): void {
    let left = touched.size / 2;
    for (const [id, at] of touched) {
      if (left-- <= 0) break;
      touched.delete(id);
      this.#floor = Math.max(this.#floor, at);
    }
  }
}
