/** Figures of Postgres, Redis, and the machine. */
import { gauge, readCounter, timer } from "../metrics.ts";

type ByName = Record<string, number>;

export const gaugeStoreUp = (read: () => Promise<ByName>) =>
  gauge("store_up", "Whether the store answers this process: 1, or 0", read, "store");

export const gaugeRoundTrip = (read: () => Promise<ByName>) =>
  gauge(
    "store_round_trip_seconds",
    "A question to a store and back, on a connection in use, as Prometheus asks",
    read,
    "store",
  );

export const gaugePool = (read: () => { used: number; idle: number; free: number }) =>
  gauge(
    "database_pool_connections",
    "Connections of this process: used, idle, or not opened (DATABASE_POOL is their sum)",
    read,
    "state",
  );

export const gaugePoolWaiting = (read: () => number) =>
  gauge("database_pool_waiting", "Queries that wait for a connection of this process", read);

/** Of a prepared statement, of which there are about fifty. */
export const observeStatement = timer(
  "statement_seconds",
  "A query, with its wait for a connection, by the statement's name; `transaction`: a whole one",
  [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  "statement",
);

export const gaugePostgresConnections = (read: () => Promise<ByName>) =>
  gauge("postgres_connections", "Connections to Postgres: open, and its limit", read, "state");

export const gaugeDatabaseSize = (read: () => Promise<number>) =>
  gauge("postgres_database_bytes", "Size of the database on disk", read);

export const countPostgresBlocks = (read: () => Promise<ByName>) =>
  readCounter(
    "postgres_blocks_total",
    "Pages of 8 kB that Postgres needed: found in its memory, or read",
    read,
    "source",
  );

export const countPostgresTransactions = (read: () => Promise<ByName>) =>
  readCounter("postgres_transactions_total", "Transactions, by their end", read, "end");

export const gaugeRedisMemory = (read: () => Promise<Record<string, ByName>>) =>
  gauge(
    "redis_memory_bytes",
    "Memory of a Redis: used, and its limit (`maxmemory`, else the machine's)",
    read,
    "store",
    "state",
  );

export const gaugeRedisClients = (read: () => Promise<ByName>) =>
  gauge("redis_clients", "Connections to a Redis", read, "store");

export const countRedisCommands = (read: () => Promise<ByName>) =>
  readCounter("redis_commands_total", "Commands that a Redis has run", read, "store");

export const countRedisEvictions = (read: () => Promise<ByName>) =>
  readCounter(
    "redis_evicted_keys_total",
    "Keys that a Redis dropped for want of memory",
    read,
    "store",
  );

export const gaugeMachineLoad = (read: () => number) =>
  gauge("machine_load1", "Processes that run or wait for a core, over one minute", read);

export const gaugeMachineCores = (read: () => number) =>
  gauge("machine_cores", "Cores that this process may use", read);

export const gaugeMachineMemory = (read: () => { total: number; available: number }) =>
  gauge("machine_memory_bytes", "Memory of the machine or container", read, "state");

export const gaugeDataDir = (read: () => Promise<{ total: number; available: number }>) =>
  gauge("data_dir_bytes", "The disk that has DATA_DIR: its size, and what is free", read, "state");
