/** Tables at the size of a large company, made by PostgreSQL itself. */
import pg from "pg";

export interface Scale {
  people: number;
  tweets: number;
  likes: number;
  pictures: number;
  /** Of the outbox; one in a hundred is not delivered. */
  events: number;
}

export const FULL_SCALE: Scale = {
  people: 20_000,
  tweets: 1_000_000,
  likes: 10_000_000,
  pictures: 200_000,
  events: 1_000_000,
};

const FOLLOWS_EACH = 50;
/** Coprime to every size here: steps through all of them, in no visible order. */
const STRIDE = 7919;

/** Fills freshly migrated tables: person 1 is followed by all; everybody follows 50; every tweet
 * has as many likes as the next one; a fifth of the pictures belongs to no tweet. */
export async function fillLarge(
  databaseUrl: string,
  scale: Scale,
  say: (line: string) => void = () => undefined,
): Promise<void> {
  const { people, tweets, likes, pictures, events } = scale;
  const each = likes / tweets;
  const steps: [what: string, sql: string][] = [
    [
      "people",
      `insert into users (name) select 'Person ' || i from generate_series(1, ${people}) i`,
    ],
    [
      "keys",
      `insert into api_keys (hash, user_id)
       select sha256(i::text::bytea), i from generate_series(1, ${people}) i`,
    ],
    [
      "follows",
      `insert into follows (follower_id, followee_id)
       select i, 1 from generate_series(2, ${people}) i
       union
       select i, 1 + (i::bigint * ${STRIDE} + n * 131) % ${people}
         from generate_series(1, ${people}) i, generate_series(1, ${FOLLOWS_EACH}) n
        where 1 + (i::bigint * ${STRIDE} + n * 131) % ${people} <> i`,
    ],
    [
      "tweets",
      `insert into tweets (author_id, content, likes_count, version, created_at)
       select 1 + (i::bigint * ${STRIDE}) % ${people}, 'The ' || i || 'th tweet, of some length',
              ${each}, ${each}, now() - (${tweets} - i) * interval '10 seconds'
         from generate_series(1, ${tweets}) i`,
    ],
    [
      "likes",
      `insert into likes (tweet_id, user_id, created_at)
       select t, 1 + (t::bigint * 31 + n * ${STRIDE}) % ${people}, now() - interval '1 day'
         from generate_series(1, ${tweets}) t, generate_series(1, ${each}) n`,
    ],
    [
      "pictures",
      `insert into media (owner_id, tweet_id, token, status, created_at)
       select 1 + i % ${people}, case when i % 5 = 0 then null else 1 + i % ${tweets} end, i::text,
              case when i % 1000 = 0 then 'processing' else 'ready' end,
              now() - (${pictures} - i) * interval '10 seconds'
         from generate_series(1, ${pictures}) i`,
    ],
    [
      "events",
      `insert into events (type, payload, created_at, due_at, delivered_at)
       select 'tweet:likes', jsonb_build_object('tweetId', 1 + i % ${tweets}, 'version', 1, 'authorId', 1),
              at, at, case when i % 100 = 0 then null else at end
         from (select i, now() - (${events} - i) * interval '100 milliseconds' as at
                 from generate_series(1, ${events}) i) as made`,
    ],
    ["statistics", "vacuum analyze"],
  ];
  const db = new pg.Client(databaseUrl);
  await db.connect();
  try {
    // The rows are right by construction: foreign keys need not be looked up ten million times.
    await db.query("set session_replication_role = replica");
    await db.query("set synchronous_commit = off");
    for (const [what, sql] of steps) {
      say(`plans: ${what} …`);
      await db.query(sql);
    }
  } finally {
    await db.end();
  }
}
