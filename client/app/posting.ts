/** The way of one's own tweet: shown at once, posted once, and given back when it is refused. */
import { shallowRef } from "vue";
import type { TweetV2 } from "../api/tweets.ts";
import type { Session } from "./session.ts";

export interface Sending {
  text: string;
  previews: (string | undefined)[];
  at: string;
}

export class Posting {
  /** The tweet on its way; one at a time. */
  readonly sending = shallowRef<Sending>();
  readonly #session: Session;
  /** One's own tweets that came by the live connection while the answer is not there: one of them
   * may be the tweet that is on its way. */
  readonly #held = new Map<number, TweetV2>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** @throws ApiError, Offline; then the composer has the tweet again. */
  async post(): Promise<void> {
    const { draft, rest } = this.#session;
    if (this.sending.value) return;
    const taken = draft.take();
    if (!taken) return;
    const { content, pictures } = taken;
    this.sending.value = {
      text: content.text,
      previews: pictures.map(({ preview }) => preview.value),
      at: new Date().toISOString(),
    };
    try {
      const id = await rest.postTweet(content);
      draft.settle();
      await this.#arrived(id);
    } catch (error) {
      draft.giveBack();
      throw error;
    } finally {
      this.sending.value = undefined;
      for (const tweet of this.#held.values()) this.#session.arrive(tweet);
      this.#held.clear();
    }
  }

  /** Whether it keeps the tweet for itself for now. */
  holds(tweet: TweetV2): boolean {
    if (!this.sending.value || tweet.author.id !== this.#session.me.id) return false;
    this.#held.set(tweet.id, tweet);
    return true;
  }

  /** It is posted: a failure from here on is none of the tweet's. */
  async #arrived(id: number): Promise<void> {
    const { tweets, rest } = this.#session;
    if (!tweets.known.get(id)) {
      await tweets.known.load(async () => [await rest.tweet(id)]).catch(() => []);
    }
    this.#held.delete(id);
    const tweet = tweets.known.get(id);
    if (tweet) this.#session.posted(tweet);
  }
}
