/** One owner at a time for the data directory. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { birthOf } from "./processes.ts";

/** Who holds the lock; `born` tells whether the process of that number is still the same one. */
type Holder = {
  readonly pid: number;
  readonly born: string | undefined;
  readonly what: string;
  readonly brief: boolean;
};

/** How long a brief holder is waited for. */
const PATIENCE_MS = 10_000;

export class DataDirLocked extends Error {
  override name = "DataDirLocked";
}

/** Takes `dataDir/lock`, made with the directory where absent; `what` is told to whoever is refused
 * meanwhile. A lock whose holder was killed is taken over, and one whose holder is `brief` is waited
 * for. Returns the function that gives it back.
 * @throws DataDirLocked when its holder lives. */
export async function lockDataDir(
  dataDir: string,
  what: string,
  brief = false,
): Promise<() => void> {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, "lock");
  const own = `${file}.${process.pid}`;
  const holder: Holder = { pid: process.pid, born: birthOf(process.pid), what, brief };
  writeFileSync(own, JSON.stringify(holder), { mode: 0o600 });
  const deadline = Date.now() + PATIENCE_MS;
  try {
    while (!tryLink(own, file)) {
      const other = readHolder(file);
      if (other && isHolding(other)) {
        if (other.brief && Date.now() < deadline) {
          await sleep(100);
          continue;
        }
        throw new DataDirLocked(`${dataDir} is in use by ${other.what} (process ${other.pid}).`);
      }
      // Moved aside, not removed: of two that come at once, one moves it and the other finds none.
      tryRename(file, `${own}.stale`);
      await sleep(50);
    }
  } finally {
    rmSync(own, { force: true });
    rmSync(`${own}.stale`, { force: true });
  }
  return () => {
    const last = readHolder(file);
    if (last?.pid === holder.pid && last.born === holder.born) rmSync(file, { force: true });
  };
}

/** True while the process that wrote this has not ended. */
export const isHolding = (holder: { pid: number; born: string | undefined }): boolean =>
  holder.born !== undefined && birthOf(holder.pid) === holder.born;

/** A link appears at once with its content, and only where there is none. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function tryRename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}
