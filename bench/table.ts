/** What a part measured, as lines of one markdown table. */
export interface Row {
  what: string;
  /** Warble's figure, with its unit. */
  warble: string;
  /** The same for the least that could do the work; `–` where there is nothing to compare with. */
  bare: string;
  ratio: number | undefined;
  /** Bytes of an answer, shares of CPU, and whatever else tells how to read the line. */
  notes: string;
}

const COLUMNS = ["", "Warble", "bare", "ratio", "notes"];

export const whole = (value: number): string => Math.round(value).toLocaleString("en");

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

export const markdown = (heads: string[], alignment: string, rows: string[][]): string => {
  const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
  return [line(heads), alignment, ...rows.map(line)].join("\n");
};

export const tableOf = (rows: Row[]): string =>
  markdown(
    COLUMNS,
    "|---|---:|---:|---:|---|",
    rows.map(({ what, warble, bare, ratio, notes }) => [
      what,
      warble,
      bare,
      ratio === undefined ? "–" : ratio.toFixed(2),
      notes,
    ]),
  );
