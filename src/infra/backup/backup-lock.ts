/**
 * While a backup reads, no file of a picture is removed.
 *
 * The backup holds an advisory lock of PostgreSQL from before its snapshot until it has copied the
 * last file; the lock goes with the session, so a killed backup holds nothing up. Whoever is about
 * to remove files asks `isBackupRunning` *after* the commit that made them needless. If that says
 * no, the lock, and so the snapshot, come later and do not name these files; if it says yes, the
 * files stay for now.
 */
import type pg from "pg";
import { type Database, statement } from "../database.ts";
import { BackupProblem } from "./manifest.ts";

/** Who removes takes the lock shared, for the length of this statement, so that two of them are
 * not a backup to each other. */
const RUNNING = statement<{ running: boolean }>(
  "backup-running",
  `select not pg_try_advisory_xact_lock_shared(hashtext('warble:backup')) as running`,
);

const LOCK_NOT_AVAILABLE = "55P03";

export const isBackupRunning = async (db: Pick<Database, "query">): Promise<boolean> =>
  (await db.query(RUNNING))[0]?.running ?? true;

/** Takes the lock for this connection's life. @throws BackupProblem when another backup has it. */
export async function lockForBackup(client: pg.Client): Promise<void> {
  try {
    await client.query("set lock_timeout = '3s'");
    await client.query("select pg_advisory_lock(hashtext('warble:backup'))");
  } catch (error) {
    if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
    throw new BackupProblem("Another backup of this database is running: wait for its end.");
  }
}
