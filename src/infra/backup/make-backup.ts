/**
 * A backup: the database and the pictures of one moment, in one file, while the service runs.
 *
 * The database is read in one snapshot (repeatable read), so all tables fit together. The pictures
 * are the files that this snapshot names, copied after it:
 *  - a file is whole on the disk before the row that names it commits, so what the snapshot names
 *    was there when the snapshot was taken;
 *  - a file is never changed, and it is removed only after the commit that made it needless; while
 *    the backup runs, nobody removes any (`backup-lock.ts`), so it still is there when it is copied.
 * Of a picture that waits for the worker that is the original, of a finished one its variants.
 * Files that no row of the snapshot names (younger ones, half an upload) are not part of it.
 * Redis needs no backup: all that it holds is made again from the database.
 */
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { FileStore } from "../file-store.ts";
import type { PictureFiles } from "../media-queries.ts";
import { ArchiveWriter } from "./archive-writer.ts";
import { DatabaseSnapshot } from "./database-snapshot.ts";
import { BackupProblem, type ManifestTable } from "./manifest.ts";
import { Progress } from "./progress.ts";

export interface BackupOptions {
  databaseUrl: string;
  dataDir: string;
  /** Where the archive is to be. */
  file: string;
  /** Goes on without files that the disk has lost. */
  allowMissing: boolean;
  signal: AbortSignal;
  say: (line: string) => void;
}

/** Makes the archive; it appears whole or not at all.
 * @throws BackupProblem with what to do; the file system's and the database's errors; the signal's
 * reason when it was stopped. */
export async function makeBackup(options: BackupOptions): Promise<void> {
  const { signal } = options;
  const archive = await ArchiveWriter.create(options.file, signal);
  let snapshot: DatabaseSnapshot | undefined;
  try {
    snapshot = await DatabaseSnapshot.open(options.databaseUrl);
    const tables = await addTables(archive, snapshot, options);
    const { files, missing } = await addPictures(archive, snapshot, options);
    const { createdAt, migrations } = snapshot;
    const sequences = await snapshot.sequences();
    const bytes = await archive.finish({
      format: 1,
      createdAt,
      migrations,
      tables,
      sequences,
      files,
    });
    if (missing > 0) options.say(`Without ${missing} files that are missing on the disk.`);
    const megabytes = (bytes / 1e6).toFixed(1);
    options.say(`Backup: ${options.file} (${megabytes} MB), as things stood at ${createdAt}`);
  } catch (error) {
    await archive.abandon();
    throw error;
  } finally {
    snapshot?.close();
  }
}

async function addTables(
  archive: ArchiveWriter,
  snapshot: DatabaseSnapshot,
  { signal, say }: BackupOptions,
): Promise<ManifestTable[]> {
  const tables: ManifestTable[] = [];
  for (const table of await snapshot.tables()) {
    const parts = snapshot.rows(table);
    let part = await parts.next();
    for (let number = 1; !part.done; number += 1) {
      signal.throwIfAborted();
      const name = `database/${table.name}/${String(number).padStart(6, "0")}`;
      await archive.add(name, part.value.length, only(part.value));
      part = await parts.next();
    }
    tables.push({ ...table, rows: part.value });
    say(`Table ${table.name}: ${part.value} rows`);
  }
  return tables;
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

async function addPictures(
  archive: ArchiveWriter,
  snapshot: DatabaseSnapshot,
  { dataDir, allowMissing, signal, say }: BackupOptions,
): Promise<{ files: number; missing: number }> {
  const store = new FileStore(dataDir);
  const progress = new Progress("Pictures", "files", say);
  let missing = 0;
  for await (const picture of snapshot.pictures()) {
    for (const { name, path } of filesOf(store, picture)) {
      signal.throwIfAborted();
      const handle = await openIfThere(path);
      if (handle) progress.add(await copy(archive, name, handle));
      else if (allowMissing) missing += 1;
      else {
        throw new BackupProblem(
          `The file ${path} of picture ${picture.id} is missing. Is DATA_DIR right? If files were ` +
            "lost, --allow-missing makes a backup without them.",
        );
      }
    }
  }
  return { files: progress.end(), missing };
}

const filesOf = (store: FileStore, { token, files }: PictureFiles) =>
  files.length === 0
    ? [{ name: `originals/${token}`, path: store.originalPath(token) as string }]
    : files.map((file) => ({
        name: `media/${token}/${file}`,
        path: store.variantPath(token, file) as string,
      }));

async function copy(archive: ArchiveWriter, name: string, file: FileHandle): Promise<number> {
  try {
    const { size } = await file.stat();
    await archive.add(name, size, file.createReadStream({ autoClose: false }));
    return size;
  } finally {
    await file.close();
  }
}

const openIfThere = (path: string): Promise<FileHandle | undefined> =>
  open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  });
