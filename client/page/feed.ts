/** The two lists of the page: what arrived while it is open, and the feed, most liked first. */
import type { PayloadOf } from "../../src/contract/events.ts";
import type { FeedPage } from "../api/rest.ts";
import { type TweetEvent, Tweets, type TweetV2 } from "../api/tweets.ts";
import { find } from "./elements.ts";
import type { Guard, Session } from "./session.ts";
import { type Actions, TweetCard } from "./tweet-card.ts";

const PAGE = 20;

export class Feed {
  readonly #session: Session;
  readonly #actions: Actions;
  #myId = 0;
  #tweets = new Tweets();
  /** The feed that is being read anew, and what was posted meanwhile. */
  #next: { tweets: Tweets; posted: Set<number> } | undefined;
  /** By id. */
  readonly #cards = new Map<number, TweetCard>();
  /** Where the next page goes on; undefined after the last one. */
  #cursor: string | undefined;
  #isLoaded = false;

  constructor(session: Session, actions: Actions, guard: Guard) {
    this.#session = session;
    this.#actions = actions;
    find("#more").addEventListener("click", () => guard(() => this.#more()));
    setInterval(() => {
      for (const card of this.#cards.values()) card.showAge();
    }, 60_000);
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** From the first page, as the person `myId` sees it. What is shown stays until it is read. */
  async load(myId: number): Promise<void> {
    const next = { tweets: new Tweets(), posted: new Set<number>() };
    this.#next = next;
    const page = await this.#read(next.tweets);
    if (this.#next !== next) return; // it was asked for once more
    this.#next = undefined;
    this.#tweets = next.tweets;
    this.#myId = myId;
    this.#cards.clear();
    for (const list of document.querySelectorAll(".tweets")) list.replaceChildren();
    this.#tweets.subscribe((id, tweet) => this.#show(id, tweet));
    this.#append(page);
    for (const id of next.posted) this.#arrive(id);
  }

  /** An event of the connection. */
  apply<E extends TweetEvent>(event: E, payload: PayloadOf<E>): void {
    this.#next?.tweets.apply(event, payload);
    this.#tweets.apply(event, payload);
    if (event !== "tweet:new") return;
    this.#next?.posted.add(payload.id);
    this.#arrive(payload.id);
  }

  /** One's own like, shown at once and taken back when it is refused. */
  async like({ id, liked }: TweetV2): Promise<void> {
    const show = (value: boolean) => {
      for (const tweets of [this.#next?.tweets, this.#tweets]) tweets?.setLiked(id, value);
    };
    show(!liked);
    try {
      await this.#session.rest.setLiked(id, !liked);
      show(!liked);
    } catch (error) {
      show(liked);
      throw error;
    }
  }

  async #more(): Promise<void> {
    const tweets = this.#tweets;
    const cursor = this.#cursor;
    if (cursor === undefined) return;
    const page = await this.#read(tweets, cursor);
    if (this.#tweets === tweets && this.#cursor === cursor) this.#append(page);
  }

  /** @returns the page without the tweets that were deleted meanwhile. */
  async #read(into: Tweets, cursor?: string): Promise<FeedPage> {
    let nextCursor: string | undefined;
    const tweets = await into.load(async () => {
      const page = await this.#session.rest.feed({ limit: PAGE, ...(cursor && { cursor }) });
      nextCursor = page.nextCursor;
      return page.tweets;
    });
    return { tweets, nextCursor };
  }

  #append({ tweets, nextCursor }: FeedPage): void {
    this.#isLoaded = true;
    this.#cursor = nextCursor;
    // One that arrived live before its page was read is shown already.
    const fresh = tweets.filter(({ id }) => !this.#cards.has(id));
    find("#popular .tweets").append(...fresh.map((tweet) => this.#card(tweet)));
    find("#more").hidden = nextCursor === undefined;
    this.#showEmptiness();
  }

  #arrive(id: number): void {
    const tweet = this.#tweets.get(id);
    if (!tweet || this.#cards.has(id)) return;
    find("#arrivals .tweets").prepend(this.#card(tweet));
    this.#showEmptiness();
  }

  #show(id: number, tweet: TweetV2 | undefined): void {
    const card = this.#cards.get(id);
    if (tweet) {
      card?.show(tweet);
      return;
    }
    card?.element.remove();
    this.#cards.delete(id);
    this.#showEmptiness();
  }

  #showEmptiness(): void {
    find("#arrivals").hidden = find("#arrivals .tweets").childElementCount === 0;
    find("#empty").hidden = this.#cards.size > 0;
  }

  #card(tweet: TweetV2): HTMLElement {
    const card = new TweetCard(tweet, this.#myId, this.#actions);
    this.#cards.set(tweet.id, card);
    return card.element;
  }
}
