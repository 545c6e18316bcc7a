import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Between writing and renaming lie milliseconds: an older temporary file is from a crash. */
const LEFTOVER_MS = 10_000;

const LEFTOVER = /\.[0-9a-f]{12}\.tmp$/;

export interface NewFile {
  /** Its name in the directory. */
  file: string;
  data: Buffer;
}

/**
 * Writes files into a directory, which is made when it is not there. Each appears whole, flushed
 * to the disk, or not at all; one of the same name is replaced. First all are written, then all
 * get their names. Two writers of the same files do not disturb each other.
 *
 * Removes what an earlier call left behind when its process died.
 */
export async function writeTogether(dir: string, files: NewFile[]): Promise<void> {
  await mkdir(dir, { recursive: true });
  await removeLeftovers(dir);
  const pending = files.map(({ file, data }) => ({
    data,
    path: join(dir, file),
    temporary: join(dir, `${file}.${randomBytes(6).toString("hex")}.tmp`),
  }));
  const written = await Promise.allSettled(
    pending.map(({ temporary, data }) => writeFile(temporary, data, { flag: "wx", flush: true })),
  );
  try {
    const failed = written.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    for (const { temporary, path } of pending) await rename(temporary, path);
  } catch (error) {
    for (const { temporary } of pending) await rm(temporary, { force: true });
    throw error;
  }
}

async function removeLeftovers(dir: string): Promise<void> {
  const before = Date.now() - LEFTOVER_MS;
  for (const name of await readdir(dir)) {
    if (!LEFTOVER.test(name)) continue;
    const path = join(dir, name);
    // It may get its name just now, by another writer that is alive.
    const stats = await stat(path).catch(() => undefined);
    if (stats !== undefined && stats.mtimeMs < before) await rm(path, { force: true });
  }
}
