/**
 * PostgreSQL through MikroORM, with one pool for both ways of asking:
 *  - entities and transactions (`transaction`) where a few rows and their event belong together;
 *  - prepared statements (`query`) on the hot paths. MikroORM writes parameters into the text of
 *    raw SQL, so the server would parse and plan each one anew; a named statement is planned once.
 */
import { readdir } from "node:fs/promises";
import { Migrator } from "@mikro-orm/migrations";
import { type EntityManager, type MigrateOptions, MikroORM } from "@mikro-orm/postgresql";
import type { ClientBase, Pool, QueryResultRow } from "pg";
import { observeStatement } from "../base/metrics/stores.ts";
import { timed } from "../base/metrics.ts";
import { unavailable } from "../contract/errors.ts";
import { entities } from "../entities/entities.ts";

/** A prepared statement: `name` is unique in the program. `Row` types what comes back. */
export interface Statement<Row extends QueryResultRow> {
  name: string;
  text: string;
  /** Only for the compiler. */
  row?: Row;
}

/** All prepared statements by name; a test holds the plan of each. */
export const statements = new Map<string, string>();

/** @throws Error when the name is taken: PostgreSQL would refuse the second text at run time. */
export function statement<Row extends QueryResultRow>(name: string, text: string): Statement<Row> {
  if (statements.has(name)) throw new Error(`two statements are named ${name}`);
  statements.set(name, text);
  return { name, text };
}

/** Runs a prepared statement. @throws Problem `Unavailable` when Postgres does not answer. */
export type Query = <Row extends QueryResultRow>(
  sql: Statement<Row>,
  values?: unknown[],
) => Promise<Row[]>;

const ALIVE = statement<never>("alive", "select 1 as alive");

export interface Database {
  /** On a pooled connection. */
  query: Query;
  /** @throws Problem `Unavailable` when Postgres does not answer. */
  ping(): Promise<void>;
  /** Runs prepared statements in one transaction. `commit` false is a rehearsal: all is done, and
   * undone in the end.
   * @throws Problem `Unavailable` when Postgres does not answer; else what `work` throws. */
  inTransaction<T>(work: (query: Query) => Promise<T>, commit?: boolean): Promise<T>;
  /** Runs `work` in one transaction with an entity manager of its own.
   * @throws Problem `Unavailable` when Postgres does not answer; else what `work` throws. */
  transaction<T>(work: (em: EntityManager) => Promise<T>): Promise<T>;
  orm: MikroORM;
  pool: Pool;
  close(): Promise<void>;
}

const MIGRATIONS = new URL("../../migrations/", import.meta.url).pathname;

/** A statement that hangs must not hold a connection, nor a lock, for ever. */
const STATEMENT_MS = 15_000;

const configuration = (url: string, poolSize: number, statementMs: number) => ({
  entities,
  clientUrl: url,
  extensions: [Migrator],
  pool: { min: 0, max: poolSize },
  driverOptions: {
    connectionTimeoutMillis: 3000,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: STATEMENT_MS,
    application_name: "warble",
  },
  migrations: {
    path: MIGRATIONS,
    glob: "*.ts",
    snapshot: false,
    silent: true,
  },
  ignoreUndefinedInQuery: true,
  // `search_name` depends on the server's collations, so the migration alone knows its text.
  schemaGenerator: { ignoreRoutines: true },
});

/** SQLSTATE classes that say «the server is away», not «the query is wrong»: connection
 * exceptions (08), insufficient resources (53), operator intervention (57).
 * https://www.postgresql.org/docs/current/errcodes-appendix.html */
const AWAY = /^(08|53|57)/;
const AWAY_MESSAGE = /ECONN|ENOTFOUND|EPIPE|ETIMEDOUT|timeout|Connection terminated|not queryable/i;

export const isAway = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  // A statement's own fault is an ERROR; FATAL ends or refuses the connection.
  if ("severity" in error && error.severity === "FATAL") return true;
  return AWAY.test(code) || AWAY_MESSAGE.test(`${code} ${error.message}`);
};

/** As what whole transactions are timed, among the statements. */
const TRANSACTION = "transaction";

async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isAway(error) ? unavailable("The database") : error;
  }
}

const timedAs = <T>(name: string, work: () => Promise<T>): Promise<T> =>
  timed((seconds) => observeStatement(seconds, name), work);

/** Prepared statements on a pool, or on one connection. */
export const queryOn =
  (connection: Pool | ClientBase): Query =>
  async ({ name, text }, values = []) =>
    (await timedAs(name, () => orUnavailable(connection.query({ name, text, values })))).rows;

async function inTransaction<T>(
  pool: Pool,
  work: (query: Query) => Promise<T>,
  commit: boolean,
): Promise<T> {
  const client = await pool.connect();
  let failure: unknown;
  try {
    await client.query("begin");
    const result = await work(queryOn(client));
    await client.query(commit ? "commit" : "rollback");
    return result;
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    client.release(failure !== undefined); // closing the connection rolls back
  }
}

export async function openDatabase(
  url: string,
  poolSize: number,
  statementMs = STATEMENT_MS,
): Promise<Database> {
  const orm = await MikroORM.init(configuration(url, poolSize, statementMs));
  const pool = await orm.em.getConnection().getNativeClient();
  const query = queryOn(pool);
  return {
    orm,
    pool,
    query,
    ping: async () => void (await query(ALIVE)),
    inTransaction: (work, commit = true) =>
      timedAs(TRANSACTION, () => orUnavailable(inTransaction(pool, work, commit))),
    transaction: (work) =>
      timedAs(TRANSACTION, () => orUnavailable(orm.em.fork().transactional(work))),
    close: () => orm.close(true),
  };
}

/** The names of all migrations of this program, the oldest first. */
export async function knownMigrations(): Promise<string[]> {
  const files = await readdir(MIGRATIONS);
  return files.map((file) => file.replace(/\.ts$/, "")).sort();
}

/** Brings the tables to the newest migration, or (`options`) to some of them, or in another schema.
 * Several processes may call it at once: an advisory lock lets one after the other.
 * @returns how many migrations ran. */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<number> {
  const database = await openDatabase(url, 3, 0); // an index of a large table takes its time
  const lock = await database.pool.connect();
  try {
    await lock.query("select pg_advisory_lock(hashtext('warble:migrate'))");
    const done = await database.orm.migrator.up(options);
    return done.length;
  } finally {
    lock.release(true);
    await database.close();
  }
}
