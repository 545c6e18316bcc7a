/** People as part 2 of the contract shows them. Disabled people keep their profile, their tweets and
 * their place in lists of follows (whose counts have them, too), but nobody is led to them: they are
 * not found by name and not suggested. */
import { Problem } from "../contract/errors.ts";
import type { PageQuery, PeopleQuery, PersonV2, ProfileV2 } from "../contract/schemas-v2.ts";
import type { Database } from "../infra/database.ts";
import {
  followersPage,
  followingPage,
  type PersonV2Row,
  peopleByName,
  peopleSuggested,
  personExists,
  profileV2,
} from "../infra/people-pages-queries.ts";
import type { Context } from "./context.ts";
import { decodeCursor, encodeCursor, idAfter } from "./cursors.ts";

type PeopleContext = Pick<Context, "db">;

export interface PeoplePage {
  users: PersonV2[];
  next_cursor: string | null;
}

const unknown = (id: number) => new Problem("NotFound", `There is no user ${id}.`);

const viewPerson = ({ id, name, followersCount, following }: PersonV2Row): PersonV2 => ({
  id,
  name,
  followers_count: followersCount,
  following,
});

/** @throws Problem `NotFound`. */
export async function requirePerson(db: Database, id: number): Promise<void> {
  if (!(await personExists(db, id))) throw unknown(id);
}

/** @throws Problem `NotFound`. */
export async function readProfileV2(
  { db }: PeopleContext,
  callerId: number,
  id: number,
): Promise<ProfileV2> {
  const row = await profileV2(db, id, callerId);
  if (!row) throw unknown(id);
  return {
    ...viewPerson(row),
    following_count: row.followingCount,
    follows_you: row.followsYou,
  };
}

/** One page of a person's followers, or of the people whom a person follows, by id.
 * @throws Problem `NotFound`, `ValidationError` (the cursor). */
export async function readFollows(
  { db }: PeopleContext,
  callerId: number,
  id: number,
  list: "followers" | "following",
  { cursor, limit }: PageQuery,
): Promise<PeoplePage> {
  const after = idAfter(list, cursor, 0);
  const load = list === "followers" ? followersPage : followingPage;
  const rows = await load(db, callerId, id, after, limit + 1);
  if (rows.length === 0) await requirePerson(db, id);
  return pageOf(rows, limit, (last) => encodeCursor(list, [last.id]));
}

/** One page of the people whose names begin so, by name. @throws Problem `ValidationError`. */
export async function findPeople(
  { db }: PeopleContext,
  callerId: number,
  { query, cursor, limit }: PeopleQuery,
): Promise<PeoplePage> {
  const { ids, text } = cursor ? decodeCursor("people", cursor) : { ids: [0], text: "" };
  const after = { searchName: text, id: ids[0] as number };
  const rows = await peopleByName(db, callerId, query, after, limit + 1);
  return pageOf(rows, limit, (last) => encodeCursor("people", [last.id], last.searchName));
}

/** Whom to follow: the most followed whom the caller does not follow yet. */
export async function suggestPeople(
  { db }: PeopleContext,
  callerId: number,
  limit: number,
): Promise<PersonV2[]> {
  return (await peopleSuggested(db, callerId, limit)).map(viewPerson);
}

/** @param rows one more than `limit` when there is another page. */
function pageOf<Row extends PersonV2Row>(
  rows: Row[],
  limit: number,
  cursorAfter: (last: Row) => string,
): PeoplePage {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    users: page.map(viewPerson),
    next_cursor: rows.length > limit && last ? cursorAfter(last) : null,
  };
}
