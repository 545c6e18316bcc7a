/** SQL of people: whose key it is, profiles, follows. */
import { type Database, statement } from "./database.ts";

export interface PersonRow {
  id: number;
  name: string;
}

const BY_KEY = statement<PersonRow & { keyMsLeft: number | null }>(
  "person-by-key",
  `select u.id, u.name, (extract(epoch from k.expires_at - now()) * 1000)::float8 as "keyMsLeft"
     from api_keys k join users u on u.id = k.user_id
    where k.hash = $1 and u.disabled_at is null and (k.expires_at is null or k.expires_at > now())`,
);

export interface ProfileRow extends PersonRow {
  followers: PersonRow[];
  following: PersonRow[];
}

const PROFILE = statement<ProfileRow>(
  "profile",
  `select u.id, u.name,
          (select coalesce(json_agg(row_to_json(person)), '[]')
             from (select f.id, f.name from follows join users f on f.id = follower_id
                    where followee_id = u.id order by f.id) as person) as followers,
          (select coalesce(json_agg(row_to_json(person)), '[]')
             from (select f.id, f.name from follows join users f on f.id = followee_id
                    where follower_id = u.id order by f.id) as person) as following
     from users u where u.id = $1`,
);

/** Both counters are taken in the order of the ids, so that two people who follow each other at
 * the same moment cannot deadlock. */
const SET_FOLLOW = statement<{
  found: boolean;
  eventId: string | null;
  followersCount: number | null;
}>(
  "set-follow",
  `with locked as materialized (
     select id from users where id in ($1::int, $2::int) order by id for no key update
   ), added as (
     insert into follows (follower_id, followee_id)
     select $1::int, $2::int where $3::boolean and exists (select from locked where id = $2::int)
     on conflict do nothing
     returning 1 as step
   ), removed as (
     delete from follows where not $3::boolean and follower_id = $1::int and followee_id = $2::int
        and exists (select from locked)
     returning -1 as step
   ), step as (
     select step from added union all select step from removed
   ), counted as (
     update users set
       followers_count = followers_count + case when id = $2::int then step else 0 end,
       following_count = following_count + case when id = $1::int then step else 0 end
       from step where id in ($1::int, $2::int)
     returning id, followers_count
   ), event as (
     insert into events (type, payload, request_ids)
     select 'user:follow', jsonb_build_object(
       'followerId', $1::int, 'followeeId', $2::int, 'following', $3::boolean, 'followersCount', followers_count),
       array[$4::text]
       from counted where id = $2::int
     returning id
   )
   select exists (select from locked where id = $2::int) as found,
          (select id from event)::text as "eventId",
          (select followers_count from counted where id = $2::int) as "followersCount"`,
);

const READ_FOLLOW = statement<{
  followerName: string;
  followeeName: string;
  followersCount: number;
  following: boolean;
}>(
  "read-follow",
  `select follower.name as "followerName", followee.name as "followeeName",
          followee.followers_count as "followersCount",
          exists (select from follows where follower_id = $1 and followee_id = $2) as following
     from users follower, users followee where follower.id = $1 and followee.id = $2`,
);

/** The person to whom a good key belongs, and how long it stays good (null: for ever).
 * @param hash SHA-256 of the key. */
export const personByKey = async (db: Database, hash: Buffer) =>
  (await db.query(BY_KEY, [hash]))[0];

export const profileById = async (db: Database, id: number) => (await db.query(PROFILE, [id]))[0];

export const setFollow = async (
  db: Database,
  followerId: number,
  followeeId: number,
  following: boolean,
  requestId: string,
) => {
  const [row] = await db.query(SET_FOLLOW, [followerId, followeeId, following, requestId]);
  return row ?? { found: false, eventId: null, followersCount: null };
};

export const readFollow = async (db: Database, followerId: number, followeeId: number) =>
  (await db.query(READ_FOLLOW, [followerId, followeeId]))[0];
