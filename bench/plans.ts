/** The plan of every query at 1,000,000 tweets and 10,000,000 likes. Takes some minutes and 4 GB of
 * disk, so it runs only when it is named: `npm run bench -- plans`. */
import pg from "pg";
import { migrate } from "../src/infra/database.ts";
import type { Bench } from "./installation.ts";
import { FULL_SCALE, fillLarge } from "./large-data.ts";
import { explainAll, type QueryPlan } from "./query-plans.ts";
import { markdown, whole } from "./table.ts";

/** @returns a markdown table; a query that reads a whole table is marked in it. */
export async function showPlans(bench: Bench): Promise<string> {
  const url = await createDatabase(bench.databaseUrl);
  await migrate(url);
  await fillLarge(url, FULL_SCALE, bench.say);
  bench.say("plans: every query, as planned for its values and as planned once for all …");
  const explain = (mode: string): Promise<QueryPlan[]> =>
    explainAll(url, FULL_SCALE, { plan_cache_mode: `force_${mode}_plan` });
  await explain("custom"); // reads the pages into memory
  const custom = await explain("custom");
  const generic = await explain("generic");
  return markdown(
    ["query", "indexes", "whole tables", "pages", "ms", "pages, generic plan", "ms"],
    "|---|---|---|---:|---:|---:|---:|",
    custom.map((plan, i) => {
      const other = generic[i] as QueryPlan;
      return [
        plan.name,
        union(plan.indexes, other.indexes) || "–",
        union(plan.scanned, other.scanned) || "–",
        ...[plan, other].flatMap(({ pages, ms }) => [whole(pages), ms.toFixed(2)]),
      ];
    }),
  );
}

const union = (a: string[], b: string[]): string => [...new Set([...a, ...b])].sort().join(", ");

async function createDatabase(seededUrl: string): Promise<string> {
  const url = new URL(seededUrl);
  url.pathname = "/postgres";
  const admin = new pg.Client(url.href);
  await admin.connect();
  await admin.query("create database plans");
  await admin.end();
  url.pathname = "/plans";
  return url.href;
}
