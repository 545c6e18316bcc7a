/** Two sides of a comparison of rates, measured in turn, as a line of the table. */
import { alternate, median } from "./rounds.ts";
import { percent, type Row, whole } from "./table.ts";
import { withCpuShares } from "./usage.ts";

export interface Side {
  /** Whose shares of CPU the notes tell: process ids by name. */
  processes: Record<string, number>;
  /** One round. @returns how many a second. */
  round: () => Promise<number>;
}

const ROUNDS = 3;

/** @param notes stand before the shares of CPU.
 * @param format of a rate. */
export async function compareRates(
  what: string,
  warble: Side,
  bare: Side,
  notes: string,
  format: (perSecond: number) => string = whole,
): Promise<Row> {
  const round = ({ processes, round }: Side) => withCpuShares(Object.values(processes), round);
  const { a, b } = await alternate(
    ROUNDS,
    () => round(warble),
    () => round(bare),
  );
  const rate = (of: { result: number }[]) => median(of.map(({ result }) => result));
  return {
    what,
    warble: `${format(rate(a))}/s`,
    bare: `${format(rate(b))}/s`,
    ratio: rate(a) / rate(b),
    notes: `${notes}; ${cpuNote(warble, a, bare, b)}`,
  };
}

type Shares = { shares: number[] }[];
type Named = Pick<Side, "processes">;

/** The shares of one core that each side's processes used: the median of the rounds. */
export function cpuNote(warble: Named, a: Shares, bare: Named, b: Shares): string {
  const list = ({ processes }: Named, rounds: Shares) =>
    Object.keys(processes)
      .map((name, i) => `${name} ${percent(median(rounds.map(({ shares }) => shares[i] ?? 0)))}`)
      .join(", ");
  return `CPU: ${list(warble, a)}; bare: ${list(bare, b)}`;
}
