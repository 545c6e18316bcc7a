/** The database at one moment, read table by table. */
import type pg from "pg";
import { to } from "pg-copy-streams";
import { entities } from "../../entities/entities.ts";
import { knownMigrations, queryOn } from "../database.ts";
import { type PictureFiles, picturesAfter } from "../media-queries.ts";
import { lockForBackup } from "./backup-lock.ts";
import { BackupProblem, type Manifest } from "./manifest.ts";
import { migrationsOf, openSession, type Session } from "./sessions.ts";

/** An entry of the archive has to say how long it is before it begins. */
const PART_BYTES = 4 * 1024 ** 2;
const PICTURES_PAGE = 1000;

export interface SnapshotTable {
  name: string;
  /** Without those that PostgreSQL generates. */
  columns: string[];
}

export class DatabaseSnapshot {
  readonly #session: Session;
  readonly #client: pg.Client;
  readonly createdAt: string;
  readonly migrations: string[];

  private constructor(session: Session, createdAt: string, migrations: string[]) {
    this.#session = session;
    this.#client = session.client;
    this.createdAt = createdAt;
    this.migrations = migrations;
  }

  /** No picture's file that the snapshot names is removed until it is closed (`backup-lock.ts`).
   * @throws BackupProblem when there is nothing of Warble, or of a newer version; or while another
   * backup runs. */
  static async open(url: string): Promise<DatabaseSnapshot> {
    const session = await openSession(url);
    const { client } = session;
    try {
      await lockForBackup(client); // before the snapshot, which is taken by the next query
      await client.query("begin isolation level repeatable read, read only");
      const { rows } = await client.query("select now() as now");
      const migrations = await migrationsOf(client, await knownMigrations());
      if (migrations.length === 0) {
        throw new BackupProblem("There are no tables of Warble here: is DATABASE_URL right?");
      }
      return new DatabaseSnapshot(session, rows[0].now.toISOString(), migrations);
    } catch (error) {
      session.cut();
      throw error;
    }
  }

  /** Each after those that its foreign keys point to. */
  async tables(): Promise<SnapshotTable[]> {
    const { rows } = await this.#client.query<SnapshotTable & { refersTo: string[] }>(
      `select c.relname::text as name,
              array(select attname::text from pg_attribute
                     where attrelid = c.oid and attnum > 0 and not attisdropped
                       and attgenerated = '' order by attnum) as columns,
              array(select r.relname::text
                      from pg_constraint f join pg_class r on r.oid = f.confrelid
                     where f.conrelid = c.oid and f.contype = 'f' and r.oid <> c.oid) as "refersTo"
         from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relname = any($1)
        order by 1`,
      [entities.map((entity) => entity.meta.tableName)],
    );
    const sorted: SnapshotTable[] = [];
    const isSorted = (name: string) => sorted.some((table) => table.name === name);
    while (sorted.length < rows.length) {
      const next = rows.find((row) => !isSorted(row.name) && row.refersTo.every(isSorted));
      if (!next) throw new Error("foreign keys of these tables go in a circle");
      sorted.push({ name: next.name, columns: next.columns });
    }
    return sorted;
  }

  /** The rows of a table as COPY writes them, cut anywhere; returns how many they are. */
  async *rows({ name, columns }: SnapshotTable): AsyncGenerator<Buffer, number> {
    const copy = this.#client.query(to(`copy public.${name} (${quoted(columns)}) to stdout`));
    let part: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of copy) {
      part.push(chunk);
      bytes += chunk.length;
      if (bytes < PART_BYTES) continue;
      yield Buffer.concat(part);
      part = [];
      bytes = 0;
    }
    if (bytes > 0) yield Buffer.concat(part);
    return copy.rowCount;
  }

  /** The pictures that have files. */
  async *pictures(): AsyncGenerator<PictureFiles> {
    let last = 0;
    for (;;) {
      const page = await picturesAfter(queryOn(this.#client), last, PICTURES_PAGE);
      yield* page;
      if (page.length < PICTURES_PAGE) return;
      last = page.at(-1)?.id ?? last;
    }
  }

  /** Sequences know no snapshots: their values are at least those that the rows have used. */
  async sequences(): Promise<Manifest["sequences"]> {
    const { rows } = await this.#client.query<{ name: string; last: string | null }>(
      `select sequencename::text as name, last_value::text as last from pg_sequences
        where schemaname = 'public' and sequencename <> 'mikro_orm_migrations_id_seq'`,
    );
    return Object.fromEntries(rows.map(({ name, last }) => [name, last]));
  }

  close(): void {
    this.#session.cut();
  }
}

export const quoted = (columns: string[]): string => columns.map((name) => `"${name}"`).join(", ");
