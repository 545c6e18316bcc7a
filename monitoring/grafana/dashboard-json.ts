/** A dashboard as Grafana reads it, so that nobody writes its JSON by hand. */
import type * as grafana from "@grafana/schema";
import { type Json, type PanelJson, panelJson, SOURCE } from "./panel-json.ts";
import type { Dashboard, Kind } from "./panels.ts";

type RowJson = Json<grafana.RowPanel>;

const COLUMNS = 24;
const HEIGHTS: Record<Kind, number> = { stat: 4, timeseries: 8, table: 9, heatmap: 9 };

/** The dashboard as Grafana reads it. */
export function dashboardJson(dashboard: Dashboard): Json<grafana.Dashboard> {
  const { uid, title, description, rows } = dashboard;
  const panels: (PanelJson | RowJson)[] = [];
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
        icon: "",
        tooltip: "",
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
