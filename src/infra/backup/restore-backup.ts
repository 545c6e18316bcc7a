/**
 * A restore: the archive is read once to see that it is whole, and once more to take it in.
 *
 * The rows go into a schema beside the one in use (`staged-database.ts`), the pictures to where they
 * belong: files that no row names disturb nobody. Then the tables change places in one transaction.
 * When anything fails before, the staged tables and the new files are removed again, and what was
 * there is there still; a restore that was killed leaves files to the sweep, and its tables to the
 * next restore. Redis is emptied last, since it tells of the data before.
 */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { openDatabase } from "../database.ts";
import { FileStore } from "../file-store.ts";
import { knownTokens, processingTokens } from "../media-queries.ts";
import { type ArchiveEntry, readArchive } from "./archive-reader.ts";
import { BackupProblem, type Manifest } from "./manifest.ts";
import { Progress } from "./progress.ts";
import { StagedDatabase } from "./staged-database.ts";

export interface RestoreOptions {
  databaseUrl: string;
  dataDir: string;
  /** The archive. */
  file: string;
  /** Replaces what is there. */
  force: boolean;
  signal: AbortSignal;
  say: (line: string) => void;
}

/** @throws BackupProblem with what to do; the file system's and the database's errors; the signal's
 * reason when it was stopped. In each case nothing has changed. */
export async function restoreBackup(options: RestoreOptions): Promise<void> {
  const { file, signal, say } = options;
  say(`Checking ${file} …`);
  const manifest = await readArchive(file, signal);
  const store = new FileStore(options.dataDir);
  const database = await StagedDatabase.open(options.databaseUrl);
  let touched = false;
  try {
    if (!options.force) await refuseFilled(database, store, manifest);
    touched = true;
    say("Restoring …");
    await database.create(manifest.migrations);
    await store.prepare();
    await takeIn(database, store, manifest, options);
    signal.throwIfAborted();
    await database.publish(manifest.sequences);
    say(`Restored: all as it stood at ${manifest.createdAt}`);
  } finally {
    await database.close();
    if (touched) await removeStrayFiles(options.databaseUrl, store);
  }
}

async function refuseFilled(
  database: StagedDatabase,
  store: FileStore,
  { tables }: Manifest,
): Promise<void> {
  const filled = await database.firstFilled(tables);
  const why =
    filled !== undefined
      ? `the table ${filled} has rows`
      : (await store.isEmpty())
        ? undefined
        : "there are pictures in DATA_DIR";
  if (why === undefined) return;
  throw new BackupProblem(
    `The place is not empty: ${why}. Restore into an empty one, or replace all that is there by --force.`,
  );
}

async function takeIn(
  database: StagedDatabase,
  store: FileStore,
  manifest: Manifest,
  { file, signal, say }: RestoreOptions,
): Promise<void> {
  const tables = new TableWriter(database, manifest);
  const pictures = new Progress("Pictures", "files", say);
  await readArchive(file, signal, async (entry) => {
    signal.throwIfAborted();
    const [kind, name = "", inner = ""] = entry.name.split("/");
    if (kind === "database") return tables.write(name, entry);
    const path =
      kind === "originals"
        ? store.originalPath(name)
        : kind === "media"
          ? store.variantPath(name, inner)
          : undefined;
    if (path === undefined) throw new BackupProblem(`${file} has an entry of no known kind.`);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(entry.content, createWriteStream(path, { flush: true }), { signal });
    pictures.add(entry.size);
  });
  await tables.end();
  for (const { name, rows } of manifest.tables) say(`Table ${name}: ${rows} rows`);
  pictures.end();
}

/** Feeds the parts of one table after the other to COPY. */
class TableWriter {
  readonly #database: StagedDatabase;
  readonly #manifest: Manifest;
  #table = "";
  #copy: Writable | undefined;
  /** Rejects with what PostgreSQL finds wrong with the rows. */
  #taken = Promise.resolve();

  constructor(database: StagedDatabase, manifest: Manifest) {
    this.#database = database;
    this.#manifest = manifest;
  }

  async write(name: string, { content }: ArchiveEntry): Promise<void> {
    if (name !== this.#table) {
      await this.end();
      const table = this.#manifest.tables.find((each) => each.name === name);
      if (!table) throw new BackupProblem(`The backup has rows of an unknown table, ${name}.`);
      this.#table = name;
      this.#copy = this.#database.copyIn(table);
      this.#taken = finished(this.#copy);
      this.#taken.catch(() => undefined); // `end` tells, or the next part
    }
    const copy = this.#copy as Writable;
    for await (const chunk of content) {
      if (!copy.write(chunk)) await Promise.race([once(copy, "drain"), this.#taken]);
    }
  }

  async end(): Promise<void> {
    this.#copy?.end();
    await this.#taken;
    this.#copy = undefined;
  }
}

/** Files that no row needs: those that were replaced, or those of a restore that failed. Nothing
 * else runs here, so none of them is on its way into use. */
async function removeStrayFiles(databaseUrl: string, store: FileStore): Promise<void> {
  const db = await openDatabase(databaseUrl, 1);
  try {
    const waiting = (tokens: string[]) => processingTokens(db, tokens);
    const ready = async (tokens: string[]) => {
      const [known, unfinished] = [await knownTokens(db, tokens), await waiting(tokens)];
      return new Set(tokens.filter((token) => known.has(token) && !unfinished.has(token)));
    };
    await store.sweep({ olderThanMs: -1000, isKnown: ready, needsOriginal: waiting });
  } finally {
    await db.close();
  }
}
