/** A dashboard as Grafana reads it, so that nobody writes its JSON by hand.
 * https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/ */
import type { Dashboard, Kind, Panel } from "./panels.ts";

const COLUMNS = 24;
const HEIGHTS: Record<Kind, number> = { stat: 4, timeseries: 8, table: 9, heatmap: 9 };
/** See `provisioning/datasources`. */
const SOURCE = { type: "prometheus", uid: "prometheus" };

/** The dashboard as Grafana reads it. */
export function grafanaJson({ uid, title, description, rows }: Dashboard): object {
  const panels: object[] = [];
  let id = 0;
  let y = 0;
  for (const [name, row] of Object.entries(rows)) {
    panels.push({
      id: ++id,
      type: "row",
      title: name,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of row) {
      if (x + panel.width > COLUMNS) {
        y += height;
        x = 0;
        height = 0;
      }
      const gridPos = { x, y, w: panel.width, h: HEIGHTS[panel.kind] };
      panels.push({ id: ++id, ...panelJson(panel), gridPos });
      x += panel.width;
      height = Math.max(height, gridPos.h);
    }
    y += height;
  }
  return {
    uid: `warble-${uid}`,
    title: `Warble: ${title}`,
    description,
    tags: ["warble"],
    schemaVersion: 39,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: "5s",
    time: { from: "now-30m", to: "now" },
    timezone: "browser",
    links: [
      {
        type: "dashboards",
        title: "Warble",
        tags: ["warble"],
        asDropdown: false,
        keepTime: true,
        includeVars: false,
        targetBlank: false,
      },
    ],
    annotations: { list: [ALERTS] },
    templating: { list: [] },
    panels,
  };
}

/** Marks in every graph when an alert fired. */
const ALERTS = {
  name: "Alerts",
  datasource: SOURCE,
  enable: true,
  iconColor: "red",
  expr: 'ALERTS{alertstate="firing"}',
  titleFormat: "{{alertname}}",
  step: "5s",
};

function panelJson({ kind, title, description, queries, ...look }: Panel): object {
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
    options: optionsOf(kind, look),
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

function fieldOf(kind: Kind, { unit, limits, stacked, max }: Partial<Panel>): object {
  const custom = {
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

function stepsOf(limits: Panel["limits"]): object[] {
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

function optionsOf(kind: Kind, { unit }: Partial<Panel>): object {
  switch (kind) {
    case "timeseries":
      return {
        legend: { displayMode: "table", placement: "bottom", calcs: ["lastNotNull", "max"] },
        tooltip: { mode: "multi", sort: "desc" },
      };
    case "stat":
      return {
        reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
        colorMode: "value",
        graphMode: "area",
        textMode: "value",
      };
    case "table":
      return { showHeader: true, cellHeight: "sm", sortBy: [{ displayName: "Value", desc: true }] };
    case "heatmap":
      return {
        calculate: false,
        cellGap: 1,
        color: { mode: "scheme", scheme: "Spectral", steps: 64, exponent: 0.5, reverse: true },
        yAxis: { unit, axisPlacement: "left" },
        rowsFrame: { layout: "le" },
        tooltip: { mode: "single", yHistogram: true },
        legend: { show: true },
        filterValues: { le: 1e-9 },
      };
  }
}
