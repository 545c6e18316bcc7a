/** The two lists of the page: what arrived while it is open, and the feed, most liked first. */
import { call } from "./api.js";
import { fromLive, fromRest, pictureOf, TweetCard } from "./tweet.js";

const PAGE = 20;

const $ = (selector) => document.querySelector(selector);

export class Feed {
  #myId;
  #actions;
  /** By id. */
  #cards = new Map();
  #page = 0;
  /** What arrived since a page was asked for is newer than that page. */
  #meanwhile = [];

  constructor(actions) {
    this.#actions = actions;
    $("#more").addEventListener("click", () => actions.guard(() => this.more()));
    setInterval(() => {
      for (const card of this.#cards.values()) card.showAge();
    }, 60_000);
  }

  get isLoaded() {
    return this.#page > 0;
  }

  /** From the first page, as the person `myId` sees it. */
  async load(myId) {
    const tweets = await this.#read(1);
    if (!tweets) return;
    this.#myId = myId;
    this.#cards.clear();
    for (const list of document.querySelectorAll(".tweets")) list.replaceChildren();
    $("#arrivals").hidden = true;
    this.#append(tweets);
  }

  async more() {
    const tweets = await this.#read(this.#page + 1);
    if (tweets) this.#append(tweets);
  }

  /** `tweet:new` */
  add(tweet) {
    const show = () => {
      if (this.#cards.has(tweet.id)) return;
      $("#arrivals .tweets").prepend(this.#card(fromLive(tweet)).element);
      $("#arrivals").hidden = false;
      $("#empty").hidden = true;
    };
    this.#apply(show);
  }

  /** `tweet:deleted` */
  remove({ id }) {
    this.#change(id, (card) => {
      card.element.remove();
      this.#cards.delete(id);
      $("#arrivals").hidden = $("#arrivals .tweets").children.length === 0;
    });
  }

  /** `tweet:likes` */
  setLikes(change) {
    this.#change(change.id, (card) => card.setLikes(change));
  }

  /** `tweet:media` */
  setPictures({ id, attachments }) {
    this.#change(id, (card) => card.setPictures(attachments.map(pictureOf)));
  }

  setLiked(id, liked) {
    this.#cards.get(id)?.setLiked(liked);
  }

  /** @returns undefined when another page was asked for in the meantime. */
  async #read(page) {
    const meanwhile = [];
    this.#meanwhile = meanwhile;
    const { tweets } = await call("GET", `/api/tweets?offset=${page}&limit=${PAGE}`);
    if (this.#meanwhile !== meanwhile) return undefined;
    this.#page = page;
    return tweets;
  }

  /** Tweets change places while one reads: those that are shown already stay where they are. */
  #append(tweets) {
    const fresh = tweets.filter(({ id }) => !this.#cards.has(id));
    $("#popular .tweets").append(
      ...fresh.map((tweet) => this.#card(fromRest(tweet, this.#myId)).element),
    );
    $("#more").hidden = tweets.length < PAGE;
    for (const show of this.#meanwhile.splice(0)) show();
    $("#empty").hidden = this.#cards.size > 0;
  }

  #change(id, change) {
    this.#apply(() => {
      const card = this.#cards.get(id);
      if (card) change(card);
    });
  }

  /** Shows what arrived, and again over a page that may have been read before it. */
  #apply(show) {
    this.#meanwhile.push(show);
    show();
  }

  #card(tweet) {
    const card = new TweetCard(tweet, this.#myId, this.#actions);
    this.#cards.set(tweet.id, card);
    return card;
  }
}
