import { type Dashboard, graph, stat, table } from "./panels.ts";
import { quantile, rate } from "./promql.ts";

const perProcess = (of: string): Record<string, string> => ({
  "{{job}} {{instance}}": `sum by (job, instance) (${of})`,
});
const STATEMENTS = "warble_statement_seconds";

/** prom-client's clock for the lag ticks every 10 ms, and counts these along. */
const LAG = "clamp_min(warble_nodejs_eventloop_lag_p99_seconds - 0.01, 0)";
const redis = (state: string) => `max by (store) (warble_redis_memory_bytes{state="${state}"})`;
const blocks = (source: string) =>
  `sum(rate(warble_postgres_blocks_total${source}[$__rate_interval]))`;

export const machineAndStores: Dashboard = {
  uid: "machine-and-stores",
  title: "Machine and stores",
  description: "Processes, Postgres, Redis, and what the machine has left.",
  rows: {
    "At a glance": [
      stat(
        "Processes away",
        "short",
        "Of those that Prometheus knows.",
        { away: "sum(1 - up)" },
        { limits: [1, 2] },
      ),
      stat(
        "Stores away",
        "short",
        "Connections to Postgres and Redis, of all processes, on which nobody answers.",
        { away: "sum(1 - warble_store_up)" },
        { limits: [1, 2] },
      ),
      stat(
        "Busiest event loop",
        "percentunit",
        "Share of the time in which it was at work. A process is full at 1.",
        { busy: "max(rate(warble_event_loop_active_seconds_total[$__rate_interval]))" },
        { limits: [0.7, 0.9], max: 1 },
      ),
      stat(
        "Memory left",
        "percentunit",
        "Of the machine.",
        {
          left: 'min(warble_machine_memory_bytes{state="available"} / ignoring (state) warble_machine_memory_bytes{state="total"})',
        },
        { limits: [0.2, 0.1], max: 1 },
      ),
      stat(
        "Disk left",
        "percentunit",
        "Where DATA_DIR is.",
        {
          left: 'min(warble_data_dir_bytes{state="available"} / ignoring (state) warble_data_dir_bytes{state="total"})',
        },
        { limits: [0.2, 0.1], max: 1 },
      ),
      stat(
        "Load a core",
        "short",
        "Over one minute; above 1 processes wait for a core.",
        { load: "max(warble_machine_load1 / warble_machine_cores)" },
        { limits: [1, 2] },
      ),
    ],
    Processes: [
      graph(
        "Event loop: busy",
        "percentunit",
        "Share of the time at work. Near 1, everything waits: start another process.",
        perProcess("rate(warble_event_loop_active_seconds_total[$__rate_interval])"),
        { limits: [0.7, 0.9], max: 1 },
      ),
      graph(
        "Event loop: lag, p99",
        "s",
        "How long a timer that is due waits for its turn.",
        perProcess(LAG),
        {
          limits: [0.05, 0.25],
        },
      ),
      graph(
        "CPU",
        "percentunit",
        "Of one core; pictures are made on several.",
        perProcess("rate(warble_process_cpu_seconds_total[$__rate_interval])"),
      ),
      graph("Memory", "bytes", "Resident.", perProcess("warble_process_resident_memory_bytes")),
      graph(
        "Heap in use",
        "bytes",
        "Of V8. Growing for days, it is a leak.",
        perProcess("warble_nodejs_heap_size_used_bytes"),
      ),
      graph(
        "Garbage collection",
        "percentunit",
        "Share of the time.",
        perProcess("rate(warble_nodejs_gc_duration_seconds_sum[$__rate_interval])"),
      ),
    ],
    Postgres: [
      graph(
        "Round trip to the stores",
        "s",
        "One question on a connection in use, as Prometheus asks: the slowest process.",
        { "{{store}}": "max by (store) (warble_store_round_trip_seconds)" },
        { limits: [0.02, 0.1] },
      ),
      graph(
        "Pool",
        "short",
        "Connections of all processes; used and idle are open. Their sum is DATABASE_POOL for each process.",
        { "{{state}}": "sum by (state) (warble_database_pool_connections)" },
        { stacked: true },
      ),
      graph(
        "Queries that wait for a connection",
        "short",
        "For long: a slow statement, or too small a DATABASE_POOL.",
        perProcess("warble_database_pool_waiting"),
        { limits: [5, 20] },
      ),
      table(
        "Slowest statements",
        "s",
        "The ten with the highest p95 in the time shown, with their wait for a connection.",
        {
          p95: `topk(10, histogram_quantile(0.95, sum by (le, statement) (rate(${STATEMENTS}_bucket[$__range]))))`,
        },
        { limits: [0.05, 0.25] },
      ),
      table(
        "Where the time goes",
        "s",
        "Seconds a second that the ten most costly statements take.",
        {
          seconds: `topk(10, sum by (statement) (rate(${STATEMENTS}_sum[$__range])))`,
        },
      ),
      graph("Queries, p95", "s", "Of all statements and transactions.", {
        statements: quantile(0.95, STATEMENTS, '{statement!="transaction"}'),
        transactions: quantile(0.95, STATEMENTS, '{statement="transaction"}'),
      }),
      graph("Transactions", "ops", "As Postgres counts them.", {
        "{{end}}": "max by (end) (rate(warble_postgres_transactions_total[$__rate_interval]))",
      }),
      graph("Connections", "short", "Open, and the limit `max_connections`.", {
        "{{state}}": "max by (state) (warble_postgres_connections)",
      }),
      graph("Size", "bytes", "Of the database on disk.", {
        size: "max(warble_postgres_database_bytes)",
      }),
      graph(
        "Found in memory",
        "percentunit",
        "Share of the pages that Postgres found in its own memory.",
        { hits: `${blocks('{source="memory"}')} / (${blocks("")} > 0)` },
        { limits: [0.95, 0.8], max: 1 },
      ),
      graph("Statements", "ops", "Of all processes.", { statements: rate(`${STATEMENTS}_count`) }),
    ],
    Redis: [
      graph("Memory", "bytes", "Used, and the limit (`maxmemory`, else the machine's).", {
        "{{store}}: used": redis("used"),
        "{{store}}: limit": redis("limit"),
      }),
      graph("Commands", "ops", "As Redis counts them.", {
        "{{store}}": "max by (store) (rate(warble_redis_commands_total[$__rate_interval]))",
      }),
      graph("Connections", "short", "Of all processes, and of others.", {
        "{{store}}": "max by (store) (warble_redis_clients)",
      }),
      graph("Keys dropped", "ops", "For want of memory: harmless for caches, never for queues.", {
        "{{store}}": "max by (store) (rate(warble_redis_evicted_keys_total[$__rate_interval]))",
      }),
    ],
    Machine: [
      graph("Load", "short", "Processes that run or wait for a core, and the cores.", {
        load: "max(warble_machine_load1)",
        cores: "max(warble_machine_cores)",
      }),
      graph("Memory", "bytes", "Of the machine.", {
        "{{state}}": "max by (state) (warble_machine_memory_bytes)",
      }),
      graph("Disk", "bytes", "That has DATA_DIR.", {
        "{{state}}": "max by (state) (warble_data_dir_bytes)",
      }),
    ],
  },
};
