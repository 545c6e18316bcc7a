/** What handlers can call. */
import type { Context } from "../services/context.ts";
import type { Feed } from "../services/feed.ts";
import type { Likes } from "../services/likes.ts";
import type { MediaWaiters } from "../services/media.ts";
import type { People } from "../services/people.ts";

export interface Services {
  ctx: Context;
  people: People;
  feed: Feed;
  likes: Likes;
  mediaWaiters: MediaWaiters;
}
