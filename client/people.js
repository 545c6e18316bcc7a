/** The card of a person: whom they follow, who follows them, and the follow button. */
import { call } from "./api.js";

const $ = (selector) => document.querySelector(selector);

export class PersonCard {
  #myId;
  #guard;
  #shown;

  constructor(guard) {
    this.#guard = guard;
    $("#follow").addEventListener("click", () => guard(() => this.#toggle()));
  }

  async open({ id }, myId) {
    this.#myId = myId;
    await this.#load(id);
    if (!$("#person").open) $("#person").showModal();
  }

  /** `user:follow` */
  async changed({ follower, followee }) {
    const { id } = this.#shown ?? {};
    if ($("#person").open && (follower.id === id || followee.id === id)) await this.#load(id);
  }

  async #load(id) {
    const { user } = await call("GET", `/api/users/${id}`);
    this.#shown = user;
    $("#person-name").textContent = user.name;
    for (const list of ["followers", "following"]) {
      $(`#${list}-count`).textContent = user[list].length;
      $(`#${list}`).replaceChildren(...user[list].map((person) => this.#entry(person)));
    }
    $("#follow").hidden = id === this.#myId;
    $("#follow").textContent = this.#isFollowed ? "Unfollow" : "Follow";
  }

  get #isFollowed() {
    return this.#shown.followers.some(({ id }) => id === this.#myId);
  }

  async #toggle() {
    const { id } = this.#shown;
    await call(this.#isFollowed ? "DELETE" : "POST", `/api/users/${id}/follow`);
    await this.#load(id);
  }

  #entry(person) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = person.name;
    button.addEventListener("click", () => this.#guard(() => this.#load(person.id)));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }
}
