/** What the operating system tells about processes: who lives, who is who, which port is free. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** True while a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Names one life of a process: boot and start time. A number that the system has given to another
 * process since then, or another container's process with the same number, has another birth.
 * `undefined` when there is no such process. */
export function birthOf(pid: number): string | undefined {
  try {
    if (process.platform !== "linux") {
      return ask("ps", "-o", "lstart=", "-p", String(pid));
    }
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // proc(5): field 22 is the start time; the name before it, in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : `${boot}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** The command line, words parted by spaces; `undefined` when there is no such process. */
export function commandOf(pid: number): string | undefined {
  try {
    if (process.platform !== "linux") return ask("ps", "-ww", "-o", "command=", "-p", String(pid));
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() || undefined;
  } catch {
    return undefined;
  }
}

const ask = (command: string, ...args: string[]): string | undefined =>
  execFileSync(command, args, { encoding: "utf8" }).trim() || undefined;

/** One step of stopping: a signal, and how long it may take effect, in ms. */
export type StopStep = { readonly signal: NodeJS.Signals; readonly waitMs: number };

/** Ends a process that is not our child: step by step, then by SIGKILL.
 * @throws Error with `code: "EPERM"` when it belongs to somebody else. */
export async function endProcess(pid: number, steps: readonly StopStep[]): Promise<void> {
  for (const { signal, waitMs } of [...steps, { signal: "SIGKILL", waitMs: 2000 } as const]) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ESRCH") return;
      throw error;
    }
    for (const deadline = Date.now() + waitMs; Date.now() < deadline; await sleep(20)) {
      if (birthOf(pid) === undefined) return;
    }
  }
}

/** A TCP port that nobody listens on now. Another program may still take it first: be ready to try
 * again. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** True when nobody listens on the port. */
export async function isPortFree(port: number, host: string): Promise<boolean> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen({ port, host, exclusive: true }, resolve);
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw error;
  } finally {
    server.close();
  }
}
