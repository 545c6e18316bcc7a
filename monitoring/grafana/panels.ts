/** What a dashboard is here: rows of panels that say what they show and how wide they are. Places,
 * colours and the rest are the same everywhere; `panel-json.ts` adds them. */

export type Kind = "timeseries" | "stat" | "table" | "heatmap";

/** Grafana's names: seconds, requests a second, a share of 1, … */
export type Unit = "s" | "reqps" | "ops" | "percentunit" | "bytes" | "short";

export interface Panel {
  kind: Kind;
  title: string;
  /** What it means, and what is good. */
  description: string;
  unit: Unit;
  /** Of 24 columns. */
  width: number;
  /** What the legend says → PromQL. `{{label}}` stands for a label's value. */
  queries: Record<string, string>;
  /** From which value on it is a warning, and bad; falling where a small value is the bad one. */
  limits?: [warning: number, bad: number];
  stacked?: boolean;
  max?: number;
}

export interface Dashboard {
  /** Names the file and the address. */
  uid: string;
  title: string;
  description: string;
  rows: Record<string, Panel[]>;
}

type Shape = Omit<Panel, "kind" | "title" | "description" | "unit" | "queries" | "width">;
type Make = (
  title: string,
  unit: Unit,
  description: string,
  queries: Record<string, string>,
  shape?: Shape & { width?: number },
) => Panel;

const maker =
  (kind: Kind, width: number): Make =>
  (title, unit, description, queries, shape = {}) => ({
    kind,
    title,
    unit,
    description,
    queries,
    width,
    ...shape,
  });

export const graph = maker("timeseries", 8);
export const stat = maker("stat", 4);
export const table = maker("table", 12);
export const heatmap = maker("heatmap", 12);
