/** The files that Prometheus and Grafana are given, and the expressions in them. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";

export const MONITORING = join(import.meta.dirname, "../../monitoring");
export const PROMETHEUS_YML = join(MONITORING, "prometheus/prometheus.yml");
export const ALERTS_YML = join(MONITORING, "prometheus/alerts.yml");

export interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; action: string };
}

export function alertRules(): AlertRule[] {
  const { groups } = parse(readFileSync(ALERTS_YML, "utf8"));
  return groups.flatMap(({ rules }: { rules: AlertRule[] }) => rules);
}

/** A rule's expression without its comparison: that has data while all is well, too. */
export function measureOf({ alert, expr }: AlertRule): string {
  const [, measure] = /^(.+) [<>] [\d.]+$/s.exec(expr) ?? [];
  if (measure === undefined) throw new Error(`${alert} is no comparison with a number: ${expr}`);
  return measure;
}

interface PanelJson {
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults: { unit?: string } };
  datasource?: { type: string; uid: string };
  targets?: { expr: string; legendFormat: string; datasource: { type: string; uid: string } }[];
}

export interface DashboardJson {
  file: string;
  uid: string;
  title: string;
  panels: PanelJson[];
}

export const mountedDashboards = (): DashboardJson[] =>
  globSync(join(MONITORING, "grafana/dashboards/*.json"))
    .sort()
    .map((path) => ({ file: basename(path), ...JSON.parse(readFileSync(path, "utf8")) }));

/** An expression as Grafana would send it: with a time in the place of its variables. */
export const filledIn = (expression: string): string =>
  expression.replaceAll(/\$__(rate_interval|range)\b/g, "1m");

/** Every expression of every panel and rule, by where it stands. */
export function expressions(): Map<string, string> {
  const all = new Map<string, string>();
  for (const { title, panels } of mountedDashboards()) {
    for (const panel of panels) {
      for (const { expr, legendFormat } of panel.targets ?? []) {
        all.set(`${title} / ${panel.title} / ${legendFormat}`, filledIn(expr));
      }
    }
  }
  for (const rule of alertRules()) all.set(`alert ${rule.alert}`, measureOf(rule));
  return all;
}
