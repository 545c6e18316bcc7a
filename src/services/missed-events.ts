/**
 * What a client missed while it was away.
 *
 * The client names the last event that it saw. Whatever it has not seen was told to its rooms after
 * that one was, or so little before that it was overtaken on the way; so it is sent all that was
 * still to be delivered when that event was written, less `OVERTAKEN_MS`. Some of it it has seen:
 * an event may come twice, and is never absent. Payloads are as things stand now.
 *
 * After an outage many clients come at once and ask for much the same: those who wait together
 * share their queries.
 */
import type { FollowChange, ServerEventName } from "../contract/events.ts";
import type { TweetV2 } from "../contract/schemas-v2.ts";
import { Batches } from "../infra/batches.ts";
import type { LiveMessage } from "../infra/live-publisher.ts";
import {
  eventTimes,
  type MissedRow,
  missedEvents,
  newestEventId,
} from "../infra/missed-event-queries.ts";
import type { Context } from "./context.ts";
import { currentFollow } from "./follow-view.ts";
import { loadTweetsV2 } from "./tweet-view.ts";

/** A dead subscription is found out within one second (`infra/subscription`): so much later may an
 * event be lost that was told before one which arrived. Three times that. */
const OVERTAKEN_MS = 3000;
/** More is not sent: reading the pages again is cheaper (CONTRACT, part 3). */
const MAX_MESSAGES = 1000;
/** Likes are many rows and few messages: so many rows are read for one client, or for a batch. */
const MAX_ROWS = 10_000;
const MAX_BATCH = 100;
const IN_FLIGHT = 2;

export interface Absence {
  /** The id of the last event seen; absent at the first connection. */
  since: string | undefined;
  userId: number;
  /** The followed and the client's own person. */
  authorIds: number[];
}

export interface Missed {
  /** In order; undefined when it is too old or too much: the client has to read anew. */
  messages: LiveMessage[] | undefined;
  /** A `since` for all that comes after these. */
  cursor: string;
}

interface Dated {
  userId: number;
  authors: Set<number>;
  /** What was due from here on is sent, ms since the epoch. */
  fromMs: number;
}

export class MissedEvents {
  readonly #ctx: Pick<Context, "db">;
  readonly #batches: Batches<Absence, Missed>;

