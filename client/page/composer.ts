/** Writing a tweet: text with a counter, pictures that are uploaded as soon as they are chosen. */
import { newIdempotencyKey } from "../api/rest.ts";
import { find } from "./elements.ts";
import type { Guard, Session } from "./session.ts";

/** The server counts code points, too, and names its own limit when that is another. */
const MAX_LENGTH = 280;
const MAX_PICTURES = 10;

interface Picture {
  /** Absent while it is uploaded. */
  id?: number;
  element: HTMLLIElement;
  remove: () => void;
}

export class Composer {
  readonly #session: Session;
  readonly #text = find("#text", "textarea");
  #pictures: Picture[] = [];
  #posting = false;
  /** What was sent last without an answer that it is there: sent again, it is the same tweet. */
  #unanswered = { draft: "", idempotencyKey: "" };

  /** @param posted is told of each new tweet. */
  constructor(session: Session, guard: Guard, posted: () => Promise<void>) {
    this.#session = session;
    const form = find("#composer", "form");
    const files = find("#files", "input");
    this.#text.addEventListener("input", () => this.#show());
    this.#text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    files.addEventListener("change", () => {
      const chosen = [...(files.files ?? [])];
      guard(() => this.#add(chosen));
      files.value = "";
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#isReady) return;
      guard(async () => {
        await this.#post();
        await posted();
      });
    });
    this.#show();
  }

  get #length(): number {
    return [...this.#text.value].length;
  }

  get #isReady(): boolean {
    const isUploading = this.#pictures.some(({ id }) => id === undefined);
    const isFit = this.#length <= MAX_LENGTH && this.#text.value.trim() !== "";
    return !this.#posting && !isUploading && isFit;
  }

  async #add(files: File[]): Promise<void> {
    const room = MAX_PICTURES - this.#pictures.length;
    const uploads = files.slice(0, room).map((file) => this.#upload(file));
    for (const result of await Promise.allSettled(uploads)) {
      if (result.status === "rejected") throw result.reason;
    }
    if (files.length > room) throw new Error(`A tweet takes at most ${MAX_PICTURES} pictures.`);
  }

  async #upload(file: File): Promise<void> {
    const picture = this.#preview(file);
    this.#pictures.push(picture);
    find("#previews").append(picture.element);
    this.#show();
    try {
      picture.id = await this.#session.rest.upload(file);
      picture.element.ariaBusy = "false";
      this.#show();
    } catch (error) {
      picture.remove();
      throw error;
    }
  }

  #preview(file: File): Picture {
    const element = document.createElement("li");
    const image = document.createElement("img");
    image.src = URL.createObjectURL(file);
    image.alt = file.name;
    const remove = () => {
      URL.revokeObjectURL(image.src);
      element.remove();
      this.#pictures = this.#pictures.filter((each) => each.element !== element);
      this.#show();
    };
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "✕";
    button.setAttribute("aria-label", `Remove ${file.name}`);
    button.addEventListener("click", remove);
    element.append(image, button);
    element.ariaBusy = "true";
    return { element, remove };
  }

  /** What was written stays where it is until the server has it. */
  async #post(): Promise<void> {
    this.#posting = true;
    this.#show();
    const pictures = [...this.#pictures];
    const tweet = { text: this.#text.value, mediaIds: pictures.flatMap(({ id }) => id ?? []) };
    const draft = JSON.stringify(tweet);
    if (draft !== this.#unanswered.draft) {
      this.#unanswered = { draft, idempotencyKey: newIdempotencyKey() };
    }
    try {
      await this.#session.rest.postTweet({
        ...tweet,
        idempotencyKey: this.#unanswered.idempotencyKey,
      });
      this.#unanswered = { draft: "", idempotencyKey: "" };
      this.#text.value = "";
      for (const { remove } of pictures) remove();
    } finally {
      this.#posting = false;
      this.#show();
    }
  }

  #show(): void {
    const left = MAX_LENGTH - this.#length;
    find("#counter", "output").value = String(left);
    find("#counter").classList.toggle("over", left < 0);
    find("#post", "button").disabled = !this.#isReady;
  }
}
