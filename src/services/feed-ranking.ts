/** The orders of a feed. Equal ones stand with the newest first, so that every order is total. */
import { hotScore } from "../infra/feed-store.ts";
import type { ScoredTweet } from "./tweet-loader.ts";

/** Most likes first. */
export const byLikes = (a: ScoredTweet, b: ScoredTweet): number => b.likes - a.likes || b.id - a.id;

/** Likes decayed by age, best first.
 * @param created times of creation, ms since the epoch; a tweet without one is gone. */
export function rankHot(tweets: ScoredTweet[], created: Map<number, number>): ScoredTweet[] {
  const scored = tweets.flatMap((tweet) => {
    const createdMs = created.get(tweet.id);
    return createdMs === undefined ? [] : { tweet, hot: hotScore(tweet.likes, createdMs) };
  });
  return scored.sort((a, b) => b.hot - a.hot || b.tweet.id - a.tweet.id).map(({ tweet }) => tweet);
}
