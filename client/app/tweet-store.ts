/** The tweets that the page knows, as Vue sees them: whoever reads one is drawn anew when that one
 * changes, and no other. */
import { shallowReactive } from "vue";
import { Tweets, type TweetV2 } from "../api/tweets.ts";
import type { TweetList } from "./tweet-list.ts";

export class TweetStore {
  readonly known = new Tweets();
  readonly #shown = shallowReactive(new Map<number, TweetV2>());
  /** Being deleted: gone from sight until the server has answered. */
  readonly #hidden = shallowReactive(new Set<number>());

  constructor() {
    this.known.subscribe((id, tweet) => {
      if (tweet) this.#shown.set(id, tweet);
      else this.#shown.delete(id);
    });
  }

  get(id: number): TweetV2 | undefined {
    return this.#hidden.has(id) ? undefined : this.#shown.get(id);
  }

  hide(id: number): void {
    this.#hidden.add(id);
  }

  unhide(id: number): void {
    this.#hidden.delete(id);
  }

  /** One's own like, counted at once. The server's own count comes with a higher version. */
  setLiked(id: number, liked: boolean): void {
    const tweet = this.known.get(id);
    if (tweet && tweet.liked !== liked) {
      const likes_count = Math.max(0, tweet.likes_count + (liked ? 1 : -1));
      this.known.apply("tweet:likes", { id, likes_count, version: tweet.version });
    }
    this.known.setLiked(id, liked);
  }

  /** A page that is open all day hears of more tweets than it ever shows. */
  forgetBeyond(most: number, lists: Iterable<TweetList>): void {
    if (this.#shown.size <= most) return;
    const used = new Set<number>();
    for (const list of lists) for (const id of list.all()) used.add(id);
    if (used.size + most / 2 > this.#shown.size) return;
    for (const id of [...this.#shown.keys()]) {
      if (used.has(id)) continue;
      this.known.forget(id);
      this.#shown.delete(id);
    }
  }
}
