/** The few forms of PromQL that all panels are made of. */

/** Grafana puts in at least four scrapes, so that a rate always has two of them. */
const WINDOW = "$__rate_interval";

const grouped = (by: string[]): string => (by.length > 0 ? `sum by (${by.join(", ")}) ` : "sum");

/** How often a second, by labels. `of` is a counter, with its selector. */
export const rate = (of: string, ...by: string[]): string =>
  `${grouped(by)}(rate(${of}[${WINDOW}]))`;

/** How many in the time that one point of the graph stands for. */
export const increase = (of: string, ...by: string[]): string =>
  `${grouped(by)}(increase(${of}[${WINDOW}]))`;

/** A quantile (0 to 1) of a histogram, by labels. */
export const quantile = (q: number, name: string, selector = "", ...by: string[]): string =>
  `histogram_quantile(${q}, ${rate(`${name}_bucket${selector}`, "le", ...by)})`;

/** p50, p95 and p99 of a histogram as the lines of a graph. */
export const quantiles = (name: string, selector = ""): Record<string, string> => ({
  p50: quantile(0.5, name, selector),
  p95: quantile(0.95, name, selector),
  p99: quantile(0.99, name, selector),
});

/** The share of `part` in `whole`; nothing counts as none of it. */
export const share = (part: string, whole: string): string =>
  `(${rate(part)} or vector(0)) / ${rate(whole)}`;
