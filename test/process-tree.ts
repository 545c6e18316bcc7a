/** Which processes a process has started, and whether they are gone. Linux only. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { birthOf } from "../src/infra/embedded/processes.ts";

/** The ids of all processes below this one. */
export function descendantsOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      // proc(5): the parent is the second field after the name in brackets.
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const below = (parent: number): number[] =>
    [...parents].filter(([, of]) => of === parent).flatMap(([id]) => [id, ...below(id)]);
  return below(pid);
}

/** Waits until none of them runs; answers those that still do after `withinMs`. */
export async function survivorsOf(pids: number[], withinMs: number): Promise<number[]> {
  const living = (): number[] => pids.filter((pid) => birthOf(pid) !== undefined);
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(50)) {
    if (living().length === 0) return [];
  }
  return living();
}
