/** Connections of a backup and of a restore: long-lived, without the service's time limits, and to
 * be cut off at any moment. */
import { Socket } from "node:net";
import pg from "pg";
import { BackupProblem } from "./manifest.ts";

export interface Session {
  client: pg.Client;
  /** Ends the connection at once, whatever is under way on it. */
  cut(): void;
}

const CONNECT_MS = 5000;

export async function openSession(url: string): Promise<Session> {
  const socket = new Socket();
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: "warble-backup",
    stream: () => socket,
  });
  client.on("error", () => undefined); // what is under way on it fails by itself
  try {
    await client.connect();
    // Whatever the server's or the account's defaults are; rows are written the same way everywhere.
    await client.query(`
      set statement_timeout = 0;
      set idle_in_transaction_session_timeout = 0;
      set datestyle = iso;
      set intervalstyle = postgres;
      set timezone = 'UTC'`);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return { client, cut: () => socket.destroy() };
}

/** The migrations that made the tables of this database; none where there are no tables.
 * @param known those that this program has
 * @throws BackupProblem when the database is of a newer version. */
export async function migrationsOf(client: pg.Client, known: string[]): Promise<string[]> {
  const { rows: found } = await client.query(
    "select to_regclass('public.mikro_orm_migrations') is not null as migrated",
  );
  if (!found[0].migrated) return [];
  const { rows } = await client.query("select name from public.mikro_orm_migrations order by id");
  const names = rows.map(({ name }) => name as string);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new BackupProblem(
    `The database is of a newer version of Warble (it has ${unknown}): use that version.`,
  );
}
