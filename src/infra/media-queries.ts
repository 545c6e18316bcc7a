/** SQL of pictures, as the workers need it. */
import type { OutboxEvent } from "../contract/outbox.ts";
import { type Database, type Query, statement } from "./database.ts";
import type { PictureVariants } from "./pictures.ts";

const BY_ID = statement<{ token: string; status: string; tweetId: number | null }>(
  "media-by-id",
  `select token, status, tweet_id as "tweetId" from media where id = $1`,
);

/** Locks the tweet before the picture, as a deletion does. `$2` is the tweet that the caller saw:
 * when the picture was put into a tweet meanwhile, nothing is done, and the caller looks again. */
const FINISH = statement<{ finished: boolean; event: OutboxEvent<"tweet:media"> | null }>(
  "finish-media",
  `with tweet as materialized (
     select id from tweets where id = $2::int for no key update
   ), picture as (
     update media set status = $3, width = $4, height = $5, placeholder = $6, variants = $7::jsonb
      where id = $1::int and status = 'processing' and tweet_id is not distinct from $2::int
        and ($2::int is null or exists (select from tweet))
     returning id
   ), bumped as (
     update tweets t set version = version + 1
       from tweet where t.id = tweet.id and exists (select from picture)
     returning t.id, t.author_id, t.version
   ), event as (
     insert into events (type, payload, request_ids)
     select 'tweet:media', jsonb_build_object(
       'tweetId', id, 'authorId', author_id, 'mediaId', $1::int, 'version', version), $8::text[]
       from bumped
     returning id::text, type, payload, request_ids as "requestIds"
   )
   select exists (select from picture) as finished, (select row_to_json(event) from event) as event`,
);

const PROCESSING = statement<{ id: number }>(
  "media-processing",
  `select id from media
    where status = 'processing' and created_at < now() - interval '10 seconds'
    order by created_at limit $1`,
);

/** Skips what somebody is putting into a tweet just now. */
const TAKE_ORPHANS = statement<{ token: string }>(
  "media-take-orphans",
  `delete from media
    where id = any(array(
            select id from media
             where tweet_id is null and created_at < now() - make_interval(secs => $1)
             order by created_at limit $2 for update skip locked))
   returning token`,
);

const KNOWN_TOKENS = statement<{ token: string }>(
  "media-known-tokens",
  `select token from media where token = any($1::text[])`,
);

const PROCESSING_TOKENS = statement<{ token: string }>(
  "media-processing-tokens",
  `select token from media where token = any($1::text[]) and status = 'processing'`,
);

export interface PictureFiles {
  id: number;
  token: string;
  /** Of the variants; none while the original is all that there is. */
  files: string[];
}

/** What failed has no files. */
const WITH_FILES = statement<PictureFiles>(
  "media-with-files",
  `select id, token, array(select v ->> 'file' from jsonb_array_elements(variants) v) as files
     from media where id > $1 and status <> 'failed' order by id limit $2`,
);

const TOKEN_PROCESSING = statement<{ processing: boolean }>(
  "media-token-processing",
  `select status = 'processing' as processing from media where token = $1`,
);

const FORGET = statement<never>(
  "media-forget",
  `delete from media where id = $1 and tweet_id is null`,
);

export const mediaById = async (db: Database, id: number) => (await db.query(BY_ID, [id]))[0];

/** Ends the processing of a picture: with its variants, or (undefined) as failed.
 * @returns `finished` is false when it was not `processing`, or was put into a tweet meanwhile. */
export async function finishMedia(
  db: Database,
  id: number,
  tweetId: number | null,
  made: PictureVariants | undefined,
  requestIds: string[],
) {
  const variants = made?.variants.map(({ width, height, file }) => ({ width, height, file })) ?? [];
  const largest = variants.at(-1);
  const [row] = await db.query(FINISH, [
    id,
    tweetId,
    made ? "ready" : "failed",
    largest?.width ?? null,
    largest?.height ?? null,
    made?.placeholder ?? null,
    JSON.stringify(variants),
    requestIds,
  ]);
  return { finished: row?.finished ?? false, event: row?.event ?? undefined };
}

/** Pictures whose job seems to be lost. */
export const stuckMedia = async (db: Database, limit: number) =>
  (await db.query(PROCESSING, [limit])).map(({ id }) => id);

/** Deletes the rows of uploads that no tweet used, and returns their tokens. */
export const takeOrphans = async (db: Database, olderThanS: number, limit: number) =>
  (await db.query(TAKE_ORPHANS, [olderThanS, limit])).map(({ token }) => token);

export const knownTokens = async (db: Database, tokens: string[]) =>
  new Set((await db.query(KNOWN_TOKENS, [tokens])).map(({ token }) => token));

/** Of these tokens, those whose original is still needed. */
export const processingTokens = async (db: Database, tokens: string[]) =>
  new Set((await db.query(PROCESSING_TOKENS, [tokens])).map(({ token }) => token));

/** The pictures that have files, by id. */
export const picturesAfter = (query: Query, afterId: number, limit: number) =>
  query(WITH_FILES, [afterId, limit]);

/** Deletes a picture's row, unless a tweet has it. */
export const forgetMedia = (db: Database, id: number) => db.query(FORGET, [id]);

export const isTokenProcessing = async (db: Database, token: string): Promise<boolean> =>
  (await db.query(TOKEN_PROCESSING, [token]))[0]?.processing ?? false;
