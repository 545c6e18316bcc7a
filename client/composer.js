/** Writing a tweet: text with a counter, pictures that are uploaded as soon as they are chosen. */
import { call } from "./api.js";

/** The server counts code points, too, and names its own limit when that is another. */
const MAX_LENGTH = 280;
const MAX_PICTURES = 10;

const $ = (selector) => document.querySelector(selector);

export class Composer {
  #pictures = [];
  #posting = false;

  /** @param guard runs what may fail, and shows why. @param posted is told of each new tweet. */
  constructor(guard, posted) {
    $("#text").addEventListener("input", () => this.#show());
    $("#text").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        $("#composer").requestSubmit();
      }
    });
    $("#files").addEventListener("change", ({ target }) => {
      guard(() => this.#add([...target.files]));
      target.value = "";
    });
    $("#composer").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#isReady) guard(async () => posted(await this.#post()));
    });
    this.#show();
  }

  get #isReady() {
    const length = [...$("#text").value].length;
    const uploading = this.#pictures.some(({ id }) => id === undefined);
    return !this.#posting && !uploading && length <= MAX_LENGTH && $("#text").value.trim() !== "";
  }

  async #add(files) {
    const room = MAX_PICTURES - this.#pictures.length;
    const uploads = files.slice(0, room).map((file) => this.#upload(file));
    const failed = (await Promise.allSettled(uploads)).find(({ reason }) => reason);
    if (failed) throw failed.reason;
    if (files.length > room) throw new Error(`A tweet takes at most ${MAX_PICTURES} pictures.`);
  }

  async #upload(file) {
    const picture = { id: undefined, element: document.createElement("li") };
    const remove = () => {
      URL.revokeObjectURL(preview.src);
      picture.element.remove();
      this.#pictures = this.#pictures.filter((each) => each !== picture);
      this.#show();
    };
    const preview = document.createElement("img");
    preview.src = URL.createObjectURL(file);
    preview.alt = file.name;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "✕";
    button.setAttribute("aria-label", `Remove ${file.name}`);
    button.addEventListener("click", remove);
    picture.element.append(preview, button);
    picture.element.ariaBusy = "true";
    picture.remove = remove;
    this.#pictures.push(picture);
    $("#previews").append(picture.element);
    this.#show();
    try {
      const form = new FormData();
      form.set("file", file);
      picture.id = (await call("POST", "/api/medias", form)).media_id;
      picture.element.ariaBusy = "false";
      this.#show();
    } catch (error) {
      remove();
      throw error;
    }
  }

  /** What was written stays where it is until the server has it. */
  async #post() {
    this.#posting = true;
    this.#show();
    try {
      const pictures = [...this.#pictures];
      await call("POST", "/api/tweets", {
        tweet_data: $("#text").value,
        tweet_media_ids: pictures.map(({ id }) => id),
      });
      $("#text").value = "";
      for (const { remove } of pictures) remove();
    } finally {
      this.#posting = false;
      this.#show();
    }
  }

  #show() {
    const left = MAX_LENGTH - [...$("#text").value].length;
    $("#counter").value = left;
    $("#counter").classList.toggle("over", left < 0);
    $("#post").disabled = !this.#isReady;
  }
}
