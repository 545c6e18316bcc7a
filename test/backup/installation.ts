/** What an installation shows to everybody, and what it holds, to be compared with another's. */
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Service, TestUser } from "../service.ts";

const TABLES = [
  "users",
  "api_keys",
  "tweets",
  "likes",
  "follows",
  "media",
  "events",
  "idempotency_keys",
  "mikro_orm_migrations",
];

/** Every answer that these people can get: both feeds, profiles, pages, tweets, pictures. */
export async function answersOf(service: Service, people: TestUser[]): Promise<unknown> {
  const answers: Record<string, unknown> = {};
  const links = new Set<string>();
  const ask = async (person: TestUser, path: string) => {
    const { status, body } = await service.call(person, "GET", path);
    answers[`${person.name} ${path}`] = [status, body];
    return body;
  };
  for (const person of people) {
    const feed = await ask(person, "/api/tweets");
    for (const tweet of feed.tweets) {
      for (const link of tweet.attachments) links.add(link);
      await ask(person, `/api/v2/tweets/${tweet.id}`);
    }
    await ask(person, "/api/users/me");
    for (const sort of ["popular", "new", "hot"]) await ask(person, `/api/v2/feed?sort=${sort}`);
    for (const { id } of people) {
      for (const path of ["", "/tweets", "/followers", "/following"]) {
        await ask(person, `/api/v2/users/${id}${path}`);
      }
      await ask(person, `/api/users/${id}`);
    }
    await ask(person, "/api/v2/users?query=per");
  }
  for (const link of links) {
    const response = await fetch(service.url + link);
    const bytes = Buffer.from(await response.arrayBuffer());
    answers[link] = [response.status, digestOf(bytes)];
  }
  return answers;
}

/** All rows of all tables, as text. */
export async function rowsOf(service: Service): Promise<Record<string, string[]>> {
  const rows: Record<string, string[]> = {};
  for (const table of TABLES) {
    // Of the migrations only which: when they ran is another matter.
    const what = table === "mikro_orm_migrations" ? "name" : "t::text";
    const result = await service.db.query(`select ${what} as row from ${table} t order by 1`);
    rows[table] = result.rows.map(({ row }) => row);
  }
  return rows;
}

const digestOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** What the bytes of all pictures' files come to, by their path. */
export function filesOf(service: Service): Record<string, string> {
  const paths = globSync("{media,originals}/**/*", { cwd: service.dataDir, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    paths.sort().map((path) => [path.slice(service.dataDir.length), digestOf(readFileSync(path))]),
  );
}
