/** How PostgreSQL answers each query: shared by the measurement at full size and by the test. */
import pg from "pg";
import "../src/infra/account-queries.ts";
import "../src/infra/backup/backup-lock.ts";
import "../src/infra/event-queries.ts";
import "../src/infra/feed-queries.ts";
import "../src/infra/idempotency-queries.ts";
import "../src/infra/like-queries.ts";
import "../src/infra/media-queries.ts";
import "../src/infra/missed-event-queries.ts";
import "../src/infra/people-pages-queries.ts";
import "../src/infra/people-queries.ts";
import "../src/infra/server-queries.ts";
import { statements } from "../src/infra/database.ts";
import type { Scale } from "./large-data.ts";

/** Where MikroORM makes the text itself: what it asks, by the names that the table shows. */
const BY_ENTITY: Record<string, string> = {
  "entity: tweet, locked": "select * from tweets where id = $1 limit 1 for update",
  "entity: delete a tweet": "delete from tweets where id = $1",
  "entity: pictures of a tweet": "select id, token from media where tweet_id = $1",
  "entity: pictures, locked":
    "select * from media where id = any($1::int[]) and owner_id = $2 order by id for update",
  "entity: claim an idempotency key":
    "insert into idempotency_keys (user_id, key, body_hash) values ($1, $2, $3) on conflict do nothing",
  "entity: idempotency key":
    "select * from idempotency_keys where user_id = $1 and key = $2 limit 1",
  "entity: key": "select * from api_keys where hash = $1 limit 1",
  "entity: keys of a person": "delete from api_keys where user_id = $1",
  "entity: keys of a person, given a time":
    "update api_keys set expires_at = $2 where user_id = $1 and (expires_at is null or expires_at > $2)",
  "entity: person": "select * from users where id = $1 limit 1",
};

const list = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i);

/** Values for every query, chosen where the data is widest. */
function valuesFor({ tweets, people, pictures }: Scale): Record<string, unknown[]> {
  const author = 1; // followed by all
  const tweet = Math.floor(tweets / 2);
  const picture = Math.floor(pictures / 2);
  const reader = Math.floor(people / 2);
  return {
    alive: [],
    "server-figures": [],
    "feed-candidates": [reader, 600],
    "feed-older": [reader, tweet, 21],
    "feed-followees": [reader],
    "feed-scores": [list(tweet, 600)],
    "feed-tweets": [list(tweet, 20)],
    "tweets-v2": [list(tweet, 20)],
    "followers-after": [author, reader, 1000],
    "tweets-by-author": [author, tweet, 21],
    "own-likes": [reader, list(tweet, 20)],
    "set-likes": [
      list(tweet, 50),
      list(1, 50),
      list(1, 50).map((i) => i % 2 === 0),
      list(1, 50).map(String),
    ],
    "person-by-key": [Buffer.alloc(32)],
    accounts: [],
    "import-people": [
      list(1, 100).map(String),
      list(1, 100).map((i) => `Person ${i}`),
      list(1, 100).map((i) => `hash ${i}`),
      true,
    ],
    "rename-in-tweets": [list(reader, 10)],
    "forget-expired-keys": [30 * 24 * 3600, 500],
    profile: [reader],
    "set-follow": [reader, author, false, "6f1c1e0a"],
    "read-follow": [reader, author],
    "profile-v2": [author, reader],
    "person-exists": [reader],
    "followers-page": [reader, author, reader, 21],
    "following-page": [reader, reader, reader, 21],
    "people-by-name": [reader, "Person 1", "", 0, 21],
    "people-suggested": [reader, 20],
    "trim-idempotency-keys": [500],
    "media-by-id": [picture],
    "finish-media": [picture, null, "ready", 640, 480, "", "[]", []],
    "media-processing": [500],
    "media-take-orphans": [3600, 500],
    "media-known-tokens": [list(picture, 500).map(String)],
    "media-processing-tokens": [list(picture, 500).map(String)],
    "media-with-files": [picture, 1000],
    "backup-running": [],
    "media-token-processing": [String(picture)],
    "media-forget": [picture],
    "claim-events": [500],
    "mark-delivered": [list(1, 100)],
    "mark-likes-delivered": [list(tweet, 100), list(tweet, 100)],
    "liked-tweets": [1000],
    "recount-likes": [list(tweet, 500)],
    "postpone-event": [1],
    "forget-event": [1],
    "event-backlog": [],
    "trim-events": [24 * 3600, 500],
    "missed-origins": [list(1, 100)],
    "newest-event": [],
    "missed-events": [Date.now() - 5000, list(1, 100), list(reader, 10), 10_000],
    "entity: tweet, locked": [tweet],
    "entity: delete a tweet": [tweet],
    "entity: pictures of a tweet": [tweet],
    "entity: pictures, locked": [list(picture, 10), author],
    "entity: claim an idempotency key": [reader, "6f1c1e0a", Buffer.alloc(32)],
    "entity: idempotency key": [reader, "6f1c1e0a"],
    "entity: key": [Buffer.alloc(32)],
    "entity: keys of a person": [reader],
    "entity: keys of a person, given a time": [reader, "2100-01-01"],
    "entity: person": [reader],
  };
}

