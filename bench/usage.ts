/** What processes use: CPU time and resident memory, as the operating system tells. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Linux tells CPU times in ticks of 1/100 s to every program, whatever the kernel's own are. */
const TICKS_PER_SECOND = 100;

/** CPU seconds that a process has used since its start. */
export function cpuSecondsOf(pid: number): number {
  if (process.platform !== "linux") return cpuSecondsByPs(pid);
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // proc(5): fields 14 and 15 are user and system time; the name in brackets may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** `ps` writes `[hours:]minutes:seconds`. */
function cpuSecondsByPs(pid: number): number {
  const text = execFileSync("ps", ["-o", "time=", "-p", String(pid)], { encoding: "utf8" });
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** Resident memory in MB (10⁶ bytes). */
export function residentMb(pid: number): number {
  if (process.platform === "linux") {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return (Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024) / 1e6;
  }
  const text = execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
  return (Number(text) * 1024) / 1e6;
}

/** Shares of one core that processes use while `work` runs, in their order. */
export async function withCpuShares<T>(
  pids: number[],
  work: () => Promise<T>,
): Promise<{ result: T; shares: number[] }> {
  const before = pids.map(cpuSecondsOf);
  const startedAt = performance.now();
  const result = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  return { result, shares: pids.map((pid, i) => (cpuSecondsOf(pid) - (before[i] ?? 0)) / seconds) };
}
