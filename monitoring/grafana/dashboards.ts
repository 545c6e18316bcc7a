/** `npm run dashboards`: Grafana's dashboards, made from their descriptions here into `dashboards/`,
 * which Grafana reads. A test holds the two together. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dashboardJson } from "./dashboard-json.ts";
import { feedsAndCache } from "./feeds-and-cache.ts";
import { latency } from "./latency.ts";
import { live } from "./live.ts";
import { machineAndStores } from "./machine-and-stores.ts";
import type { Dashboard } from "./panels.ts";
import { workers } from "./workers.ts";

export const dashboards: Dashboard[] = [latency, live, feedsAndCache, workers, machineAndStores];

export const DASHBOARDS_DIR = join(import.meta.dirname, "dashboards");

/** File name → text, of every dashboard. */
export const dashboardFiles = (): Map<string, string> =>
  new Map(
    dashboards.map((each) => [
      `${each.uid}.json`,
      `${JSON.stringify(dashboardJson(each), null, 2)}\n`,
    ]),
  );

if (import.meta.main) {
  mkdirSync(DASHBOARDS_DIR, { recursive: true });
  for (const [name, text] of dashboardFiles()) writeFileSync(join(DASHBOARDS_DIR, name), text);
  console.log(`Written: ${DASHBOARDS_DIR}`);
}
