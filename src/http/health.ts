/** Whether the service can do its work. */
import { Problem } from "../contract/errors.ts";
import type { Context } from "../services/context.ts";
import { requests } from "./requests.ts";

const TIMEOUT_MS = 2000;

const within = (work: Promise<unknown>): Promise<unknown> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error("no answer")), TIMEOUT_MS).unref();
    }),
  ]);

const notReady = (why: string) =>
  new Problem("Unavailable", `Not ready: ${why}.`, { "retry-after": "2" });

/** Asks every backing service.
 * @throws Problem `Unavailable`, naming the parts that do not answer; or at the end of the service. */
export async function checkReadiness(ctx: Context): Promise<Record<string, "ok">> {
  if (requests.isLeaving) throw notReady("the service is being ended");
  const parts = {
    postgres: ctx.db.ping(),
    redis: ctx.feedStore.ping(),
    queue: ctx.jobs.ping(),
  };
  const names = Object.keys(parts);
  const results = await Promise.allSettled(Object.values<Promise<unknown>>(parts).map(within));
  const failing = names.filter((_, i) => results[i]?.status === "rejected");
  if (failing.length > 0) throw notReady(`${failing.join(", ")} does not answer`);
  return Object.fromEntries(names.map((name) => [name, "ok"]));
}
