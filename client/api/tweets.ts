/**
 * Tweets as a client knows them, whatever order the news comes in: two tabs, a slow socket and a
 * replay of missed events all end in the same state.
 *
 * Likes go by `version`: a lower one never overwrites a higher one. A picture that is ready does not
 * go back to being made. A deletion wins over everything.
 */
import type { LikesChange, PayloadOf, ServerEventName } from "../../src/contract/events.ts";
import type { Attachment, TweetV2 } from "../../src/contract/schemas-v2.ts";
import type { Live } from "./live.ts";

export type { Attachment, TweetV2 } from "../../src/contract/schemas-v2.ts";

export type TweetEvent = Extract<ServerEventName, `tweet:${string}`>;
/** `tweet` is undefined when it was deleted. */
export type Listener = (id: number, tweet: TweetV2 | undefined) => void;

/** What is known of a tweet that is not known itself. */
interface Remnant {
  deleted?: boolean;
  likes?: LikesChange;
  attachments?: Attachment[];
}

/** Of tweets that are not on any page there is news, too; so many are remembered. */
const MOST_REMNANTS = 5000;

const STATUS_ORDER: Record<Attachment["status"], number> = { processing: 0, failed: 1, ready: 2 };

export class Tweets {
  readonly #tweets = new Map<number, TweetV2>();
  /** The oldest first. */
  readonly #remnants = new Map<number, Remnant>();
  readonly #listeners = new Set<Listener>();
  /** For each reading under way: whose likes of one's own changed since it began. */
  readonly #readings = new Set<Set<number>>();

  /** Takes in all tweet events of the connection. */
  constructor(live?: Live) {
    live?.on("tweet:new", (tweet) => this.apply("tweet:new", tweet));
    live?.on("tweet:deleted", (gone) => this.apply("tweet:deleted", gone));
    live?.on("tweet:likes", (change) => this.apply("tweet:likes", change));
    live?.on("tweet:media", (change) => this.apply("tweet:media", change));
  }

  /** Each object stays as it is; a change makes a new one. */
  get(id: number): TweetV2 | undefined {
    return this.#tweets.get(id);
  }

  /** @returns a function that ends it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes in what `read` answers, but for what became known in the meantime and is newer.
   * @returns the tweets as they are known then, without those that were deleted. */
  async load(read: () => Promise<TweetV2[]>): Promise<TweetV2[]> {
    const touched = new Set<number>();
    this.#readings.add(touched);
    try {
      const answered = await read();
      for (const tweet of answered) {
        const known = this.#tweets.get(tweet.id);
        const liked = known && touched.has(tweet.id) ? known.liked : tweet.liked;
        this.#takeIn({ ...tweet, liked });
      }
      return answered.flatMap(({ id }) => this.#tweets.get(id) ?? []);
    } finally {
      this.#readings.delete(touched);
    }
  }

  /** Takes in an event, however late or often it comes. */
  apply<E extends TweetEvent>(event: E, payload: PayloadOf<E>): void;
  apply(...[event, payload]: { [E in TweetEvent]: [E, PayloadOf<E>] }[TweetEvent]): void {
    if (event === "tweet:new") {
      // An event has no one reader: what is known of one's own like stays.
      this.#takeIn({ ...payload, liked: this.#tweets.get(payload.id)?.liked ?? payload.liked });
    } else if (event === "tweet:deleted") this.#learn(payload.id, { deleted: true });
    else if (event === "tweet:likes") this.#learn(payload.id, { likes: payload });
    else this.#learn(payload.id, { attachments: payload.attachments });
  }

  /** One's own like. To be told when it is asked for, and again when it is answered: a page that was
   * read before does not take it back. */
  setLiked(id: number, liked: boolean): void {
    for (const touched of this.#readings) touched.add(id);
    const tweet = this.#tweets.get(id);
    if (tweet) this.#set({ ...tweet, liked });
  }

  /** Drops what is shown nowhere any more; nobody is told, and what comes of it later is a remnant. */
  forget(id: number): void {
    this.#tweets.delete(id);
  }

  #takeIn(tweet: TweetV2): void {
    const remnant = this.#remnants.get(tweet.id) ?? {};
    if (remnant.deleted) return;
    this.#remnants.delete(tweet.id);
    const known = this.#tweets.get(tweet.id);
    const base = known ? { ...tweet, ...changing(known) } : tweet;
    const { likes_count, version, attachments } = tweet;
    const news: Remnant = { likes: { id: tweet.id, likes_count, version }, attachments };
    this.#set(merge(merge(base, remnant), news));
  }

  /** Also of a tweet that is not known yet. */
  #learn(id: number, news: Remnant): void {
    const tweet = this.#tweets.get(id);
    if (tweet && !news.deleted) {
      this.#set(merge(tweet, news));
      return;
    }
    const remnant = this.#remnants.get(id);
    this.#remnants.delete(id);
    this.#remnants.set(id, joined(remnant, news));
    const [oldest] = this.#remnants.keys();
    if (this.#remnants.size > MOST_REMNANTS) this.#remnants.delete(oldest as number);
    if (this.#tweets.delete(id)) this.#tell(id);
  }

  #set(tweet: TweetV2): void {
    const before = this.#tweets.get(tweet.id);
    this.#tweets.set(tweet.id, tweet);
    if (JSON.stringify(before) !== JSON.stringify(tweet)) this.#tell(tweet.id);
  }

  #tell(id: number): void {
    for (const listener of this.#listeners) listener(id, this.#tweets.get(id));
  }
}

const changing = ({ likes_count, version, attachments }: TweetV2) => ({
  likes_count,
  version,
  attachments,
});

const newer = (a: LikesChange | undefined, b: LikesChange | undefined): LikesChange | undefined =>
  a === undefined || (b !== undefined && b.version >= a.version) ? b : a;

/** The further one of each; the places of a tweet's pictures do not change. */
const furthest = (a: Attachment[], b: Attachment[]): Attachment[] =>
  a.map((each, i) => {
    const other = b[i];
    return other && STATUS_ORDER[other.status] >= STATUS_ORDER[each.status] ? other : each;
  });

function joined(a: Remnant | undefined, b: Remnant): Remnant {
  if (a?.deleted || b.deleted) return { deleted: true };
  return {
    likes: newer(a?.likes, b.likes),
    attachments: a?.attachments ? furthest(a.attachments, b.attachments ?? []) : b.attachments,
  };
}

function merge(tweet: TweetV2, { likes, attachments }: Remnant): TweetV2 {
  const own = { id: tweet.id, likes_count: tweet.likes_count, version: tweet.version };
  const { likes_count, version } = newer(own, likes) ?? own;
  return {
    ...tweet,
    likes_count,
    version,
    attachments: attachments ? furthest(tweet.attachments, attachments) : tweet.attachments,
  };
}
