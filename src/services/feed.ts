/**
 * The feed of part 1, as a pipeline: candidates → rank → hydrate → present. The first steps are
 * those of every feed (`feed-windows`); this is the order, and how the original frontend pages.
 */
import type { FeedPage } from "../contract/schemas.ts";
import type { FeedAnswers } from "./feed-answers.ts";
import { byLikes } from "./feed-ranking.ts";
import type { TweetLoader } from "./tweet-loader.ts";

const HEAD = Buffer.from('{"result":true,"tweets":[');
const COMMA = Buffer.from(",");
const TAIL = Buffer.from("]}");

export class Feed {
  readonly #answers: FeedAnswers;
  readonly #tweets: TweetLoader;

  constructor(answers: FeedAnswers, tweets: TweetLoader) {
    this.#answers = answers;
    this.#tweets = tweets;
  }

  /** The feed as the body of the answer: at once when nothing has changed, else as a promise.
   * @throws Problem `Unavailable` (in the promise) when even Postgres does not answer. */
  read(readerId: number, page: FeedPage): Buffer | Promise<Buffer> {
    const key = page.limit === undefined ? "" : `${page.offset ?? 1}/${page.limit}`;
    return this.#answers.read(readerId, key, async ({ tweets }) => {
      const { offset = 1, limit = tweets.length } = page;
      const shown = tweets.sort(byLikes).slice((offset - 1) * limit, offset * limit);
      return present(await this.#tweets.hydrate(shown, "v1"));
    });
  }
}

/** Joins the fragments; a tweet that was deleted meanwhile has none. */
function present(fragments: (Buffer | undefined)[]): Buffer {
  const parts: Buffer[] = [HEAD];
  for (const fragment of fragments) {
    if (!fragment) continue;
    if (parts.length > 1) parts.push(COMMA);
    parts.push(fragment);
  }
  parts.push(TAIL);
  return Buffer.concat(parts);
}
