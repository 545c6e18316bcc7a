/** SQL of people's accounts, as the company manages them. */
import { type Database, type Query, statement } from "./database.ts";

export interface AccountRow {
  id: number;
  name: string;
  externalId: string | null;
  disabled: boolean;
  /** Keys that have not expired. */
  keys: number;
  /** When the first of them expires, ms since the epoch; null: none does. */
  nextExpiryMs: number | null;
}

const ACCOUNTS = statement<AccountRow>(
  "accounts",
  `select u.id, u.name, u.external_id as "externalId", u.disabled_at is not null as disabled,
          k.count as keys, (extract(epoch from k.next_expiry) * 1000)::float8 as "nextExpiryMs"
     from users u cross join lateral
       (select count(*)::int as count, min(expires_at) as next_expiry from api_keys
         where user_id = u.id and (expires_at is null or expires_at > now())) as k
    order by u.id`,
);

/** What an import did with one person; whom it left as they were is not named. */
export interface ImportedRow {
  id: number;
  externalId: string;
  name: string;
  /** The name before, where it is another one. */
  was: string | null;
  created: boolean;
  enabled: boolean;
  disabled: boolean;
}

/**
 * All of an import: people by external id, keys for the new ones, and the events by which processes
 * drop what they know. `$3` has a key's hash for everybody; only those of the new are used.
 * Accounts are locked in the order of their ids, so that two imports cannot deadlock; of two that
 * add the same person at once, the first one does.
 */
const IMPORT = statement<ImportedRow>(
  "import-people",
  `with input as (
     select * from unnest($1::text[], $2::text[], $3::bytea[]) as i (external_id, name, hash)
   ), known as materialized (
     select u.id, u.external_id, u.name as was, i.name, i.name is not null as listed,
            u.disabled_at is not null as off
       from users u left join input i on i.external_id = u.external_id
      where u.external_id = any($1::text[]) or ($4::boolean and u.external_id is not null)
      order by u.id for no key update of u
   ), created as (
     insert into users (name, external_id)
     select name, external_id from input
      where not exists (select from known where known.external_id = input.external_id)
     on conflict (external_id) do nothing
     returning id, external_id, name
   ), keys as (
     insert into api_keys (hash, user_id)
     select hash, id from created join input on input.external_id = created.external_id
   ), changed as (
     update users u
        set name = coalesce(k.name, u.name), disabled_at = case when k.listed then null else now() end
       from known k where k.id = u.id and (k.listed = k.off or k.name <> k.was)
     returning k.*
   ), told as (
     insert into events (type, payload, due_at)
     select 'user:changed', jsonb_build_object('userId', id, 'disconnect', not listed), now()
       from changed
   )
   select id, external_id as "externalId", name, null as was,
          true as created, false as enabled, false as disabled
     from created
   union all
   select id, external_id, coalesce(name, was), case when name <> was then was end,
          false, listed and off, not listed
     from changed
    order by 1`,
);

/** Tweets show names, and are kept as they look by their version. So the tweets of the renamed, and
 * those that they like, get a new version, and the event which makes all caches follow. */
const RENAME_IN_TWEETS = statement<never>(
  "rename-in-tweets",
  `with shown as materialized (
     select id from tweets
      where id = any(array(select id from tweets where author_id = any($1::int[])
                           union select tweet_id from likes where user_id = any($1::int[])))
      order by id for no key update
   ), bumped as (
     update tweets t set version = version + 1 from shown where t.id = shown.id
     returning t.id, t.author_id
   )
   insert into events (type, payload, due_at)
   select 'tweet:renamed', jsonb_build_object('tweetId', id, 'authorId', author_id), now()
     from bumped`,
);

const FORGET_EXPIRED_KEYS = statement<{ forgotten: number }>(
  "forget-expired-keys",
  `delete from api_keys
    where hash = any(array(
            select hash from api_keys
             where expires_at < now() - make_interval(secs => $1)
             order by expires_at limit $2))
   returning 1 as forgotten`,
);

/** Everybody, by id. */
export const accounts = (db: Database) => db.query(ACCOUNTS);

export interface ImportInput {
  externalId: string;
  name: string;
  /** SHA-256 of the key that the person gets when new. */
  keyHash: Buffer;
}

/** Creates, renames and enables the people of `input`. To be called in a transaction.
 * @param disableAbsent whether those are disabled who have an external id and are not in `input`. */
export async function importPeople(
  query: Query,
  input: ImportInput[],
  disableAbsent: boolean,
): Promise<ImportedRow[]> {
  const changes = await query(IMPORT, [
    input.map(({ externalId }) => externalId),
    input.map(({ name }) => name),
    input.map(({ keyHash }) => keyHash),
    disableAbsent,
  ]);
  const renamed = changes.filter(({ was }) => was !== null).map(({ id }) => id);
  if (renamed.length > 0) await query(RENAME_IN_TWEETS, [renamed]);
  return changes;
}

/** Deletes one batch of keys that expired so long ago. @returns how many. */
export const forgetExpiredKeys = async (db: Database, olderThanS: number, limit: number) =>
  (await db.query(FORGET_EXPIRED_KEYS, [olderThanS, limit])).length;
