/** The data that every part measures on: the same in every run. */
import pg from "pg";
import { hashKey } from "../src/services/people.ts";
import { mulberry32 } from "./random.ts";

const SEED = 20261124;
export const PEOPLE = 1000;
const FOLLOWS_EACH = 50;
export const TWEETS = 20_000;
const LIKES = 200_000;
const READER_FOLLOWS = 100;
/** Follows `READER_FOLLOWS` people; nobody follows back. */
export const READER_ID = PEOPLE + 1;
/** Followed by the thousand people, though not by the reader, and silent so far. */
export const BROADCASTER_ID = PEOPLE + 2;

/** The key of a person, by id. */
export const keyOf = (userId: number): string => `bench-key-${userId}`;

const FIRST = ["Ada", "Alan", "Barbara", "Dennis", "Edsger", "Grace", "Jean", "Ken", "Leslie"];
const LAST = [
  "Allen",
  "Dijkstra",
  "Hopper",
  "Kernighan",
  "Lamport",
  "Liskov",
  "Lovelace",
  "Turing",
];
const WORDS =
  "the release is out and all tests are green who has time for a short review before lunch " +
  "new coffee on the second floor please try it slides of today are in the wiki thank you team";

type Pairs = { readonly left: number[]; readonly right: number[] };

/** Fills freshly migrated tables. */
export async function seed(databaseUrl: string): Promise<void> {
  const random = mulberry32(SEED);
  const below = (limit: number): number => Math.floor(random() * limit);
  const db = new pg.Client(databaseUrl);
  await db.connect();
  try {
    await insertPeople(db, below);
    await insertTweets(db, below);
    const follows = followPairs(below);
    await db.query(
      `insert into follows (follower_id, followee_id) select * from unnest($1::int[], $2::int[])`,
      [follows.left, follows.right],
    );
    const likes = distinctPairs(LIKES, () => [1 + below(TWEETS), 1 + below(PEOPLE)]);
    await db.query(
      `insert into likes (tweet_id, user_id, created_at)
       select tweet_id, user_id, now() - interval '1 hour' + place * interval '1 ms'
         from unnest($1::int[], $2::int[]) with ordinality as l (tweet_id, user_id, place)`,
      [likes.left, likes.right],
    );
    await count(db);
  } finally {
    await db.end();
  }
}

async function insertPeople(db: pg.Client, below: (limit: number) => number): Promise<void> {
  const names = Array.from({ length: BROADCASTER_ID }, () => {
    return `${FIRST[below(FIRST.length)]} ${LAST[below(LAST.length)]}`;
  });
  const keys = names.map((_, i) => hashKey(keyOf(i + 1)));
  await db.query(`insert into users (name) select unnest($1::text[])`, [names]);
  await db.query(
    `insert into api_keys (hash, user_id)
     select hash, user_id from unnest($1::bytea[]) with ordinality as k (hash, user_id)`,
    [keys],
  );
}

/** 20 tweets a person, mixed, one every two minutes until now, of 3 to 40 words. */
async function insertTweets(db: pg.Client, below: (limit: number) => number): Promise<void> {
  const words = WORDS.split(" ");
  const authors = Array.from({ length: TWEETS }, (_, i) => 1 + ((i * 7) % PEOPLE));
  const contents = authors.map(() =>
    Array.from({ length: 3 + below(38) }, () => words[below(words.length)]).join(" "),
  );
  await db.query(
    `insert into tweets (author_id, content, created_at)
     select author_id, content, now() - ($3 - place) * interval '2 minutes'
       from unnest($1::int[], $2::text[]) with ordinality as t (author_id, content, place)`,
    [authors, contents, TWEETS],
  );
}

function followPairs(below: (limit: number) => number): Pairs {
  const left: number[] = [];
  const right: number[] = [];
  for (let person = 1; person <= READER_ID; person++) {
    const count = person === READER_ID ? READER_FOLLOWS : FOLLOWS_EACH;
    const followees = new Set<number>(person === READER_ID ? [] : [BROADCASTER_ID]);
    while (followees.size < count) {
      const other = 1 + below(PEOPLE);
      if (other !== person) followees.add(other);
    }
    for (const followee of followees) {
      left.push(person);
      right.push(followee);
    }
  }
  return { left, right };
}

function distinctPairs(count: number, draw: () => [number, number]): Pairs {
  const seen = new Set<number>();
  const left: number[] = [];
  const right: number[] = [];
  while (seen.size < count) {
    const [a, b] = draw();
    const pair = a * 2 ** 20 + b;
    if (seen.has(pair)) continue;
    seen.add(pair);
    left.push(a);
    right.push(b);
  }
  return { left, right };
}

/** The counters that the service keeps by itself, and what the planner knows about the tables. */
async function count(db: pg.Client): Promise<void> {
  await db.query(
    `update tweets set likes_count = l.n, version = l.n
       from (select tweet_id, count(*) as n from likes group by tweet_id) l where id = l.tweet_id`,
  );
  await db.query(
    `update users u set
       followers_count = (select count(*) from follows where followee_id = u.id),
       following_count = (select count(*) from follows where follower_id = u.id)`,
  );
  await db.query(`vacuum analyze`);
}
