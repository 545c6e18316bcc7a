/** What handlers can call. */
import type { Context } from "../services/context.ts";
import type { Likes } from "../services/likes.ts";
import type { MediaWaiters } from "../services/media.ts";
import type { Feeds } from "../services/open-feeds.ts";
import type { People } from "../services/people.ts";

export interface Services extends Feeds {
  ctx: Context;
  people: People;
  likes: Likes;
  mediaWaiters: MediaWaiters;
}
