/** Bull Board: every queue with readable job names. Who may see it is decided before (dashboard). */
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { HonoAdapter } from "@bull-board/hono";
import { serveStatic } from "@hono/node-server/serve-static";
import type { Hono } from "hono";
import { QUEUE_NAMES } from "../../src/contract/jobs.ts";
import type { Queues } from "../../src/infra/queues.ts";
import { DESCRIPTIONS, jobName } from "./job-names.ts";
import { SIGN_OUT_PATH } from "./sign-in.ts";

export const BOARD_PATH = "/admin/queues";

/** @param readOnly hides what would change anything; it is refused elsewhere (dashboard). */
export function createBoard(queues: Queues, readOnly: boolean): Hono {
  const adapters = QUEUE_NAMES.map((name) => {
    const adapter = new BullMQAdapter(queues[name], {
      readOnlyMode: readOnly,
      description: DESCRIPTIONS[name],
    });
    adapter.setFormatter("name", (job) => jobName(name, job));
    return adapter;
  });
  const server = new HonoAdapter(serveStatic).setBasePath(BOARD_PATH);
  createBullBoard({
    queues: adapters,
    serverAdapter: server,
    options: {
      uiConfig: {
        boardTitle: readOnly ? "Warble (read-only)" : "Warble",
        miscLinks: [{ text: "Sign out", url: SIGN_OUT_PATH }],
      },
    },
  });
  return server.registerPlugin();
}

/** The page as Bull Board has it, without fonts of another host and without inline styles, which the
 * content security policy refuses. */
export const withoutForeignParts = (page: string): string =>
  page
    .replace(/<link [^>]*href="https?:[^>]*>/g, "")
    .replace(/<style>[^<]*<\/style>/g, "")
    .replace(/ style="[^"]*"/g, "");
