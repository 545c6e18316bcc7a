/** A tweet on the page, whether it came by REST or live. */
import { shortAge } from "./age.js";

/** As REST (part 1 of the contract) has it: likes as a list, pictures as links. */
export const fromRest = (tweet, myId) => ({
  id: tweet.id,
  content: tweet.content,
  author: tweet.author,
  createdAt: tweet.stamp,
  likes: tweet.likes.length,
  liked: tweet.likes.some(({ user_id }) => user_id === myId),
  /** Not told by this call: whatever arrives live is newer. */
  version: -1,
  pictures: tweet.attachments.map((src) => ({ src })),
});

/** As live events have it. */
export const fromLive = (tweet) => ({
  id: tweet.id,
  content: tweet.content,
  author: tweet.author,
  createdAt: tweet.created_at,
  likes: tweet.likes_count,
  liked: tweet.liked,
  version: tweet.version,
  pictures: tweet.attachments.map(pictureOf),
});

/** The largest variant; the browser takes a smaller one where that is enough. */
export function pictureOf({ status, placeholder, variants }) {
  const ready = status === "ready";
  return {
    src: ready ? variants.at(-1).url : "",
    srcset: ready ? variants.map(({ url, width }) => `${url} ${width}w`).join(", ") : "",
    placeholder,
  };
}

/** The element of one tweet: made once, then changed in place. */
export class TweetCard {
  #tweet;
  #parts;

  /** @param actions `{like(tweet), remove(tweet), open(person)}`: what its buttons do. */
  constructor(tweet, myId, actions) {
    this.#tweet = tweet;
    this.element = document.getElementById("tweet").content.firstElementChild.cloneNode(true);
    const part = (selector) => this.element.querySelector(selector);
    this.#parts = {
      like: part(".like"),
      count: part(".count"),
      time: part("time"),
      pictures: part(".pictures"),
    };
    this.element.dataset.id = tweet.id;
    part(".author").textContent = tweet.author.name;
    part(".content").textContent = tweet.content;
    this.#parts.time.dateTime = tweet.createdAt;
    this.#parts.time.title = new Date(tweet.createdAt).toLocaleString();
    part(".delete").hidden = tweet.author.id !== myId;
    part(".author").addEventListener("click", () => actions.open(tweet.author));
    part(".delete").addEventListener("click", () => actions.remove(tweet));
    this.#parts.like.addEventListener("click", () => actions.like(tweet));
    this.setPictures(tweet.pictures);
    this.showAge();
    this.#showLikes();
  }

  /** The count as the server tells it: a lower version never overwrites a higher one. */
  setLikes({ likes_count, version }) {
    if (version < this.#tweet.version) return;
    Object.assign(this.#tweet, { likes: likes_count, version });
    this.#showLikes();
  }

  /** One's own like; the count follows live. */
  setLiked(liked) {
    this.#tweet.liked = liked;
    this.#showLikes();
  }

  setPictures(pictures) {
    this.#parts.pictures.replaceChildren(...pictures.map(image));
  }

  showAge() {
    this.#parts.time.textContent = shortAge(this.#tweet.createdAt);
  }

  #showLikes() {
    this.#parts.count.textContent = this.#tweet.likes;
    this.#parts.like.setAttribute("aria-pressed", this.#tweet.liked);
  }
}

function image({ src, srcset, placeholder }) {
  const element = document.createElement("img");
  element.alt = "";
  element.loading = "lazy";
  element.sizes = "(max-width: 672px) 100vw, 640px";
  if (placeholder) element.style.backgroundImage = `url("${placeholder}")`;
  if (srcset) element.srcset = srcset;
  if (src) element.src = src;
  return element;
}
