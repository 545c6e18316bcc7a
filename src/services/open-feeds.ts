/** The feeds of one process: different orders and shapes over the same caches. */
import type { Context } from "./context.ts";
import { Feed } from "./feed.ts";
import { FeedAnswers } from "./feed-answers.ts";
import { FeedCache } from "./feed-cache.ts";
import { FeedWindows } from "./feed-windows.ts";
import { TweetLoader } from "./tweet-loader.ts";

export interface Feeds {
  feed: Feed;
}

export function openFeeds(ctx: Context): Feeds {
  const half = ctx.config.cacheMaxBytes / 2;
  const tweets = new TweetLoader(ctx, half);
  const cache = new FeedCache(ctx.clock, half);
  const answers = new FeedAnswers(ctx.clock, cache, new FeedWindows(ctx, cache, tweets));
  return { feed: new Feed(answers, tweets) };
}
