/** All that one signed-in person's page knows, and the one live connection that keeps it true. */
import {
  type InjectionKey,
  inject,
  onActivated,
  onDeactivated,
  onMounted,
  onUnmounted,
  shallowRef,
} from "vue";
import type { FeedSort } from "../../src/contract/schemas-v2.ts";
import { Live, type LiveState } from "../api/live.ts";
import { Rest } from "../api/rest.ts";
import type { TweetV2 } from "../api/tweets.ts";
import { Draft } from "./draft.ts";
import { People } from "./people.ts";
import { Posting } from "./posting.ts";
import { TweetList } from "./tweet-list.ts";
import { TweetStore } from "./tweet-store.ts";

export interface Me {
  id: number;
  name: string;
}

interface Options {
  key: string;
  me: Me;
  /** Is told when the key is not taken any more. */
  refused: () => void;
}

const PAGE = 20;
/** Tweets that are on no list any more are forgotten when so many are known. */
const MOST_KNOWN = 1500;
/** Longer out of sight, and the connection may be gone without a word. */
const SLEPT_MS = 20_000;

export class Session {
  readonly key: string;
  readonly me: Me;
  readonly rest: Rest;
  readonly live: Live;
  /** What the state light shows; undefined until the first connection stands or fails. */
  readonly state = shallowRef<LiveState>();
  readonly tweets = new TweetStore();
  readonly people: People;
  readonly draft: Draft;
  readonly posting: Posting;
  readonly feeds: Record<FeedSort, TweetList>;
  /** What is on the screen, and reads itself anew. */
  readonly #shown = new Set<() => Promise<unknown>>();
  readonly #lists = new Set<TweetList>();
  readonly #end = new AbortController();
  #hiddenAt = 0;

  constructor({ key, me, refused }: Options) {
    this.key = key;
    this.me = me;
    this.rest = new Rest({ url: "", key });
    this.people = new People(me.id);
    this.feeds = { popular: this.#feed("popular"), new: this.#feed("new"), hot: this.#feed("hot") };
    this.draft = new Draft(me.id, key);
    this.posting = new Posting(this);
    this.live = new Live({
      url: location.origin,
      key,
      reload: () => this.#reload(),
      show: (state) => {
        this.state.value = state;
        if (state === "refused") refused();
      },
    });
    this.live.on("tweet:new", (tweet) => this.#arrived(tweet));
    this.live.on("tweet:deleted", (gone) => this.tweets.known.apply("tweet:deleted", gone));
    this.live.on("tweet:likes", (change) => this.tweets.known.apply("tweet:likes", change));
    this.live.on("tweet:media", (change) => this.tweets.known.apply("tweet:media", change));
    const seen = new Set<string>();
    this.live.on("user:follow", (change, { id }) => {
      // One that comes again after a lost connection would undo a newer one.
      if (seen.has(id)) return;
      seen.add(id);
      this.people.changed(change);
      if (change.follower.id === me.id) void this.readFeedsAnew().catch(() => undefined);
    });
    this.#watchForSleep();
  }

  close(): void {
    this.#end.abort();
    this.live.close();
    this.draft.close();
  }

  /** A list that hears of deletions. */
  list(read: ConstructorParameters<typeof TweetList>[1]): TweetList {
    const list = new TweetList(this.tweets, read);
    this.#lists.add(list);
    return list;
  }

  drop(list: TweetList): void {
    this.#lists.delete(list);
    list.close();
  }

  /** `read` is called whenever too much was missed, for as long as it is on the screen. */
  show(read: () => Promise<unknown>): () => void {
    this.#shown.add(read);
    return () => this.#shown.delete(read);
  }

  /** Whom one follows decides what is in the feeds: those that were read are read again, the one on
   * the screen at once. */
  async readFeedsAnew(): Promise<void> {
    const lists = Object.values(this.feeds);
    for (const list of lists) list.isStale = true;
    await Promise.all(lists.filter(({ isShown }) => isShown).map((list) => list.load()));
  }

  /** One's own tweet, just posted: it stands on top of every list that it belongs to. */
  posted(tweet: TweetV2): void {
    for (const list of Object.values(this.feeds)) list.prepend(tweet.id);
    for (const list of this.#lists) if (list.authorId === tweet.author.id) list.prepend(tweet.id);
  }

  #feed(sort: FeedSort): TweetList {
    return this.list((cursor) =>
      this.rest.feed({ sort, limit: PAGE, ...(cursor !== undefined && { cursor }) }),
    );
  }

  #arrived(tweet: TweetV2): void {
    this.tweets.known.apply("tweet:new", tweet);
    if (this.posting.holds(tweet)) return;
    this.arrive(tweet);
  }

  /** A tweet that came by itself waits until the reader wants it. */
  arrive(tweet: TweetV2): void {
    const { author, id } = tweet;
    // A profile that is looked at tells of its tweets, too, whether one follows it or not.
    const isFollowed = author.id === this.me.id || this.people.get(author.id)?.following !== false;
    for (const list of this.#lists) {
      if (list.authorId === undefined ? isFollowed : list.authorId === author.id) list.arrive(id);
    }
    this.tweets.forgetBeyond(MOST_KNOWN, this.#lists);
  }

  async #reload(): Promise<void> {
    for (const list of this.#lists) list.isStale = true;
    await Promise.all([...this.#shown].map((read) => read()));
  }

  /** A laptop that slept, or a phone that changed its network, finds out at once. */
  #watchForSleep(): void {
    const { signal } = this.#end;
    const check = () => void this.live.check();
    addEventListener("online", check, { signal });
    addEventListener("offline", check, { signal });
    addEventListener("pageshow", ({ persisted }) => persisted && check(), { signal });
    document.addEventListener(
      "visibilitychange",
      () => {
        if (document.hidden) this.#hiddenAt = Date.now();
        else if (Date.now() - this.#hiddenAt > SLEPT_MS) check();
      },
      { signal },
    );
  }
}

export const SESSION: InjectionKey<Session> = Symbol("session");

/** @throws Error outside of the pages of somebody who is signed in. */
export function useSession(): Session {
  const session = inject(SESSION);
  if (!session) throw new Error("nobody is signed in");
  return session;
}

/** Has `read` called by the session for as long as the component is on the screen (kept alive or
 * not); `seen` is told when it comes there, and goes. */
export function useShown(
  session: Session,
  read: () => Promise<unknown>,
  seen: (isShown: boolean) => void = () => undefined,
): void {
  let end: (() => void) | undefined;
  const show = () => {
    if (end) return;
    end = session.show(read);
    seen(true);
  };
  const hide = () => {
    end?.();
    end = undefined;
    seen(false);
  };
  onMounted(show);
  onActivated(show);
  onDeactivated(hide);
  onUnmounted(hide);
}
