/** Tweets of part 2 as answers: hydrate → what differs by reader → present. */
import { Problem } from "../contract/errors.ts";
import { MAX_ID } from "../contract/schemas.ts";
import type { PageQuery } from "../contract/schemas-v2.ts";
import { ownLikes, tweetsByAuthor } from "../infra/feed-queries.ts";
import type { Context } from "./context.ts";
import { encodeCursor, idAfter, type List } from "./cursors.ts";
import { requirePerson } from "./people-v2.ts";
import type { TweetLoader } from "./tweet-loader.ts";

const ONE = Buffer.from('{"result":true,"tweet":');
const MANY = Buffer.from('{"result":true,"tweets":[');
const COMMA = Buffer.from(",");
/** What completes a fragment; see `renderTweetV2`. */
const LIKED = Buffer.from("true}");
const NOT_LIKED = Buffer.from("false}");
const END = Buffer.from("}");

export class TweetPages {
  readonly #ctx: Pick<Context, "db">;
  readonly #tweets: TweetLoader;

  constructor(ctx: Pick<Context, "db">, tweets: TweetLoader) {
    this.#ctx = ctx;
    this.#tweets = tweets;
  }

  /** @throws Problem `NotFound`. */
  async one(readerId: number, id: number): Promise<Buffer> {
    const { parts } = await this.#show(readerId, [id], 1);
    if (parts.length === 0) throw new Problem("NotFound", `There is no tweet ${id}.`);
    return Buffer.concat([ONE, ...parts, END]);
  }

  /** A page of a ranking: the first `limit` of the tweets that exist. The cursor carries the rest. */
  async ofRanking(readerId: number, list: List, ids: number[], limit: number): Promise<Buffer> {
    const { parts, rest } = await this.#show(readerId, ids, limit);
    return present(parts, rest.length > 0 ? encodeCursor(list, rest) : null);
  }

  /** A page of a list that goes on below its last id.
   * @param ids newest first; more of them than `limit` tell that there is another page. */
  async ofKeyset(readerId: number, list: List, ids: number[], limit: number): Promise<Buffer> {
    const page = ids.slice(0, limit);
    const { parts } = await this.#show(readerId, page, limit);
    return present(parts, ids.length > limit ? encodeCursor(list, page.slice(-1)) : null);
  }

  /** A person's tweets, newest first. @throws Problem `NotFound`, `ValidationError`. */
  async ofAuthor(readerId: number, authorId: number, { cursor, limit }: PageQuery) {
    const { db } = this.#ctx;
    const before = idAfter("tweets", cursor, MAX_ID);
    const ids = await tweetsByAuthor(db, authorId, before, limit + 1);
    if (ids.length === 0) await requirePerson(db, authorId);
    return this.ofKeyset(readerId, "tweets", ids, limit);
  }

  /** The JSON of up to `limit` tweets, in pieces, and the ids that were not looked at. */
  async #show(readerId: number, ids: number[], limit: number) {
    const parts: Buffer[] = [];
    let shown = 0;
    let at = 0;
    while (shown < limit && at < ids.length) {
      // Where one is gone, the page is filled up with what follows.
      const batch = ids.slice(at, at + limit - shown);
      at += batch.length;
      const [liked, tweets] = await Promise.all([
        ownLikes(this.#ctx.db, readerId, batch),
        this.#tweets.scores(batch),
      ]);
      const fragments = await this.#tweets.hydrate(tweets, "v2");
      tweets.forEach(({ id }, i) => {
        const fragment = fragments[i];
        if (!fragment) return;
        if (shown++ > 0) parts.push(COMMA);
        parts.push(fragment, liked.has(id) ? LIKED : NOT_LIKED);
      });
    }
    return { parts, rest: ids.slice(at) };
  }
}

/** A cursor is base64url, so it needs no escaping. */
function present(parts: Buffer[], nextCursor: string | null): Buffer {
  const cursor = nextCursor === null ? "null" : `"${nextCursor}"`;
  return Buffer.concat([MANY, ...parts, Buffer.from(`],"next_cursor":${cursor}}`)]);
}
