/** BullMQ: adding jobs. The workers' side is `workers/main.ts`. */
import { type JobsOptions, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { type JobPayloads, QUEUE_NAMES, QUEUE_PREFIX, type QueueName } from "../contract/jobs.ts";

/** Failed jobs are tried again with growing pauses; the last failures are kept to be looked at. */
const DEFAULTS: JobsOptions = {
  attempts: 5,
  backoff: { type: "exponential", delay: 500, jitter: 0.5 },
  removeOnComplete: { count: 100 },
  removeOnFail: { count: 1000 },
};

const COUNTED_STATES = ["waiting", "active", "delayed", "failed"] as const;

export const queuePrefix = (prefix: string): string => `{${prefix}-${QUEUE_PREFIX}}`;

export type Queues = Record<QueueName, Queue>;

/** The queues of one installation (`REDIS_PREFIX`). */
export function openQueues(connection: Redis, prefix: string): Queues {
  const open = (name: QueueName) => {
    const queue = new Queue(name, {
      connection,
      prefix: queuePrefix(prefix),
      defaultJobOptions: DEFAULTS,
      skipVersionCheck: true,
    });
    queue.on("error", () => undefined); // the connection logs its outages
    return queue;
  };
  return Object.fromEntries(QUEUE_NAMES.map((name) => [name, open(name)])) as Queues;
}

/** Adds jobs to the queues. */
export class JobAdder {
  readonly #queues: Queues;
  readonly #connection: Redis;

  constructor(connection: Redis, prefix: string) {
    this.#connection = connection;
    this.#queues = openQueues(connection, prefix);
  }

  /** @throws Error when Redis does not take the job. */
  async add<Q extends QueueName, J extends keyof JobPayloads[Q] & string>(
    queue: Q,
    name: J,
    payload: JobPayloads[Q][J],
    options: JobsOptions = {},
  ): Promise<void> {
    await this.#queues[queue].add(name, payload, options);
  }

  /** Sets a job to run again and again; harmless when it is set already. */
  async schedule<Q extends QueueName, J extends keyof JobPayloads[Q] & string>(
    queue: Q,
    name: J,
    everyMs: number,
  ): Promise<void> {
    await this.#queues[queue].upsertJobScheduler(name, { every: everyMs }, { name, data: {} });
  }

  /** @throws Error when the queues' Redis does not answer. */
  async ping(): Promise<void> {
    await this.#connection.ping();
  }

  /** How many jobs there are, by queue and state. */
  async counts(): Promise<Record<QueueName, Record<string, number>>> {
    const counts = QUEUE_NAMES.map(async (name) => {
      return [name, await this.#queues[name].getJobCounts(...COUNTED_STATES)] as const;
    });
    return Object.fromEntries(await Promise.all(counts)) as Record<
      QueueName,
      Record<string, number>
    >;
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#queues).map((queue) => queue.close()));
  }
}
