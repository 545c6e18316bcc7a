/** SQL of the outbox: writing an event beside its change, taking up what was not delivered, and
 * marking what was. */
import type { EntityManager } from "@mikro-orm/postgresql";
import type { Log } from "../base/log.ts";
import type { OutboxEvent, OutboxPayloads, OutboxType } from "../contract/outbox.ts";
import { Event } from "../entities/entities.ts";
import { type Database, statement } from "./database.ts";
import type { ScoreRow } from "./feed-queries.ts";

export interface RecordOptions {
  /** The request that it comes from. */
  requestId?: string;
  /** When the relay takes it up; the default leaves the writer time to deliver it. */
  dueAt?: Date;
}

/** Adds the event row to the transaction of `em`. The id is known after the flush. */
export function recordEvent<T extends OutboxType>(
  em: EntityManager,
  type: T,
  payload: OutboxPayloads[T],
  { requestId, dueAt }: RecordOptions,
): OutboxEvent<T> {
  const requestIds = requestId === undefined ? [] : [requestId];
  const event = em.create(Event, { type, payload, requestIds, ...(dueAt && { dueAt }) });
  em.persist(event);
  return event as { id: string } as OutboxEvent<T>;
}

/* `= any(array(…))`, here and where pictures are cleaned up, since after `in (…)` the plan that a
 * prepared statement settles on reads the whole table to join a handful of rows with it. */

/** Claims events that are due and not delivered, each for one relay at a time: the claim puts off
 * the next try, so a relay that dies with them loses nothing. */
const CLAIM = statement<OutboxEvent>(
  "claim-events",
  `update events set due_at = now() + interval '5 seconds'
    where id = any(array(
            select id from events
             where delivered_at is null and due_at <= now()
             order by due_at limit $1 for update skip locked))
   returning id::text, type, payload, request_ids as "requestIds"`,
);

const MARK = statement<never>(
  "mark-delivered",
  `update events set delivered_at = now() where id = any($1::bigint[]) and delivered_at is null`,
);

const MARK_LIKES = statement<Pick<OutboxEvent, "id" | "requestIds">>(
  "mark-likes-delivered",
  `update events set delivered_at = now()
     from unnest($1::int[], $2::int[]) as published (tweet_id, version)
    where delivered_at is null and type = 'tweet:likes'
      and (payload ->> 'tweetId')::int = published.tweet_id
      and (payload ->> 'version')::int <= published.version
   returning id::text, request_ids as "requestIds"`,
);

/** Tweets whose likes changed and were not published: what is undelivered is what is to be done,
 * so a flushed Redis or a lost job forgets no like. */
const LIKED_TWEETS = statement<ScoreRow & { authorId: number; eventId: string }>(
  "liked-tweets",
  `select t.id, t.author_id as "authorId", t.likes_count as likes, t.version,
          (extract(epoch from t.created_at) * 1000)::float8 as "createdMs",
          changed.event_id::text as "eventId"
     from (select (payload ->> 'tweetId')::int as tweet_id, max(id) as event_id, min(id) as since
             from events where delivered_at is null and type = 'tweet:likes'
            group by 1 order by since limit $1) as changed
     join tweets t on t.id = changed.tweet_id`,
);

/** Mends counters that differ from the likes themselves, and returns all rows as they are then.
 * The transaction that likes keeps the counter, so nothing is ever mended unless somebody changed
 * the tables by hand. */
const RECOUNT = statement<ScoreRow>(
  "recount-likes",
  `with counted as (
     select t.id, (select count(*) from likes where tweet_id = t.id)::int as likes
       from tweets t where t.id = any($1::int[])
   ), mended as (
     update tweets t set likes_count = c.likes, version = t.version + 1
       from counted c where c.id = t.id and t.likes_count <> c.likes
     returning t.id, t.version
   )
   select t.id, c.likes, coalesce(m.version, t.version) as version,
          (extract(epoch from t.created_at) * 1000)::float8 as "createdMs"
     from counted c join tweets t on t.id = c.id left join mended m on m.id = c.id`,
);

const POSTPONE = statement<never>(
  "postpone-event",
  `update events set due_at = now() + interval '1 minute' where id = $1::bigint`,
);

const BACKLOG = statement<{ count: number }>(
  "event-backlog",
  `select count(*)::int as count from events where delivered_at is null and due_at <= now()`,
);

const FORGET = statement<never>("forget-event", `delete from events where id = $1::bigint`);

/** Tweets with unpublished likes, those that wait longest first; at most `limit`. */
export const likedTweets = (db: Database, limit: number) => db.query(LIKED_TWEETS, [limit]);

export const recountLikes = (db: Database, tweetIds: number[]) => db.query(RECOUNT, [tweetIds]);

const TRIM = statement<{ id: string }>(
  "trim-events",
  `delete from events
    where id = any(array(
            select id from events
             where created_at < now() - make_interval(secs => $1) and delivered_at is not null
               and id < (select max(id) from events where type <> 'canary')
             order by created_at limit $2))
   returning id`,
);

/** Deletes one batch of delivered events past their window; the youngest of all stays, since every
 * client may name it as the last that it saw. @returns how many. */
export const trimEvents = async (db: Database, olderThanS: number, limit: number) =>
  (await db.query(TRIM, [olderThanS, limit])).length;

export const claimDueEvents = (db: Database, limit: number) => db.query(CLAIM, [limit]);

/** Gives a wide fan-out a minute before the relay takes it for lost. */
export const postponeEvent = (db: Database, id: string) => db.query(POSTPONE, [id]);

export const eventBacklog = async (db: Database): Promise<number> =>
  (await db.query(BACKLOG))[0]?.count ?? 0;

/** Deletes an event that nobody will ask for. */
export const forgetEvent = (db: Database, id: string) => db.query(FORGET, [id]);

/** Marks the like events of these tweets, up to the version that was published.
 * @returns the events. */
export const markLikesDelivered = (db: Database, published: { id: number; version: number }[]) =>
  db.query(MARK_LIKES, [published.map(({ id }) => id), published.map(({ version }) => version)]);

/** Marks are gathered for so long; a process that dies before makes the relay deliver again. */
const GATHER_MS = 100;

/** Marks delivered events in batches, off the path of any request. */
export class DeliveredMarker {
  readonly #db: Database;
  readonly #log: Log;
  #ids: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Database, log: Log) {
    this.#db = db;
    this.#log = log;
  }

  add(id: string): void {
    this.#ids.push(id);
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS);
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ids = this.#ids.splice(0);
    if (ids.length === 0) return;
    try {
      await this.#db.query(MARK, [ids]);
    } catch (error) {
      this.#log.warn({ err: error }, "delivered events stay unmarked; the relay repeats them");
    }
  }
}
