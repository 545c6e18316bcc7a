/** A tweet on the page. */
import type { Attachment, TweetV2 } from "../api/tweets.ts";
import { shortAge } from "./age.ts";
import { find } from "./elements.ts";

/** What the buttons of a card do. */
export interface Actions {
  like(tweet: TweetV2): void;
  remove(tweet: TweetV2): void;
  open(author: TweetV2["author"]): void;
}

/** The element of one tweet: made once, then changed in place. */
export class TweetCard {
  readonly element: HTMLElement;
  #tweet: TweetV2;

  constructor(tweet: TweetV2, myId: number, actions: Actions) {
    const { content } = find("#tweet", "template");
    this.element = find("article", undefined, content.cloneNode(true) as DocumentFragment);
    this.#tweet = tweet;
    this.element.dataset.id = String(tweet.id);
    this.#part(".author").textContent = tweet.author.name;
    this.#part(".content").textContent = tweet.content;
    const time = find("time", "time", this.element);
    time.dateTime = tweet.created_at;
    time.title = new Date(tweet.created_at).toLocaleString();
    this.#part(".delete").hidden = tweet.author.id !== myId;
    this.#part(".author").addEventListener("click", () => actions.open(this.#tweet.author));
    this.#part(".delete").addEventListener("click", () => actions.remove(this.#tweet));
    this.#part(".like").addEventListener("click", () => actions.like(this.#tweet));
    this.#showPictures();
    this.#showLikes();
    this.showAge();
  }

  show(tweet: TweetV2): void {
    const before = this.#tweet;
    this.#tweet = tweet;
    this.#showLikes();
    // A picture that is shown is not loaded anew by every like.
    if (JSON.stringify(before.attachments) !== JSON.stringify(tweet.attachments)) {
      this.#showPictures();
    }
  }

  showAge(): void {
    this.#part("time").textContent = shortAge(this.#tweet.created_at);
  }

  #showLikes(): void {
    this.#part(".count").textContent = String(this.#tweet.likes_count);
    this.#part(".like").setAttribute("aria-pressed", String(this.#tweet.liked));
  }

  #showPictures(): void {
    this.#part(".pictures").replaceChildren(...this.#tweet.attachments.map(image));
  }

  #part(selector: string): HTMLElement {
    return find(selector, undefined, this.element);
  }
}

/** The largest variant; the browser takes a smaller one where that is enough. */
function image({ placeholder, variants }: Attachment): HTMLImageElement {
  const element = document.createElement("img");
  element.alt = "";
  element.loading = "lazy";
  element.sizes = "(max-width: 672px) 100vw, 640px";
  if (placeholder) element.style.backgroundImage = `url("${placeholder}")`;
  element.srcset = variants.map(({ url, width }) => `${url} ${width}w`).join();
  const largest = variants.at(-1);
  if (largest) element.src = largest.url;
  return element;
}
