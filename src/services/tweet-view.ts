/** How tweets look to clients: the one place where rows become the contract's shapes. */
import type { Attachment, TweetV2 } from "../contract/schemas-v2.ts";
import type { Database } from "../infra/database.ts";
import {
  type MediaRow,
  type ScoreRow,
  type TweetRow,
  type TweetV2Row,
  tweetRows,
  tweetV2Rows,
} from "../infra/feed-queries.ts";
import type { Context } from "./context.ts";

/** Root-relative, so that they work on nested pages too; `nginx` and the service serve the same. */
const variantUrl = (token: string, file: string): string => `/media/${token}/${file}`;

/** The variant that always exists: at most 1280 px wide, less when the picture is smaller. */
const FULL = "1280.webp";

const iso = (createdMs: number): string => new Date(createdMs).toISOString();

/** A tweet of part 1 as JSON text, ready to be joined into an answer. */
function renderTweet(row: TweetRow): Buffer {
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

/** A tweet of part 2 as JSON text that ends before the one value that differs by reader: `true}` or
 * `false}` completes it. */
function renderTweetV2(row: TweetV2Row): Buffer {
  const { liked: _, ...same } = viewTweetV2(row);
  return Buffer.from(`${JSON.stringify(same).slice(0, -1)},"liked":`);
}

export interface RenderedTweet {
  id: number;
  likes: number;
  version: number;
  json: Buffer;
}

const rendered =
  <Row extends ScoreRow>(
    load: (db: Database, ids: number[]) => Promise<Row[]>,
    render: (row: Row) => Buffer,
  ) =>
  async (db: Database, ids: number[]): Promise<RenderedTweet[]> =>
    (await load(db, ids)).map((row) => {
      const { id, likes, version } = row;
      return { id, likes, version, json: render(row) };
    });

/** How a tweet is kept rendered: as part 1 and as part 2 of the contract show it. */
export const RENDERINGS = {
  v1: rendered(tweetRows, renderTweet),
  v2: rendered(tweetV2Rows, renderTweetV2),
};

export type Rendering = keyof typeof RENDERINGS;

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
