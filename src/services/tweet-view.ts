/** How tweets look to clients: the one place where rows become the contract's shapes. */
import type { Attachment, TweetV2 } from "../contract/schemas-v2.ts";
import {
  type MediaRow,
  type TweetRow,
  type TweetV2Row,
  tweetV2Rows,
} from "../infra/feed-queries.ts";
import type { Context } from "./context.ts";

/** Root-relative, so that they work on nested pages too; `nginx` and the service serve the same. */
const variantUrl = (token: string, file: string): string => `/media/${token}/${file}`;

/** The variant that always exists: at most 1280 px wide, less when the picture is smaller. */
const FULL = "1280.webp";

const iso = (createdMs: number): string => new Date(createdMs).toISOString();

/** A tweet of part 1 as JSON text, ready to be joined into an answer. */
export function renderTweet(row: TweetRow): Buffer {
  const head = JSON.stringify({
    id: row.id,
    content: row.content,
    attachments: row.tokens?.split(",").map((token) => variantUrl(token, FULL)) ?? [],
    author: { id: row.authorId, name: row.authorName },
  });
  // The likers come as JSON from Postgres, and stay text.
  return Buffer.from(`${head.slice(0, -1)},"likes":${row.likers},"stamp":"${iso(row.createdMs)}"}`);
}

const attachment = ({ id, token, status, width, height, placeholder, variants }: MediaRow) =>
  ({
    id,
    status,
    width,
    height,
    placeholder,
    variants: variants.map((variant) => ({
      width: variant.width,
      height: variant.height,
      url: variantUrl(token, variant.file),
      type: "image/webp",
    })),
  }) satisfies Attachment;

export const viewTweetV2 = (row: TweetV2Row, liked = false): TweetV2 => ({
  id: row.id,
  content: row.content,
  author: { id: row.authorId, name: row.authorName },
  created_at: iso(row.createdMs),
  likes_count: row.likes,
  liked,
  version: row.version,
  attachments: row.media.map(attachment),
});

/** Those of the tweets that exist, as live events carry them, by id. */
export async function loadTweetsV2(
  { db }: Pick<Context, "db">,
  ids: number[],
): Promise<Map<number, TweetV2>> {
  const rows = ids.length > 0 ? await tweetV2Rows(db, ids) : [];
  return new Map(rows.map((row) => [row.id, viewTweetV2(row)]));
}

/** The same for one; undefined when it is gone. */
export const loadTweetV2 = async (ctx: Pick<Context, "db">, id: number) =>
  (await loadTweetsV2(ctx, [id])).get(id);
