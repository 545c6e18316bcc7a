/**
 * A database that is filled beside the one in use: in a schema of its own, which takes the place of
 * the old tables in one transaction in the end. Until then nothing that is there is touched.
 */
import type { Writable } from "node:stream";
import type pg from "pg";
import { from } from "pg-copy-streams";
import { knownMigrations, migrate } from "../database.ts";
import { quoted } from "./database-snapshot.ts";
import { BackupProblem, type Manifest, type ManifestTable } from "./manifest.ts";
import { migrationsOf, openSession, type Session } from "./sessions.ts";

const STAGE = "warble_restore";

/** A client names the last event that it saw. Events of the time after the backup are gone, and
 * their numbers must not be given to others: that client would be told that it missed nothing. */
const EVENT_IDS_LEFT_OUT = 1_000_000_000n;
const EVENT_IDS = "events_id_seq";

export class StagedDatabase {
  readonly #url: string;
  readonly #session: Session;
  readonly #client: pg.Client;

  private constructor(url: string, session: Session) {
    this.#url = url;
    this.#session = session;
    this.#client = session.client;
  }

  /** @throws BackupProblem while a service is connected to the database, or another restore runs;
   * when it is of a newer version. */
  static async open(url: string): Promise<StagedDatabase> {
    const session = await openSession(url);
    const { client } = session;
    try {
      const { rows: locked } = await client.query(
        "select pg_try_advisory_lock(hashtext('warble:restore')) as free",
      );
      if (!locked[0].free)
        throw new BackupProblem("Another restore into this database is running.");
      const { rows } = await client.query(
        `select count(*)::int as connected from pg_stat_activity
          where datname = current_database() and application_name = 'warble'`,
      );
      if (rows[0].connected > 0) {
        throw new BackupProblem(
          "Warble is still connected to this database: stop every API and workers' process first.",
        );
      }
      await migrationsOf(client, await knownMigrations());
      return new StagedDatabase(url, session);
    } catch (error) {
      session.cut();
      throw error;
    }
  }

  /** The first of these tables that has a row. */
  async firstFilled(tables: ManifestTable[]): Promise<string | undefined> {
    for (const { name } of tables) {
      const { rows } = await this.#client.query("select to_regclass($1) is not null as there", [
        `public.${name}`,
      ]);
      if (!rows[0].there) continue;
      const filled = await this.#client.query(`select from public.${name} limit 1`);
      if (filled.rowCount) return name;
    }
    return undefined;
  }

  /** Makes the empty tables as these migrations made them.
   * @throws BackupProblem when this program does not know one of them. */
  async create(migrations: string[]): Promise<void> {
    const known = await knownMigrations();
    const unknown = migrations.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new BackupProblem(
        `The backup is of a newer version of Warble (it has ${unknown}): restore it with that version.`,
      );
    }
    await this.#client.query(`drop schema if exists ${STAGE} cascade`);
    await migrate(this.#url, { schema: STAGE, migrations });
  }

  /** Takes rows as COPY writes them. */
  copyIn({ name, columns }: ManifestTable): Writable {
    return this.#client.query(from(`copy ${STAGE}.${name} (${quoted(columns)}) from stdin`));
  }

  /** Brings the new tables to the newest migration, and puts them in the place of the old ones. */
  async publish(sequences: Manifest["sequences"]): Promise<void> {
    for (const [name, last] of Object.entries(sequences)) {
      if (last === null) continue;
      const value = BigInt(last) + (name === EVENT_IDS ? EVENT_IDS_LEFT_OUT : 0n);
      await this.#client.query("select setval($1::regclass, $2)", [`${STAGE}.${name}`, `${value}`]);
    }
    await migrate(this.#url, { schema: STAGE });
    await this.#client.query("begin");
    for (const { kind, name, signature } of await this.#staged()) {
      await this.#client.query(`drop ${kind} if exists public.${signature} cascade`);
      await this.#client.query(`alter ${kind} ${STAGE}.${signature} set schema public`);
      if (kind === "table") await this.#client.query(`analyze public.${name}`);
    }
    await this.#client.query(`drop schema ${STAGE}`);
    await this.#client.query("commit");
  }

  /** Tables before the functions that their columns are made by. */
  async #staged(): Promise<{ kind: "table" | "function"; name: string; signature: string }[]> {
    const { rows } = await this.#client.query(
      `select 'table' as kind, relname::text as name, quote_ident(relname) as signature
         from pg_class where relnamespace = $1::regnamespace and relkind = 'r'
       union all
       select 'function', proname::text,
              quote_ident(proname) || '(' || pg_get_function_identity_arguments(oid) || ')'
         from pg_proc where pronamespace = $1::regnamespace
       order by kind desc, name`,
      [STAGE],
    );
    return rows;
  }

  /** Ends the connection, and what was staged if it was not published. */
  async close(): Promise<void> {
    this.#session.cut();
    const { client, cut } = await openSession(this.#url);
    try {
      await client.query(`drop schema if exists ${STAGE} cascade`);
    } finally {
      cut();
    }
  }
}
