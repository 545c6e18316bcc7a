/** Somebody who looks on with the typed client: what they hold by the events alone, and what Postgres
 * has of it. */
import assert from "node:assert/strict";
import { Live } from "../../client/api/live.ts";
import { Rest } from "../../client/api/rest.ts";
import { Tweets, type TweetV2 } from "../../client/api/tweets.ts";
import type { Service, TestUser } from "../service.ts";

export class Viewer {
  readonly person: TestUser;
  readonly live: Live;
  readonly #authorIds: number[];
  readonly #shown = new Map<number, TweetV2>();
  readonly #tweets: Tweets;
  /** How often all was read by REST: once at first, and once for each `resync`. */
  reloads = 0;
  resyncs = 0;
  /** Counts that went back to an older version. */
  setbacks = 0;

  /** @param authorIds whom the person follows. */
  constructor(url: string, person: TestUser, authorIds: number[]) {
    this.person = person;
    this.#authorIds = authorIds;
    const rest = new Rest({ url, key: person.key });
    this.live = new Live({ url, key: person.key, reload: () => this.#reload(rest) });
    this.#tweets = new Tweets(this.live);
    this.live.on("resync", () => {
      this.resyncs += 1;
    });
    this.#tweets.subscribe((id, tweet) => {
      const before = this.#shown.get(id);
      if (tweet && before && tweet.version < before.version) this.setbacks += 1;
      if (tweet) this.#shown.set(id, tweet);
      else this.#shown.delete(id);
    });
  }

  async #reload(rest: Rest): Promise<void> {
    this.reloads += 1;
    if (this.reloads === 1) return; // there is nothing yet
    for (let cursor: string | undefined; ; ) {
      const query = { sort: "new" as const, limit: 100, ...(cursor && { cursor }) };
      const page = await rest.feed(query);
      await this.#tweets.load(async () => page.tweets);
      cursor = page.nextCursor;
      if (cursor === undefined) break;
    }
  }

  seen() {
    return [...this.#shown.values()]
      .toSorted((a, b) => a.id - b.id)
      .map(({ id, content, likes_count, version }) => [id, content, likes_count, version]);
  }

  /** What should be seen, by Postgres. */
  async truth(db: Service["db"]) {
    const { rows } = await db.query(
      `select id, content, likes_count, version,
              (select count(*)::int from likes where tweet_id = tweets.id) as counted
         from tweets where author_id = any($1) order by id`,
      [this.#authorIds],
    );
    return rows.map(({ id, content, likes_count, version, counted }) => {
      assert.equal(likes_count, counted);
      return [id, content, likes_count, version];
    });
  }
}
