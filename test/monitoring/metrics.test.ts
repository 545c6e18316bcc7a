import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { request } from "node:http";
import "../../bench/query-plans.ts"; // loads every statement
import { loadConfig } from "../../src/base/config.ts";
import { SERVER_EVENTS } from "../../src/contract/events.ts";
import { routesOf } from "../../src/http/server.ts";
import { statements } from "../../src/infra/database.ts";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { handlers } from "../../workers/jobs/handlers.ts";
import { LiveClient } from "../live-client.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import { figureOf, samplesOf, textOf } from "./figures.ts";
import { prometheusProgram } from "./prometheus.ts";

/** The routes beside the table of the API: files, documents, health. */
const OTHER_ROUTES = [
  "/*",
  "/media/*",
  "/docs",
  "/docs/",
  "/docs/*",
  "/docs/events",
  "/docs/start.js",
  "/docs/docs.css",
  "/openapi.json",
  "/asyncapi.json",
  "/healthz",
  "/readyz",
  "unknown",
];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"];
const REQUESTS = "warble_http_request_duration_seconds";

describe("metrics", function () {
  this.timeout(60_000);
  let service: Service;
  let api: number;
  let workers: number;
  let [ann, bob]: TestUser[] = [];
  before(async () => {
    service = await Service.start({ apis: 0, workers: 0 });
    [api, workers] = [await freePort("127.0.0.1"), await freePort("127.0.0.1")];
    await service.startApi({ METRICS_PORT: String(api) });
    await service.startWorkers({ METRICS_PORT: String(workers), CANARY_URL: service.url });
    [ann, bob] = await service.addUsers(2);
  });
  after(() => service.stop());

  /** Sends what `fetch` would not. */
  const send = (method: string, path: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const call = request(`${service.url}${path}`, { method }, (response) => {
        response.resume().once("end", () => resolve(response.statusCode as number));
      });
      call.once("error", reject).end();
    });

  it("are on a port of their own, and nothing else is there", async () => {
    assert.match(await textOf(api), /^warble_sockets 0$/m);
    assert.match(await textOf(api), /^warble_process_resident_memory_bytes \d+/m);
    assert.equal((await fetch(`http://127.0.0.1:${api}/`)).status, 404);
    const outside = await fetch(`${service.url}/metrics`);
    assert.match(outside.headers.get("content-type") ?? "", /html|json/);
  });

  it("have names with our prefix, a unit, and a sentence: promtool finds no fault", async () => {
    const promtool = await prometheusProgram("promtool");
    for (const port of [api, workers]) {
      const text = await textOf(port);
      const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name as string);
      assert.ok(names.length > 50);
      assert.deepEqual(
        names.filter((name) => !/^warble_[a-z0-9_]+$/.test(name)),
        [],
      );
      // Node's own, as prom-client names them, are not ours to name.
      const ours = text
        .split(/\n\n/)
        .filter((block) => !/^# HELP warble_(nodejs|process)_/.test(block));
      const input = `${ours.join("\n")}\n`;
      const checked = spawnSync(promtool, ["check", "metrics"], { input, encoding: "utf8" });
      assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    }
  });

  it("time each request by its route's pattern, and never by its path", async () => {
    const tweet = await service.tweet(ann as TestUser, "timed");
    await service.call(bob, "GET", `/api/v2/tweets/${tweet}`);
    for (let i = 1; i <= 30; i++) {
      await service.call(bob, "GET", `/api/v2/tweets/${tweet + i}`);
      await send("GET", `/api/nothing/${i}`);
      await send("GET", `/assets/${i}.js`);
      await send("GET", `/media/${i}/640.webp`);
      await send(i % 2 ? "PROPFIND" : "REPORT", `/api/tweets/${i}`);
      await send("PUT", `/somewhere/${i}`);
    }
    const samples = (await samplesOf(api)).filter(({ name }) => name.startsWith(REQUESTS));
    const patterns = new Set([
      ...routesOf(loadConfig({})).map(({ path }) => path),
      ...OTHER_ROUTES,
    ]);
    for (const { labels } of samples) {
      assert.ok(patterns.has(labels.route as string), labels.route);
      assert.ok(METHODS.includes(labels.method as string), labels.method);
      assert.match(labels.status as string, /^[1-5]\d\d$/);
    }
    const counted = (method: string, route: string, status: number): number =>
      figureOf(samples, `${REQUESTS}_count`, { method, route, status: String(status) });
    assert.equal(counted("POST", "/api/tweets", 201), 1);
    assert.equal(counted("GET", "/api/v2/tweets/:id", 200), 1);
    assert.equal(counted("GET", "/api/v2/tweets/:id", 404), 30);
    assert.equal(counted("GET", "unknown", 404), 30);
    assert.equal(counted("GET", "/*", 404), 30);
    assert.equal(counted("GET", "/media/*", 404), 30);
    assert.equal(counted("other", "unknown", 405), 30);
    assert.equal(counted("PUT", "unknown", 405), 30);
  });

  it("have a histogram that adds up: each bucket holds the ones below it", async () => {
    await service.feed(ann as TestUser);
    const labels = { method: "GET", route: "/api/tweets", status: "200" };
    const samples = await samplesOf(api);
    const buckets = samples.filter(
      ({ name, labels: { route, method } }) =>
        name === `${REQUESTS}_bucket` && route === labels.route && method === labels.method,
    );
    assert.equal(buckets[0]?.labels.le, "0.0002");
    assert.equal(buckets.at(-2)?.labels.le, "5");
    assert.equal(buckets.at(-1)?.labels.le, "+Inf");
    for (const [i, { value }] of buckets.entries()) {
      assert.ok(value >= (buckets[i - 1]?.value ?? 0));
    }
    assert.equal(buckets.at(-1)?.value, figureOf(samples, `${REQUESTS}_count`, labels));
    assert.ok(figureOf(samples, `${REQUESTS}_sum`, labels) > 0);
  });

  it("tell hits, misses and rebuilds of feeds", async () => {
    const reads = async (result: string): Promise<number> =>
      figureOf(await samplesOf(api), "warble_feed_reads_total", { result });
    const [hits, misses] = [await reads("hit"), await reads("miss")];
    const rebuilds = figureOf(await samplesOf(api), "warble_feed_rebuild_seconds_count");
    const reader = await service.addUser("Reader");
    await service.feed(reader);
    for (let i = 0; i < 5; i++) await service.feed(reader);
    assert.equal(await reads("hit"), hits + 5);
    assert.equal(await reads("miss"), misses + 1);
    assert.equal(figureOf(await samplesOf(api), "warble_feed_rebuild_seconds_count"), rebuilds + 1);
  });

  it("count what reaches sockets: one for each, and what was missed", async () => {
    const count = async (name: string, event?: string): Promise<number> =>
      figureOf(await samplesOf(api), `warble_${name}`, event ? { event } : {});
    await service.call(bob, "POST", `/api/users/${ann?.id}/follow`);
    const clients = await Promise.all(
      [ann, bob, bob].map((user) => LiveClient.connect(service.url, user as TestUser)),
    );
    assert.equal(await count("sockets"), 3);
    const before = await count("live_events_delivered_total", "tweet:new");
    const first = await service.tweet(ann as TestUser, "to three sockets");
    for (const client of clients) await client.next("tweet:new", ({ id }) => id === first);
    assert.equal(await count("live_events_delivered_total", "tweet:new"), before + 3);

    const away = clients.pop() as LiveClient;
    const since = away.since;
    away.close();
    const replayed = await count("live_events_replayed_total");
    await service.tweet(ann as TestUser, "missed");
    clients.push(await LiveClient.connect(service.url, bob as TestUser, { since }));
    assert.ok((await count("live_events_replayed_total")) > replayed);
    const resyncs = await count("live_resyncs_total");
    clients.push(await LiveClient.connect(service.url, bob as TestUser, { since: "999999" }));
    assert.equal(await count("live_resyncs_total"), resyncs + 1);
    for (const client of clients) client.close();
    await eventually(async () => assert.equal(await count("sockets"), 0));
  });

  it("tell of every queue and every store", async () => {
    const samples = await samplesOf(workers);
    const values = (name: string, label: string): string[] => [
      ...new Set(
        samples.filter((each) => each.name === name).map((each) => each.labels[label] ?? ""),
      ),
    ];
    for (const name of [
      "jobs",
      "jobs_completed_total",
      "jobs_failed_total",
      "jobs_stalled_total",
    ]) {
      const queues = values(`warble_${name}`, "queue");
      assert.deepEqual(queues, ["pictures", "scores", "feeds", "upkeep"], name);
    }
    assert.deepEqual(values("warble_jobs", "state"), ["waiting", "active", "delayed", "failed"]);
    assert.deepEqual(
      samples
        .filter(({ name }) => name === "warble_store_up")
        .map(({ labels, value }) => [labels.store, value]),
      [
        ["postgres", 1],
        ["redis", 1],
        ["redis-live", 1],
        ["redis-queues", 1],
      ],
    );
    for (const store of ["postgres", "redis", "redis-live", "redis-queues"]) {
      assert.ok(figureOf(samples, "warble_store_round_trip_seconds", { store }) > 0, store);
    }
    assert.equal(figureOf(samples, "warble_relay_backlog"), 0);
    assert.ok(figureOf(samples, "warble_postgres_database_bytes") > 1e6);
    assert.ok(
      figureOf(samples, "warble_redis_memory_bytes", { store: "redis", state: "limit" }) > 1e6,
    );
  });

  it("have labels of few values: statements, jobs and events by their names, and no person", async () => {
    const known: Record<string, string[]> = {
      statement: [...statements.keys(), "transaction"],
      name: Object.values(handlers).flatMap((jobs) => Object.keys(jobs)),
      event: Object.keys(SERVER_EVENTS),
    };
    const samples = [...(await samplesOf(api)), ...(await samplesOf(workers))];
    const ours = samples.filter(({ name }) => !/^warble_(nodejs|process)_/.test(name));
    for (const [label, values] of Object.entries(known)) {
      const found = new Set(ours.flatMap(({ labels }) => labels[label] ?? []));
      assert.ok(found.size > 0, label);
      assert.deepEqual(
        [...found].filter((value) => !values.includes(value)),
        [],
        label,
      );
    }
    const names = new Set(ours.flatMap(({ labels }) => Object.keys(labels)));
    const few = ["le", "method", "route", "status", "statement", "name", "event", "queue", "state"];
    const fewer = ["store", "source", "result", "cache", "change", "end"];
    assert.deepEqual(
      [...names].filter((name) => ![...few, ...fewer].includes(name)),
      [],
    );
  });

  it("do not hold up the service where their port is taken", async () => {
    const other = await service.startApi({ METRICS_PORT: new URL(service.url).port });
    assert.equal((await fetch(`${other.url}/readyz`)).status, 200);
    await other.stop();
    service.apis.pop();
  });
});
