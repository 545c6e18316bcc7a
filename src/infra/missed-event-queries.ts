/**
 * SQL of what a client missed: the outbox read as a log.
 *
 * Ids are not commit order, and an event may be delivered long after it was committed. What a client
 * missed is therefore found by time: `due_at` is the moment by which the event's last delivery has
 * begun, since the relay takes over whatever is not delivered by then and sets a later one.
 */
import type { RecordedEvent } from "../contract/outbox.ts";
import { type Database, statement } from "./database.ts";

const ORIGINS = statement<{ id: string; createdMs: number }>(
  "missed-origins",
  `select id::text, (extract(epoch from created_at) * 1000)::float8 as "createdMs"
     from events where id = any($1::bigint[])`,
);

const NEWEST = statement<{ id: string }>(
  "newest-event",
  // Not `order by id`: that would be the text, by which 9 comes after 10. A canary's row is gone
  // before a client could name it.
  `select id::text from events where type <> 'canary' order by events.id desc limit 1`,
);

export type MissedRow = RecordedEvent & { dueMs: number };

/** One index scan for each author and person, each stopped at the limit. Of a new name, clients are
 * not told. */
const MISSED = statement<MissedRow>(
  "missed-events",
  `with since as (select to_timestamp($1::float8 / 1000) as at), missed as (
     select e.* from since, unnest($2::int[]) as author (id) cross join lateral
       (select id, type, payload, due_at from events
         where (payload ->> 'authorId')::int = author.id and due_at >= since.at
           and type <> 'tweet:renamed'
         order by due_at limit $4) as e
     union all
     select e.* from since, unnest($3::int[]) as person (id) cross join lateral
       (select id, type, payload, due_at from events
         where type = 'user:follow' and (payload ->> 'followerId')::int = person.id and due_at >= since.at
         order by due_at limit $4) as e
     union all
     select e.* from since, unnest($3::int[]) as person (id) cross join lateral
       (select id, type, payload, due_at from events
         where type = 'user:follow' and (payload ->> 'followeeId')::int = person.id and due_at >= since.at
         order by due_at limit $4) as e
   )
   select id::text, type, payload, (extract(epoch from due_at) * 1000)::float8 as "dueMs"
     from missed limit $4`,
);

/** When those of the events that are still kept were written, ms since the epoch, by id. */
export const eventTimes = async (db: Database, ids: string[]): Promise<Map<string, number>> =>
  new Map((await db.query(ORIGINS, [ids])).map(({ id, createdMs }) => [id, createdMs]));

/** The id of the youngest event; "0" where there never was one. */
export const newestEventId = async (db: Database): Promise<string> =>
  (await db.query(NEWEST))[0]?.id ?? "0";

/** Events that were still to be delivered at `sinceMs` or later: of the authors' tweets, and of the
 * people's follows, in the order of their deliveries. No more than `limit` rows are looked at.
 * @returns undefined when there are that many. */
export async function missedEvents(
  db: Database,
  sinceMs: number,
  authorIds: number[],
  personIds: number[],
  limit: number,
): Promise<MissedRow[] | undefined> {
  const rows = await db.query(MISSED, [sinceMs, authorIds, personIds, limit]);
  if (rows.length >= limit) return undefined;
  return rows.sort((a, b) => a.dueMs - b.dueMs || Number(a.id) - Number(b.id));
}
