/** Resident memory: what the processes take at rest, and what each load leaves them with. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Bench, Installation, type Running } from "./installation.ts";
import { type Row, whole } from "./table.ts";
import { residentMb } from "./usage.ts";

/** The start's garbage is mostly gone by then. */
const SETTLE_MS = 3000;

export async function measureMemory(bench: Bench): Promise<Row[]> {
  bench.say("memory: at rest …");
  const warble = await Installation.open(bench);
  try {
    const processes = { API: await warble.startApi(), workers: await warble.startWorkers() };
    await sleep(SETTLE_MS);
    return [memoryRow("at rest", processes)];
  } finally {
    await warble.close();
  }
}

/** The memory of processes as it is now. */
export function memoryRow(when: string, processes: Record<string, Running>): Row {
  const megabytes = Object.values(processes).map(({ pid }) => whole(residentMb(pid)));
  return {
    what: `memory ${when}`,
    warble: `${megabytes.join(" + ")} MB`,
    bare: "–",
    ratio: undefined,
    notes: `resident, ${Object.keys(processes).join(" + ")}`,
  };
}
