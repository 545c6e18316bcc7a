/** SQL of idempotency keys: a request that is sent again is answered as it was the first time. */
import type { EntityManager } from "@mikro-orm/postgresql";
import { type Database, statement } from "./database.ts";

export interface KeyedRequest {
  userId: number;
  key: string;
  /** SHA-256 of what was asked for. */
  hash: Buffer;
}

export interface AnsweredRequest {
  /** Whether the same was asked for. */
  sameBody: boolean;
  /** What was posted; it may be deleted by now. */
  tweetId: number;
}

/** A row past its 24 hours is as good as absent. Of two requests at once, the second one waits here
 * until the first has committed (then it is told the answer) or failed (then it goes ahead). */
const CLAIM = `
  insert into idempotency_keys as known (user_id, key, body_hash)
  values (?, ?, decode(?, 'hex'))
  on conflict (user_id, key) do update
     set body_hash = excluded.body_hash, tweet_id = null, created_at = now()
   where known.created_at < now() - interval '24 hours'
  returning 1`;

const ANSWERED = `
  select tweet_id as "tweetId", body_hash = decode(?, 'hex') as "sameBody"
    from idempotency_keys where user_id = ? and key = ?`;

const KEEP = `update idempotency_keys set tweet_id = ? where user_id = ? and key = ?`;

const TRIM = statement<{ key: string }>(
  "trim-idempotency-keys",
  `delete from idempotency_keys
    where ctid = any(array(
            select ctid from idempotency_keys
             where created_at < now() - interval '24 hours' order by created_at limit $1))
   returning key`,
);

/** Takes the key for the transaction of `em`.
 * @returns undefined when it is this request's now; else what it was used for within 24 hours. */
export async function claimKey(
  em: EntityManager,
  { userId, key, hash }: KeyedRequest,
): Promise<AnsweredRequest | undefined> {
  const digest = hash.toString("hex");
  const claimed = await em.execute<object[]>(CLAIM, [userId, key, digest]);
  if (claimed.length > 0) return undefined;
  const [answered] = await em.execute<AnsweredRequest[]>(ANSWERED, [digest, userId, key]);
  return answered;
}

/** Keeps what a claimed key is answered with from now on. */
export const keepAnswer = (em: EntityManager, { userId, key }: KeyedRequest, tweetId: number) =>
  em.execute(KEEP, [tweetId, userId, key]);

/** Deletes one batch of keys past their 24 hours. @returns how many. */
export const trimIdempotencyKeys = async (db: Database, limit: number): Promise<number> =>
  (await db.query(TRIM, [limit])).length;
