/** How command-line tools find the running service and its database. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../base/config.ts";
import { DataDirLocked, isHolding, lockDataDir } from "./data-dir-lock.ts";
import { birthOf } from "./processes.ts";

/** How long a tool waits for a service that is just starting or stopping. */
const PATIENCE_MS = 30_000;

export type RunningService = {
  readonly pid: number;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Where a browser finds it, `http://…`. */
  readonly url: string;
};

type Written = RunningService & { readonly born: string | undefined };

const fileIn = (dataDir: string): string => join(dataDir, "run.json");

/** Notes that this process serves; the file holds passwords and is readable by us only.
 * Returns the function that removes it. */
export function announceService(dataDir: string, service: Omit<RunningService, "pid">): () => void {
  const file = fileIn(dataDir);
  const content: Written = { pid: process.pid, born: birthOf(process.pid), ...service };
  writeFileSync(`${file}.partial`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.partial`, file);
  return () => rmSync(file, { force: true });
}

/** The service that runs on this data directory, if one does. */
export function findRunningService(dataDir: string): RunningService | undefined {
  try {
    const written = JSON.parse(readFileSync(fileIn(dataDir), "utf8")) as Written;
    return isHolding(written) ? written : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") throw error;
    return undefined;
  }
}

/** Runs `work` with a database URL: the configured one, else the running service's, else that of a
 * Postgres started for the moment on the data directory (then nothing has been migrated by us).
 * @throws DataDirLocked when the directory stays in use without a service to be found. */
export async function withDatabase<T>(
  config: Pick<Config, "databaseUrl" | "dataDir">,
  work: (databaseUrl: string) => Promise<T>,
): Promise<T> {
  if (config.databaseUrl !== undefined) return work(config.databaseUrl);
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(200)) {
    const running = findRunningService(config.dataDir);
    if (running) return work(running.databaseUrl);
    try {
      const unlock = await lockDataDir(config.dataDir, "a command-line tool", true);
      return await withOwnPostgres(config.dataDir, work).finally(unlock);
    } catch (error) {
      if (!(error instanceof DataDirLocked) || Date.now() > deadline) throw error;
    }
  }
}

async function withOwnPostgres<T>(dataDir: string, work: (url: string) => Promise<T>): Promise<T> {
  const dir = postgresDir(dataDir);
  if (!existsSync(dir)) console.error(`Making a database in ${dir} …`);
  // Loaded only here: an installation with a database of its own lacks the package.
  const { startPostgres } = await import("./postgres.ts");
  const postgres = await startPostgres({ dir, log: console.error });
  try {
    return await work(postgres.url);
  } finally {
    await postgres.stop();
  }
}

/** Where the embedded stores keep what is theirs. */
export const postgresDir = (dataDir: string): string => join(dataDir, "postgres");
export const redisDir = (dataDir: string): string => join(dataDir, "redis");
