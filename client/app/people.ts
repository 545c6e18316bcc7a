/** The people whom the page shows somewhere, with counts that stay true while they are shown. */
import { shallowReactive } from "vue";
import type { FollowChange } from "../../src/contract/events.ts";
import type { PersonV2, ProfileV2 } from "../../src/contract/schemas-v2.ts";

/** From a list of people the counts of a whole profile are not known. */
export type Person = PersonV2 & Partial<ProfileV2>;

export class People {
  readonly #known = shallowReactive(new Map<number, Person>());
  readonly #myId: number;

  constructor(myId: number) {
    this.#myId = myId;
  }

  get(id: number): Person | undefined {
    return this.#known.get(id);
  }

  learn(people: readonly Person[]): void {
    for (const person of people) this.#change(person.id, person);
  }

  /** One's own following, shown at once; the server's counts come after it. */
  setFollowing(id: number, following: boolean): void {
    const person = this.#known.get(id);
    if (!person || person.following === following) return;
    const step = following ? 1 : -1;
    this.#change(id, { following, followers_count: Math.max(0, person.followers_count + step) });
    this.#countMine(step);
  }

  /** A live event. */
  changed({ follower, followee, following, followers_count }: FollowChange): void {
    if (follower.id === this.#myId) this.setFollowing(followee.id, following);
    this.#change(followee.id, { followers_count });
    if (followee.id === this.#myId) this.#change(follower.id, { follows_you: following });
  }

  #countMine(step: number): void {
    const count = this.#known.get(this.#myId)?.following_count;
    if (count !== undefined) this.#change(this.#myId, { following_count: count + step });
  }

  /** Nothing is known by a change alone. */
  #change(id: number, news: Partial<Person>): void {
    const known = this.#known.get(id);
    if (known) this.#known.set(id, { ...known, ...news });
    else if (news.name !== undefined) this.#known.set(id, news as Person);
  }
}
