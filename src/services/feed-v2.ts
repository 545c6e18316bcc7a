/**
 * The feed of part 2: candidates → rank → hydrate → present, in three orders.
 *
 * First pages are kept as finished answers, like those of part 1. The pages after them go on from
 * their cursor: a ranking (`popular`, `hot`) with the ids that the cursor carries, so that likes
 * which arrive meanwhile move nothing; `new` below the last id, without an end. What a page shows
 * of a tweet is always how it is now.
 */
import { MAX_ID } from "../contract/schemas.ts";
import type { FeedQuery, FeedSort } from "../contract/schemas-v2.ts";
import { feedOlder } from "../infra/feed-queries.ts";
import type { Context } from "./context.ts";
import { decodeCursor, idAfter } from "./cursors.ts";
import type { FeedAnswers } from "./feed-answers.ts";
import { byLikes, rankHot } from "./feed-ranking.ts";
import type { FeedWindow } from "./feed-windows.ts";
import type { ScoredTweet, TweetLoader } from "./tweet-loader.ts";
import type { TweetPages } from "./tweet-pages.ts";

/** A ranking goes so deep, so that its cursor fits into a URL. */
const MAX_RANKED = 500;

const idsOf = (tweets: ScoredTweet[]): number[] => tweets.map(({ id }) => id);

export class FeedV2 {
  readonly #ctx: Pick<Context, "db">;
  readonly #answers: FeedAnswers;
  readonly #tweets: TweetLoader;
  readonly #pages: TweetPages;

  constructor(
    ctx: Pick<Context, "db">,
    answers: FeedAnswers,
    tweets: TweetLoader,
    pages: TweetPages,
  ) {
    this.#ctx = ctx;
    this.#answers = answers;
    this.#tweets = tweets;
    this.#pages = pages;
  }

  /** One page as the body of the answer: a first page at once when nothing has changed.
   * @throws Problem `ValidationError`: a cursor that is none of this order's; `Unavailable` (in the
   * promise) when even Postgres does not answer. */
  read(readerId: number, { sort, cursor, limit }: FeedQuery): Buffer | Promise<Buffer> {
    if (cursor !== undefined) return this.#following(readerId, sort, cursor, limit);
    return this.#answers.read(readerId, `${sort} ${limit}`, (window) =>
      this.#first(readerId, sort, window, limit),
    );
  }

  async #first(
    readerId: number,
    sort: FeedSort,
    window: FeedWindow,
    limit: number,
  ): Promise<Buffer> {
    if (sort === "new") {
      const isEnough = window.tweets.length > limit || !window.more;
      if (!isEnough) return this.#older(readerId, MAX_ID, limit);
      return this.#pages.ofKeyset(readerId, sort, idsOf(window.tweets), limit);
    }
    const ranked = await this.#rank(sort, window.tweets);
    return this.#pages.ofRanking(readerId, sort, idsOf(ranked.slice(0, MAX_RANKED)), limit);
  }

  async #rank(sort: "popular" | "hot", tweets: ScoredTweet[]): Promise<ScoredTweet[]> {
    if (sort === "popular") return tweets.sort(byLikes);
    return rankHot(tweets, await this.#tweets.creationTimes(idsOf(tweets)));
  }

  #following(readerId: number, sort: FeedSort, cursor: string, limit: number): Promise<Buffer> {
    if (sort === "new") return this.#older(readerId, idAfter(sort, cursor, MAX_ID), limit);
    return this.#pages.ofRanking(readerId, sort, decodeCursor(sort, cursor).ids, limit);
  }

  async #older(readerId: number, beforeId: number, limit: number): Promise<Buffer> {
    const ids = await feedOlder(this.#ctx.db, readerId, beforeId, limit + 1);
    return this.#pages.ofKeyset(readerId, "new", ids, limit);
  }
}
