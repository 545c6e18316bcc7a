/** SQL of people as part 2 shows them: counts instead of lists, pages instead of all. */
import { type Database, statement } from "./database.ts";

export interface PersonV2Row {
  id: number;
  name: string;
  followersCount: number;
  /** Whether the caller follows them. */
  following: boolean;
}

export interface ProfileV2Row extends PersonV2Row {
  followingCount: number;
  followsYou: boolean;
}

const PROFILE = statement<ProfileV2Row>(
  "profile-v2",
  `select u.id, u.name, u.followers_count as "followersCount",
          u.following_count as "followingCount",
          exists (select from follows where follower_id = $2 and followee_id = u.id) as following,
          exists (select from follows where follower_id = u.id and followee_id = $2) as "followsYou"
     from users u where u.id = $1`,
);

const EXISTS = statement<{ id: number }>("person-exists", `select id from users where id = $1`);

/** The columns of a person `u` for the caller `$1`. */
const PERSON = `u.id, u.name, u.followers_count as "followersCount",
          exists (select from follows where follower_id = $1 and followee_id = u.id) as following`;

const FOLLOWERS = statement<PersonV2Row>(
  "followers-page",
  `select ${PERSON}
     from follows f join users u on u.id = f.follower_id
    where f.followee_id = $2 and f.follower_id > $3 order by f.follower_id limit $4`,
);

const FOLLOWING = statement<PersonV2Row>(
  "following-page",
  `select ${PERSON}
     from follows f join users u on u.id = f.followee_id
    where f.follower_id = $2 and f.followee_id > $3 order by f.followee_id limit $4`,
);

/** A range instead of LIKE: no sign in it is a wildcard, and it is one part of the index whatever
 * the parameter is. U+10FFFF sorts behind all that a name can have. */
const BY_NAME = statement<PersonV2Row & { searchName: string }>(
  "people-by-name",
  `select ${PERSON}, u.search_name as "searchName"
     from users u
    where u.disabled_at is null
      and u.search_name >= search_name($2) and u.search_name < search_name($2) || chr(1114111)
      and (u.search_name, u.id) > ($3::text, $4::int)
    order by u.search_name, u.id limit $5`,
);

/** Nobody has to be looked at but the most followed, as many as are asked for and those that the
 * caller follows already: the cost grows with the caller's follows, not with the company. */
const SUGGESTED = statement<PersonV2Row>(
  "people-suggested",
  `select ${PERSON}
     from (select id, name, followers_count from users where disabled_at is null
            order by followers_count desc, id desc
            limit $2::int + 1 + (select following_count from users where id = $1)) as u
    where u.id <> $1
      and not exists (select from follows where follower_id = $1 and followee_id = u.id)
    order by u.followers_count desc, u.id desc limit $2::int`,
);

export const profileV2 = async (db: Database, id: number, callerId: number) =>
  (await db.query(PROFILE, [id, callerId]))[0];

export const personExists = async (db: Database, id: number): Promise<boolean> =>
  (await db.query(EXISTS, [id])).length > 0;

/** Keyset pagination: up to `limit` followers with an id above `afterId`, ascending. */
export const followersPage = (
  db: Database,
  callerId: number,
  id: number,
  afterId: number,
  limit: number,
) => db.query(FOLLOWERS, [callerId, id, afterId, limit]);

/** The same of the people whom somebody follows. */
export const followingPage = (
  db: Database,
  callerId: number,
  id: number,
  afterId: number,
  limit: number,
) => db.query(FOLLOWING, [callerId, id, afterId, limit]);

/** Keyset pagination by folded name, then id. @param prefix as it was asked; folded by Postgres. */
export const peopleByName = (
  db: Database,
  callerId: number,
  prefix: string,
  after: { searchName: string; id: number },
  limit: number,
) => db.query(BY_NAME, [callerId, prefix, after.searchName, after.id, limit]);

/** The most followed people whom the caller does not follow. */
export const peopleSuggested = (db: Database, callerId: number, limit: number) =>
  db.query(SUGGESTED, [callerId, limit]);
