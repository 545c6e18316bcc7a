/** What the dashboard calls the queues and jobs: the job's name, and what it is about. */
import type { JobPayloads, QueueName } from "../../src/contract/jobs.ts";

/** What an operator wants to know of a queue. */
export const DESCRIPTIONS: Record<QueueName, string> = {
  pictures: "Variants of uploads are made here, and files of deleted pictures removed.",
  scores: "Like counts are published and compared with the database.",
  feeds: "New tweets of authors with many followers are put into the feeds.",
  upkeep: "What nobody needs any more is removed.",
};

const SUBJECTS: {
  [Q in QueueName]: { [J in keyof JobPayloads[Q]]: (data: JobPayloads[Q][J]) => string };
} = {
  pictures: {
    "resize-picture": ({ mediaId }) => `picture ${mediaId}`,
    "remove-pictures": ({ tokens }) =>
      `${tokens.length} ${tokens.length === 1 ? "picture" : "pictures"}`,
  },
  scores: {
    "score-tweets": () => "like counts that changed",
    "decay-scores": () => "all scores",
  },
  feeds: {
    "fan-out": ({ tweetId, authorId, afterFollowerId }) =>
      `tweet ${tweetId} of user ${authorId}, followers after ${afterFollowerId}`,
  },
  upkeep: {
    sweep: () => "abandoned uploads, old events and keys",
  },
};

/** `resize-picture: picture 12`; a job that the code does not know keeps its bare name. */
export function jobName(queue: QueueName, { name, data }: { name: string; data: unknown }): string {
  const subjects = SUBJECTS[queue] as Record<string, (data: never) => string>;
  try {
    const subject = Object.hasOwn(subjects, name) && subjects[name]?.(data as never);
    return subject ? `${name}: ${subject}` : name;
  } catch {
    return name; // data of another version
  }
}
