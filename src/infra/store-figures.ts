/** What this process sees of Postgres and Redis, and what these tell about themselves: figures for
 * Prometheus, asked for when it asks. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import {
  countPostgresBlocks,
  countPostgresTransactions,
  countRedisCommands,
  countRedisEvictions,
  gaugeDatabaseSize,
  gaugePool,
  gaugePoolWaiting,
  gaugePostgresConnections,
  gaugeRedisClients,
  gaugeRedisMemory,
  gaugeRoundTrip,
  gaugeStoreUp,
} from "../base/metrics/stores.ts";
import type { Database } from "./database.ts";
import { serverFigures } from "./server-queries.ts";

/** A store that takes longer is away. */
const TIMEOUT_MS = 2000;

type Connections = Record<string, Redis>;

/** Of every process: its connections, and whether and how soon the stores answer on them. The question
 * goes the way of the others, so it waits where they wait. */
export function tellOfStores(db: Database, connections: Connections): void {
  const { pool } = db;
  gaugePool(() => ({
    used: pool.totalCount - pool.idleCount,
    idle: pool.idleCount,
    free: pool.options.max - pool.totalCount,
  }));
  gaugePoolWaiting(() => pool.waitingCount);

  const pings: [string, () => Promise<unknown>][] = [
    ["postgres", () => db.ping()],
    ...Object.entries(connections).map(([name, redis]): [string, () => Promise<unknown>] => [
      name,
      () => redis.ping(),
    ]),
  ];
  const trips = together(async () =>
    Promise.all(pings.map(async ([name, ping]) => [name, await secondsOf(ping)] as const)),
  );
  gaugeStoreUp(async () =>
    Object.fromEntries((await trips()).map(([name, s]) => [name, s === undefined ? 0 : 1])),
  );
  gaugeRoundTrip(async () => {
    const answered = (await trips()).flatMap(([name, s]) => (s === undefined ? [] : [[name, s]]));
    return Object.fromEntries(answered);
  });
}

/** Of one process for all: what Postgres and each Redis tell of themselves. */
export function tellOfServers(db: Database, connections: Connections): void {
  const postgres = together(() => serverFigures(db));
  gaugeDatabaseSize(async () => (await postgres()).bytes);
  gaugePostgresConnections(async () => {
    const { connections, maxConnections } = await postgres();
    return { open: connections, limit: maxConnections };
  });
  countPostgresBlocks(async () => {
    const { hit, read } = await postgres();
    return { memory: hit, disk: read };
  });
  countPostgresTransactions(async () => {
    const { commits, rollbacks } = await postgres();
    return { commit: commits, rollback: rollbacks };
  });

  const infos = together(async () => {
    const texts = Object.entries(connections).map(async ([name, redis]) => {
      return [name, infoOf(await redis.info())] as const;
    });
    return Promise.all(texts);
  });
  const ofEach = async <T>(pick: (info: Map<string, number>) => T): Promise<Record<string, T>> =>
    Object.fromEntries((await infos()).map(([name, info]) => [name, pick(info)]));
  const field = (name: string) => () => ofEach((info) => info.get(name) ?? 0);
  gaugeRedisMemory(() =>
    ofEach((info) => ({
      used: info.get("used_memory") ?? 0,
      limit: info.get("maxmemory") || (info.get("total_system_memory") ?? 0),
    })),
  );
  gaugeRedisClients(field("connected_clients"));
  countRedisCommands(field("total_commands_processed"));
  countRedisEvictions(field("evicted_keys"));
}

/** Several figures come from one question: it is asked once for all that are read at the same time. */
function together<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    return asked;
  };
}

/** @returns undefined when there is no answer in time. */
async function secondsOf(ping: () => Promise<unknown>): Promise<number | undefined> {
  const askedAt = performance.now();
  const answered = ping().then(
    () => (performance.now() - askedAt) / 1000,
    () => undefined,
  );
  return Promise.race([answered, sleep(TIMEOUT_MS, undefined, { ref: false })]);
}

/** The numbers among the lines `name:value` of Redis' `INFO`. */
function infoOf(text: string): Map<string, number> {
  const lines = text.split("\r\n").map((line) => line.split(":"));
  return new Map(lines.map(([name = "", value]) => [name, Number(value)]));
}
