/** The feeds of one process: different orders and shapes over the same caches. */
import { gaugeCacheBytes, gaugeCacheLimit } from "../base/metrics/feeds.ts";
import type { Context } from "./context.ts";
import { Feed } from "./feed.ts";
import { FeedAnswers } from "./feed-answers.ts";
import { FeedCache } from "./feed-cache.ts";
import { FeedV2 } from "./feed-v2.ts";
import { FeedWindows } from "./feed-windows.ts";
import { TweetLoader } from "./tweet-loader.ts";
import { TweetPages } from "./tweet-pages.ts";

export interface Feeds {
  feed: Feed;
  feedV2: FeedV2;
  tweetPages: TweetPages;
}

export function openFeeds(ctx: Context): Feeds {
  const half = ctx.config.cacheMaxBytes / 2;
  const tweets = new TweetLoader(ctx, half);
  const cache = new FeedCache(ctx.clock, half);
  const answers = new FeedAnswers(ctx.clock, cache, new FeedWindows(ctx, cache, tweets));
  gaugeCacheBytes(() => ({ answers: cache.bytes, tweets: tweets.bytes }));
  gaugeCacheLimit(() => ({ answers: half, tweets: half }));
  const tweetPages = new TweetPages(ctx, tweets);
  return {
    feed: new Feed(answers, tweets),
    feedV2: new FeedV2(ctx, answers, tweets, tweetPages),
    tweetPages,
  };
}
