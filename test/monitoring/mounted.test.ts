import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { dashboardFiles } from "../../monitoring/grafana/dashboards.ts";
import {
  ALERTS_YML,
  alertRules,
  MONITORING,
  measureOf,
  mountedDashboards,
  PROMETHEUS_YML,
} from "./mounted.ts";
import { prometheusProgram } from "./prometheus.ts";

const yamlOf = (path: string) => parse(readFileSync(join(MONITORING, path), "utf8"));

describe("the mounted files of Prometheus and Grafana", () => {
  it("are found right by promtool", async () => {
    const promtool = await prometheusProgram("promtool");
    for (const args of [
      ["config", PROMETHEUS_YML],
      ["rules", ALERTS_YML],
    ]) {
      const checked = spawnSync(promtool, ["check", ...args], { encoding: "utf8" });
      assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    }
  });

  it("scrape every five seconds", () => {
    const { global, scrape_configs } = yamlOf("prometheus/prometheus.yml");
    assert.equal(global.scrape_interval, "5s");
    for (const { job_name, scrape_interval } of scrape_configs) {
      assert.equal(scrape_interval, undefined, job_name);
    }
  });

  it("have a sentence on what to do, and one on what is the matter, for every alert", () => {
    const rules = alertRules();
    assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
    for (const rule of rules) {
      const { summary, action } = rule.annotations;
      assert.match(summary, /^.{20,}\.$/, rule.alert);
      assert.match(action, /^[A-Z].{20,}\.$/, rule.alert);
      assert.ok(["page", "ticket"].includes(rule.labels.severity), rule.alert);
      measureOf(rule);
    }
  });

  it("have dashboards as their descriptions say: else run `npm run dashboards`", () => {
    const made = dashboardFiles();
    assert.deepEqual(
      mountedDashboards().map(({ file }) => file),
      [...made.keys()].sort(),
    );
    for (const [name, text] of made) {
      assert.equal(readFileSync(join(MONITORING, "grafana/dashboards", name), "utf8"), text, name);
    }
  });

  it("have dashboards whose panels do not overlap, and say what they show", () => {
    for (const { file, panels } of mountedDashboards()) {
      const taken = new Set<string>();
      for (const { title, description, type, gridPos, fieldConfig, targets } of panels) {
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            assert.ok(x < 24 && !taken.has(`${x} ${y}`), `${file}: ${title} overlaps`);
            taken.add(`${x} ${y}`);
          }
        }
        if (type === "row") continue;
        assert.match(description ?? "", /\.$/, `${file}: ${title}`);
        assert.ok(fieldConfig?.defaults.unit, `${file}: ${title} has no unit`);
        assert.ok(
          targets?.every(({ legendFormat }) => legendFormat),
          `${file}: ${title}`,
        );
      }
    }
  });

  it("name one data source, the provisioned one", () => {
    const { datasources } = yamlOf("grafana/provisioning/datasources/prometheus.yml");
    assert.equal(datasources.length, 1);
    const [{ uid, type }] = datasources;
    for (const { file, panels } of mountedDashboards()) {
      for (const { title, type: kind, datasource, targets } of panels) {
        if (kind === "row") continue;
        for (const each of [datasource, ...(targets ?? []).map((target) => target.datasource)]) {
          assert.deepEqual(each, { type, uid }, `${file}: ${title}`);
        }
      }
    }
    const { providers } = yamlOf("grafana/provisioning/dashboards/warble.yml");
    assert.equal(providers[0].options.path, "/etc/grafana/dashboards");
  });
});
