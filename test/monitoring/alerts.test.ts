import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { ALERTS_YML, alertRules } from "./mounted.ts";
import { prometheusProgram } from "./prometheus.ts";

/** Series in promtool's notation: `a+bxn` begins at a and grows by b, n times; one value each 15 s.
 * https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/ */
type Series = Record<string, string>;
interface Case {
  /** As on a good day: then the alert must not fire. */
  well: Series;
  ill: Series;
}

/** Values for twenty minutes. */
const N = 80;
const steady = (value: number): string => `${value}+0x${N}`;
const growing = (by: number): string => `0+${by}x${N}`;

/** A histogram of which all observations, `rate` each 15 s, fall below the bound `le`. */
function histogram(name: string, labels: string, le: string, rate = 50): Series {
  const line = (bound: string) => `${name}_bucket{${labels}${labels && ", "}le="${bound}"}`;
  const lower = String(Number(le) / 2);
  return {
    [line(lower)]: steady(0),
    [line(le)]: growing(rate),
    [line("+Inf")]: growing(rate),
    [`${name}_count{${labels}}`]: growing(rate),
  };
}

const DURATION = "warble_http_request_duration_seconds";
const READ = 'method="GET", route="/api/tweets", status="200"';
const WRITE = 'method="POST", route="/api/tweets", status="201"';

/** A figure that is small on a good day. */
const between = (name: string, good: number, bad: number): Case => ({
  well: { [name]: steady(good) },
  ill: { [name]: steady(bad) },
});
/** A sum that grows slowly on a good day; by how much each 15 s. */
const growth = (name: string, good: number, bad: number): Case => ({
  well: { [name]: growing(good) },
  ill: { [name]: growing(bad) },
});
const timing = (name: string, labels: string, good: string, bad: string): Case => ({
  well: histogram(name, labels, good),
  ill: histogram(name, labels, bad),
});
/** Of `whole`, `part` is so much. */
const ratio = (part: string, whole: string, good: number, bad: number): Case => ({
  well: { [part]: steady(good), [whole]: steady(100) },
  ill: { [part]: steady(bad), [whole]: steady(100) },
});

const memory = 'warble_machine_memory_bytes{instance="w", state=';
const disk = 'warble_data_dir_bytes{instance="w", state=';
const queues = 'warble_redis_memory_bytes{store="redis-queues", state=';

const CASES: Record<string, Case> = {
  NoApi: between('up{job="api", instance="a"}', 1, 0),
  CallsFail: {
    well: { [`${DURATION}_count{${READ}}`]: growing(100) },
    ill: {
      [`${DURATION}_count{${READ}}`]: growing(100),
      [`${DURATION}_count{method="GET", route="/api/tweets", status="503"}`]: growing(5),
    },
  },
  ReadsSlow: timing(DURATION, READ, "0.05", "1"),
  WritesSlow: timing(DURATION, WRITE, "0.05", "1"),
  UploadsSlow: timing("warble_job_run_seconds", 'name="resize-picture"', "1", "10"),
  LiveEventsAbsent: growth('warble_canary_runs_total{result="delivered"}', 1.5, 0),
  LiveEventsLate: timing("warble_commit_to_client_seconds", "", "0.05", "2"),
  ClientsReload: growth("warble_live_resyncs_total", 0.1, 30),
  SubscriptionLost: growth('warble_live_subscription_changes_total{change="lost"}', 0, 0.1),
  NoWorkers: between('up{job="workers", instance="w"}', 1, 0),
  EventsOverdue: between("warble_relay_backlog", 5, 500),
  JobsWait: timing("warble_job_wait_seconds", 'queue="feeds"', "0.5", "60"),
  JobsGivenUp: between('warble_jobs{queue="pictures", state="failed"}', 3, 30),
  JobsStall: growth('warble_jobs_stalled_total{queue="pictures"}', 0, 0.1),
  ScoresWrong: growth('warble_scores_compared_total{result="mended"}', 0.1, 20),
  StoreAway: between('warble_store_up{store="redis", instance="a"}', 1, 0),
  ProcessAway: between('up{job="api", instance="a"}', 1, 0),
  ChangesUnconfirmed: growth("warble_change_acks_overdue_total", 0.1, 60),
  EventLoopBusy: growth("warble_event_loop_active_seconds_total", 6, 14.7),
  PoolTooSmall: between('warble_database_pool_waiting{instance="a"}', 2, 50),
  PostgresConnectionsScarce: ratio(
    'warble_postgres_connections{state="open"}',
    'warble_postgres_connections{state="limit"}',
    40,
    95,
  ),
  QueueMemoryScarce: ratio(`${queues}"used"}`, `${queues}"limit"}`, 40, 95),
  CacheTooSmall: growth('warble_redis_evicted_keys_total{store="redis"}', 15, 3000),
  DiskScarce: ratio(`${disk}"available"}`, `${disk}"total"}`, 40, 5),
  MemoryScarce: ratio(`${memory}"available"}`, `${memory}"total"}`, 40, 5),
};

describe("alerts", function () {
  this.timeout(60_000);
  let dir: string;
  let promtool: string;
  before(async () => {
    promtool = await prometheusProgram("promtool");
    dir = mkdtempSync(join(tmpdir(), "warble-alerts-"));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  /** Which of the alerts fire in the end, as promtool works it out. */
  const firing = (day: keyof Case): string[] => {
    const tests = Object.entries(CASES).map(([alert, { [day]: series }]) => ({
      interval: "15s",
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      // To expect none is to be told of any.
      alert_rule_test: [{ eval_time: "19m", alertname: alert, exp_alerts: [] }],
    }));
    const file = join(dir, "test.yml");
    writeFileSync(file, stringify({ rule_files: [ALERTS_YML], evaluation_interval: "15s", tests }));
    const { status, stdout, stderr } = spawnSync(promtool, ["test", "rules", file], {
      encoding: "utf8",
    });
    const told = [...(stdout + stderr).matchAll(/alertname: (\w+)/g)].map(([, name]) => name);
    assert.equal(told.length > 0, status !== 0, stdout + stderr);
    return told as string[];
  };

  it("are all tried here", () => {
    assert.deepEqual(
      Object.keys(CASES),
      alertRules().map(({ alert }) => alert),
    );
  });

  it("are quiet on a good day", () => {
    assert.deepEqual(firing("well"), []);
  });

  it("fire, each of them, when it is as they say", () => {
    assert.deepEqual(firing("ill"), Object.keys(CASES));
  });
});
