/** Whether the service can do its work. */
import { Problem } from "../contract/errors.ts";
import type { Context } from "../services/context.ts";

const TIMEOUT_MS = 2000;

const within = (work: Promise<unknown>): Promise<unknown> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error("no answer")), TIMEOUT_MS).unref();
    }),
  ]);

/** Asks every backing service.
 * @throws Problem `Unavailable`, naming the parts that do not answer. */
export async function checkReadiness(ctx: Context): Promise<Record<string, "ok">> {
  const parts = {
    postgres: ctx.db.ping(),
    redis: ctx.feedStore.ping(),
    queue: ctx.jobs.ping(),
  };
  const names = Object.keys(parts);
  const results = await Promise.allSettled(Object.values<Promise<unknown>>(parts).map(within));
  const failing = names.filter((_, i) => results[i]?.status === "rejected");
  if (failing.length > 0) {
    throw new Problem("Unavailable", `Not ready: ${failing.join(", ")} does not answer.`, {
      "retry-after": "2",
    });
  }
  return Object.fromEntries(names.map((name) => [name, "ok"]));
}
