/** The card of a person: whom they follow, who follows them, and the follow button. */
import type { FollowChange } from "../../src/contract/events.ts";
import type { Profile } from "../api/rest.ts";
import { find } from "./elements.ts";
import type { Guard, Session } from "./session.ts";

const LISTS = ["followers", "following"] as const;

export class PersonCard {
  readonly #session: Session;
  readonly #guard: Guard;
  #myId = 0;
  #shown: Profile | undefined;

  constructor(session: Session, guard: Guard) {
    this.#session = session;
    this.#guard = guard;
    find("#follow").addEventListener("click", () => guard(() => this.#toggle()));
  }

  async open(id: number, myId: number): Promise<void> {
    this.#myId = myId;
    await this.#load(id);
    const dialog = find("#person", "dialog");
    if (!dialog.open) dialog.showModal();
  }

  /** `user:follow` */
  async changed({ follower, followee }: FollowChange): Promise<void> {
    const id = this.#shown?.id;
    if (!find("#person", "dialog").open || id === undefined) return;
    if (follower.id === id || followee.id === id) await this.#load(id);
  }

  async #load(id: number): Promise<void> {
    const person = await this.#session.rest.user(id);
    this.#shown = person;
    find("#person-name").textContent = person.name;
    for (const list of LISTS) {
      find(`#${list}-count`).textContent = String(person[list].length);
      find(`#${list}`).replaceChildren(...person[list].map((each) => this.#entry(each)));
    }
    find("#follow").hidden = id === this.#myId;
    find("#follow").textContent = this.#isFollowed(person) ? "Unfollow" : "Follow";
  }

  #isFollowed({ followers }: Profile): boolean {
    return followers.some(({ id }) => id === this.#myId);
  }

  async #toggle(): Promise<void> {
    const person = this.#shown;
    if (!person) return;
    await this.#session.rest.setFollowing(person.id, !this.#isFollowed(person));
    await this.#load(person.id);
  }

  #entry({ id, name }: { id: number; name: string }): HTMLLIElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = name;
    button.addEventListener("click", () => this.#guard(() => this.#load(id)));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }
}
