/** The orders of a feed. Equal ones stand with the newest first, so that every order is total. */
import type { ScoredTweet } from "./tweet-loader.ts";

/** Most likes first. */
export const byLikes = (a: ScoredTweet, b: ScoredTweet): number => b.likes - a.likes || b.id - a.id;