  constructor(ctx: Pick<Context, "db">) {
    this.#ctx = ctx;
    this.#batches = new Batches({
      run: (absences) => this.#readAll(absences),
      maxBatch: MAX_BATCH,
      inFlight: IN_FLIGHT,
    });
  }

  /** Call it when the client's rooms are joined: what is told from then on reaches it by itself.
   * @throws Problem `Unavailable`. */
  read(absence: Absence): Promise<Missed> {
    return this.#batches.add(absence);
  }

  async #readAll(absences: Absence[]): Promise<Missed[]> {
    const { db } = this.#ctx;
    const cursor = await newestEventId(db);
    const ids = absences.flatMap(({ since }) => (isEventId(since) ? [since] : []));
    const times = ids.length > 0 ? await eventTimes(db, ids) : new Map<string, number>();
    const dated = absences.map((absence): Dated | undefined => {
      const at = absence.since === undefined ? undefined : times.get(absence.since);
      if (at === undefined) return undefined;
      const { userId, authorIds } = absence;
      return { userId, authors: new Set(authorIds), fromMs: at - OVERTAKEN_MS };
    });
    const messages = await this.#messagesOf(dated.filter((each) => each !== undefined));
    return absences.map(({ since }, i) => {
      const absence = dated[i];
      if (absence) return { cursor, messages: messages.get(absence) };
      return { cursor, messages: since === undefined ? [] : undefined };
    });
  }

  /** The messages for each; nothing where they would be too many. */
  async #messagesOf(absences: Dated[]): Promise<Map<Dated, LiveMessage[]>> {
    const rowsOf = new Map<Dated, MissedRow[]>();
    const together = await this.#rowsFor(absences);
    for (const absence of absences) {
      // Too many for all of them may be few enough for each.
      const rows = together ?? (await this.#rowsFor([absence]));
      const own = rows && lastOfEach(rows.filter((row) => concerns(row, absence)));
      if (own && own.length <= MAX_MESSAGES) rowsOf.set(absence, own);
    }
    const present = await this.#present(new Set([...rowsOf.values()].flat()));
    return new Map(
      [...rowsOf].map(([absence, rows]) => [
        absence,
        rows.map(present).filter((message) => message !== undefined),
      ]),
    );
  }

  /** @returns undefined when there are more than can be read. */
  async #rowsFor(absences: Dated[]): Promise<MissedRow[] | undefined> {
    if (absences.length === 0) return [];
    return missedEvents(
      this.#ctx.db,
      Math.min(...absences.map(({ fromMs }) => fromMs)),
      [...new Set(absences.flatMap(({ authors }) => [...authors]))],
      absences.map(({ userId }) => userId),
      MAX_ROWS,
    );
  }

  /** Reads what the rows' messages show. @returns the message of a row; undefined where there is
   * nothing to tell any more. */
  async #present(rows: Set<MissedRow>): Promise<(row: MissedRow) => LiveMessage | undefined> {
    const tweetIds = new Set<number>();
    const follows = new Map<string, FollowChange | undefined>();
    for (const { type, payload } of rows) {
      if (type === "user:follow") follows.set(pairOf(payload), undefined);
      else if (type !== "tweet:deleted" && "tweetId" in payload) tweetIds.add(payload.tweetId);
    }
    const tweets = await loadTweetsV2(this.#ctx, [...tweetIds]);
    for (const pair of follows.keys()) {
      const [followerId, followeeId] = pair.split(" ").map(Number) as [number, number];
      follows.set(pair, await currentFollow(this.#ctx, followerId, followeeId));
    }
    const known = new Map<MissedRow, LiveMessage | undefined>();
    for (const row of rows) known.set(row, messageOf(row, tweets, follows));
    return (row) => known.get(row);
  }
}

const isEventId = (text: string | undefined): text is string =>
  text !== undefined && /^\d{1,18}$/.test(text);

const pairOf = (payload: { followerId: number; followeeId: number }): string =>
  `${payload.followerId} ${payload.followeeId}`;

function concerns({ type, payload, dueMs }: MissedRow, absence: Dated): boolean {
  if (dueMs < absence.fromMs) return false;
  if (type === "user:follow") {
    return payload.followerId === absence.userId || payload.followeeId === absence.userId;
  }
  return "authorId" in payload && absence.authors.has(payload.authorId);
}

/** Of the changes of one thing the last tells all: they are sent as things stand now. */
function lastOfEach(rows: MissedRow[]): MissedRow[] {
  const last = new Map<string, MissedRow>();
  for (const row of rows) {
    const { type, payload } = row;
    const what = type === "user:follow" ? pairOf(payload) : "tweetId" in payload && payload.tweetId;
    const key = `${type} ${what}`;
    last.delete(key); // set anew, so that the map stays in order
    last.set(key, row);
  }
  return [...last.values()];
}

function messageOf(
  { id, type, payload }: MissedRow,
  tweets: Map<number, TweetV2>,
  follows: Map<string, FollowChange | undefined>,
): LiveMessage | undefined {
  const meta = { id };
  if (type === "user:follow") {
    const follow = follows.get(pairOf(payload));
    return follow && (["user:follow", follow, meta] satisfies LiveMessage);
  }
  if (type === "tweet:deleted") return ["tweet:deleted", { id: payload.tweetId }, meta];
  const tweet = "tweetId" in payload ? tweets.get(payload.tweetId) : undefined;
  return tweet && tweetMessage(type as ServerEventName, tweet, meta);
}

function tweetMessage(
  type: ServerEventName,
  tweet: TweetV2,
  meta: { id: string },
): LiveMessage | undefined {
  const { id, likes_count, version, attachments } = tweet;
  if (type === "tweet:new") return [type, tweet, meta];
  if (type === "tweet:likes") return [type, { id, likes_count, version }, meta];
  if (type === "tweet:media") return [type, { id, attachments }, meta];
  return undefined;
}
