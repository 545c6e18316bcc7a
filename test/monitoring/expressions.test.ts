import assert from "node:assert/strict";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { LiveClient } from "../live-client.ts";
import { plain } from "../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import { ALERTS_YML, expressions, PROMETHEUS_YML } from "./mounted.ts";
import { Prometheus } from "./prometheus.ts";

/** Rates want two scrapes, five seconds apart, after the first of everything has happened. */
const PATIENCE_MS = 40_000;

describe("what Prometheus reads of a service under a little load", function () {
  this.timeout(120_000);
  let service: Service;
  let prometheus: Prometheus;
  let dir: string;
  let loaded: Promise<void>;
  let loading = true;

  before(async () => {
    service = await Service.start({ apis: 0, workers: 0 });
    const ports = await Promise.all([1, 2, 3].map(() => freePort("127.0.0.1")));
    const [api1, api2, workers] = ports.map(String) as [string, string, string];
    await service.startApi({ METRICS_PORT: api1 });
    await service.startApi({ METRICS_PORT: api2 });
    await service.startWorkers({ METRICS_PORT: workers, CANARY_URL: service.url });
    dir = await mkdtemp(join(tmpdir(), "warble-prometheus-"));
    await writeFile(
      join(dir, "prometheus.yml"),
      await mountedConfig({ api: [api1, api2], workers: [workers] }),
    );
    await copyFile(ALERTS_YML, join(dir, "alerts.yml"));
    prometheus = await Prometheus.start(dir);
    loaded = load(service, () => loading);
  });
  after(async () => {
    loading = false;
    await loaded;
    await prometheus.stop();
    await service.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it("answers every expression of every panel and rule", async () => {
    const all = expressions();
    assert.ok(all.size > 100, `${all.size}`);
    const silent = new Map(all);
    await eventually(async () => {
      for (const [where, expression] of silent) {
        const values = await prometheus.query(expression);
        if (values.some((value) => !Number.isNaN(value))) silent.delete(where);
      }
      assert.deepEqual(Object.fromEntries(silent), {});
    }, PATIENCE_MS);
  });

  it("sees both API processes and the workers", async () => {
    assert.deepEqual(await prometheus.query('up{job="api"}'), [1, 1]);
    assert.deepEqual(await prometheus.query('up{job="workers"}'), [1]);
  });

  it("evaluates every rule, and none of them fires", async () => {
    await eventually(async () => {
      const rules = await prometheus.rules();
      assert.ok(rules.length > 20);
      assert.deepEqual(
        rules
          .filter(({ health }) => health !== "ok")
          .map(({ name, lastError }) => [name, lastError]),
        [],
      );
      const firing = rules.filter(({ state }) => state === "firing").map(({ name }) => name);
      assert.deepEqual(firing, []);
    }, 10_000);
  });

  it("has the rule for it at the ready when the workers go", async () => {
    loading = false;
    await loaded;
    await Promise.all(service.workers.splice(0).map((running) => running.stop()));
    await eventually(async () => {
      const awake = (await prometheus.rules()).filter(({ state }) => state !== "inactive");
      const names = awake.map(({ name }) => name);
      assert.ok(names.includes("NoWorkers") && names.includes("ProcessAway"), names.join(", "));
    }, 20_000);
  });
});

/** The mounted file, with the processes of this test where Docker's DNS would name containers. */
async function mountedConfig(ports: Record<string, string[]>): Promise<string> {
  const config = parse(await readFile(PROMETHEUS_YML, "utf8"));
  for (const scrape of config.scrape_configs) {
    const targets = ports[scrape.job_name]?.map((port) => `127.0.0.1:${port}`);
    assert.ok(targets, `the test has no process of the job ${scrape.job_name}`);
    delete scrape.dns_sd_configs;
    scrape.static_configs = [{ targets }];
  }
  return stringify(config);
}

/** People who do a little of everything, on both processes, until it is enough. */
async function load(service: Service, goesOn: () => boolean): Promise<void> {
  const [ann, bob] = (await service.addUsers(2)) as [TestUser, TestUser];
  await service.call(bob, "POST", `/api/users/${ann.id}/follow`);
  const picture = await plain(300, 200).jpeg().toBuffer();
  const watcher = await LiveClient.connect(service.url, bob);
  for (let turn = 0; goesOn(); turn++) {
    const api = turn % 2;
    const { body } = await service.upload(ann, picture);
    const id = await service.tweet(ann, `turn ${turn}`, [body.media_id], api);
    await service.call(bob, "POST", `/api/tweets/${id}/likes`, undefined, api);
    await service.feed(bob, "", api);
    await service.feed(bob, "", api);
    await service.call(bob, "GET", "/api/v2/feed?sort=hot", undefined, api);
    await service.feed(await service.addUser("Newcomer"), "", api); // has to be made from Postgres
    await service.call(bob, "GET", "/api/nothing", undefined, api);
    const back = await LiveClient.connect(service.url, bob, { since: watcher.since });
    back.close();
    await sleep(200);
  }
  watcher.close();
}
