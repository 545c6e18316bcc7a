/** Where an embedded server writes its own log. */
import { closeSync, openSync, readFileSync, statSync } from "node:fs";

const KEPT_BYTES = 10 * 1024 * 1024;

/** Opens the file for a server's output; one that grew too long in earlier runs is begun anew. */
function openServerLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return openSync(file, size > KEPT_BYTES ? "w" : "a", 0o600);
}

/** Hands the open file to `start`, which spawns a server with it, and closes our copy. */
export function withServerLog<T>(file: string, start: (fd: number) => T): T {
  const fd = openServerLog(file);
  try {
    return start(fd);
  } finally {
    closeSync(fd);
  }
}

/** The last lines, to be shown when the server does not come up. */
export function tailOf(file: string, lines = 8): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}
