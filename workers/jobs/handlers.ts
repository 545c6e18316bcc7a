/** Which job is done by what. The type demands a handler for every job of every queue. */
import type { JobPayloads, QueueName } from "../../src/contract/jobs.ts";
import type { Context } from "../../src/services/context.ts";
import { fanOut } from "../../src/services/fan-out.ts";
import { processPicture, removePictures } from "../../src/services/media.ts";
import { compareScores, publishLikes } from "../../src/services/popularity.ts";
import { sweep } from "../../src/services/upkeep.ts";

type Handlers = {
  [Q in QueueName]: {
    [J in keyof JobPayloads[Q]]: (ctx: Context, payload: JobPayloads[Q][J]) => Promise<unknown>;
  };
};

export const handlers: Handlers = {
  pictures: {
    "resize-picture": (ctx, job) => processPicture(ctx, job),
    "remove-pictures": (ctx, job) => removePictures(ctx, job),
  },
  scores: {
    "score-tweets": (ctx) => publishLikes(ctx),
    "decay-scores": (ctx) => compareScores(ctx),
  },
  feeds: {
    "fan-out": (ctx, job) => fanOut(ctx, job),
  },
  upkeep: {
    sweep: (ctx) => sweep(ctx),
  },
};

/** Jobs of one queue that run side by side in one process. Pictures keep the cores busy; counts
 * are published by one job at a time, so that a tweet's counts go out in order. */
export const CONCURRENCY: Record<QueueName, number> = {
  pictures: 2,
  scores: 1,
  feeds: 2,
  upkeep: 1,
};
