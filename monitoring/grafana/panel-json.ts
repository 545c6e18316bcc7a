/** A panel as Grafana reads it, checked against Grafana's own types. */
import type * as grafana from "@grafana/schema";
import type { Options as HeatmapOptions } from "@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen";
import type { Options as StatOptions } from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type { Options as TableOptions } from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen";
import type { Options as GraphOptions } from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";
import type { Kind, Panel } from "./panels.ts";

/** Grafana's type with the values of its enums as they stand in JSON. */
export type Json<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : { [K in keyof T]: Json<T[K]> };

type Look = Pick<Panel, "unit" | "limits" | "stacked" | "max">;
export type PanelJson = Json<grafana.Panel>;
type FieldJson = Json<grafana.FieldConfig<grafana.GraphFieldConfig>>;

/** See `provisioning/datasources`. */
export const SOURCE = { type: "prometheus", uid: "prometheus" };

export function panelJson({ kind, title, description, queries, ...look }: Panel): PanelJson {
  const targets = Object.entries(queries).map(([legendFormat, expr], i) => ({
    refId: String.fromCharCode(65 + i),
    datasource: SOURCE,
    expr,
    legendFormat,
    ...TARGETS[kind],
  }));
  return {
    type: kind,
    title,
    description,
    datasource: SOURCE,
    targets,
    fieldConfig: { defaults: fieldOf(kind, look), overrides: [] },
    options: kind === "heatmap" ? heatmapOptions(look.unit) : OPTIONS[kind],
    ...(kind === "table" && { transformations: TABLE_COLUMNS }),
  };
}

const TARGETS: Record<Kind, object> = {
  timeseries: { range: true },
  // The last value is shown, with a small graph behind it.
  stat: { range: true },
  table: { instant: true, format: "table" },
  heatmap: { range: true, format: "heatmap" },
};

const TABLE_COLUMNS = [{ id: "organize", options: { excludeByName: { Time: true } } }];

function fieldOf(kind: Kind, { unit, limits, stacked, max }: Look): FieldJson {
  const custom: Json<grafana.GraphFieldConfig> = {
    drawStyle: "line",
    lineWidth: 1,
    fillOpacity: stacked ? 30 : 8,
    showPoints: "never",
    spanNulls: false,
    stacking: { mode: stacked ? "normal" : "none", group: "A" },
    // A dashed line in a graph; a colour in a single number.
    thresholdsStyle: { mode: limits ? "dashed" : "off" },
  };
  return {
    unit,
    min: 0,
    ...(max !== undefined && { max }),
    color: { mode: kind === "timeseries" ? "palette-classic" : "thresholds" },
    thresholds: { mode: "absolute", steps: stepsOf(limits) },
    ...(kind === "timeseries" && { custom }),
  };
}

function stepsOf(limits: Panel["limits"]): Json<grafana.Threshold>[] {
  if (!limits) return [{ color: "blue", value: null }];
  const [warning, bad] = limits;
  if (warning < bad) {
    return [
      { color: "green", value: null },
      { color: "orange", value: warning },
      { color: "red", value: bad },
    ];
  }
  return [
    { color: "red", value: null },
    { color: "orange", value: bad },
    { color: "green", value: warning },
  ];
}

const GRAPH: Json<GraphOptions> = {
  legend: {
    showLegend: true,
    displayMode: "table",
    placement: "bottom",
    calcs: ["lastNotNull", "max"],
  },
  tooltip: { mode: "multi", sort: "desc" },
};

const STAT: Json<StatOptions> = {
  reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
  orientation: "auto",
  colorMode: "value",
  graphMode: "area",
  justifyMode: "auto",
  textMode: "value",
  wideLayout: true,
  showPercentChange: false,
  percentChangeColorMode: "standard",
};

const TABLE: Json<TableOptions> = {
  frameIndex: 0,
  showHeader: true,
  cellHeight: "sm",
  sortBy: [{ displayName: "Value", desc: true }],
};

const OPTIONS = { timeseries: GRAPH, stat: STAT, table: TABLE };

const heatmapOptions = (unit: Panel["unit"]): Json<HeatmapOptions> => ({
  calculate: false,
  cellGap: 1,
  color: {
    mode: "scheme",
    scheme: "Oranges",
    scale: "exponential",
    exponent: 0.5,
    steps: 64,
    fill: "dark-orange",
    reverse: false,
  },
  // Buckets that nothing fell into stay empty.
  filterValues: { le: 1e-9 },
  yAxis: { unit, axisPlacement: "left" },
  rowsFrame: { layout: "le" },
  showValue: "never",
  exemplars: { color: "rgba(255,0,255,0.7)" },
  tooltip: { mode: "single", yHistogram: true },
  legend: { show: true },
});