export interface QueryPlan {
  name: string;
  /** Indexes in the order in which the plan names them. */
  indexes: string[];
  /** Tables that are read from end to end. */
  scanned: string[];
  /** Of the execution, triggers of foreign keys included. */
  ms: number;
  /** Pages of 8 kB that were looked at. */
  pages: number;
}

interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  Plans?: PlanNode[];
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
}

/** Plans and runs every query, in a transaction that is rolled back.
 * @param settings of PostgreSQL, such as `plan_cache_mode`. */
export async function explainAll(
  databaseUrl: string,
  scale: Scale,
  settings: Record<string, string>,
): Promise<QueryPlan[]> {
  const db = new pg.Client(databaseUrl);
  await db.connect();
  try {
    for (const [name, value] of Object.entries(settings)) await db.query(`set ${name} = ${value}`);
    const values = valuesFor(scale);
    const plans: QueryPlan[] = [];
    for (const [name, text] of [...statements, ...Object.entries(BY_ENTITY)]) {
      const given = values[name];
      if (!given) throw new Error(`bench/query-plans.ts has no values for the query ${name}`);
      plans.push(await explain(db, name, text, given));
    }
    return plans;
  } finally {
    await db.end();
  }
}

async function explain(
  db: pg.Client,
  name: string,
  text: string,
  values: unknown[],
): Promise<QueryPlan> {
  await db.query(`prepare q as ${text}`);
  await db.query("begin");
  try {
    const call = values.length > 0 ? `q(${values.map(literal).join(", ")})` : "q";
    const { rows } = await db.query(`explain (analyze, buffers, format json) execute ${call}`);
    const [{ Plan: root, ...times }] = rows[0]["QUERY PLAN"];
    return {
      name,
      ...indexesAndScans(root),
      ms: times["Execution Time"],
      pages: root["Shared Hit Blocks"] + root["Shared Read Blocks"],
    };
  } finally {
    await db.query("rollback");
    await db.query("deallocate q");
  }
}

function literal(value: unknown): string {
  if (value === null) return "null";
  if (value instanceof Buffer) return `'\\x${value.toString("hex")}'`;
  if (Array.isArray(value)) return `'{${value.join(",")}}'`;
  return pg.escapeLiteral(String(value));
}

function indexesAndScans(root: PlanNode): { indexes: string[]; scanned: string[] } {
  const indexes = new Set<string>();
  const scanned = new Set<string>();
  const visit = (node: PlanNode): void => {
    if (node["Index Name"]) indexes.add(node["Index Name"]);
    if (node["Node Type"] === "Seq Scan") scanned.add(node["Relation Name"] ?? "?");
    for (const child of node.Plans ?? []) visit(child);
  };
  visit(root);
  return { indexes: [...indexes], scanned: [...scanned] };
}
