/** An event that concerns nobody, to learn how soon events arrive. */
import type { OutboxEvent } from "../contract/outbox.ts";
import { recordEvent } from "../infra/event-queries.ts";
import type { Context } from "./context.ts";

/** Commits it, as every change is. Whoever posts it delivers it, and forgets it in the end. */
export async function postCanary({ db }: Pick<Context, "db">): Promise<OutboxEvent<"canary">> {
  return db.transaction(async (em): Promise<OutboxEvent<"canary">> => {
    const recorded = recordEvent(em, "canary", {}, {});
    await em.flush();
    return { id: recorded.id, type: "canary", payload: {}, requestIds: [] };
  });
}
