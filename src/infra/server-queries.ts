/** SQL of what PostgreSQL tells about itself. */
import { type Database, statement } from "./database.ts";

export interface ServerFigures {
  bytes: number;
  connections: number;
  maxConnections: number;
  /** Pages found in Postgres' own memory, and pages that were not. */
  hit: number;
  read: number;
  commits: number;
  rollbacks: number;
}

/** The statistics of our database alone: the view over all of them would read its whole catalogue. */
const SERVER_FIGURES = statement<ServerFigures>(
  "server-figures",
  `select pg_database_size(oid)::float8 as bytes,
          pg_stat_get_db_numbackends(oid) as connections,
          current_setting('max_connections')::int as "maxConnections",
          pg_stat_get_db_blocks_hit(oid)::float8 as hit,
          (pg_stat_get_db_blocks_fetched(oid) - pg_stat_get_db_blocks_hit(oid))::float8 as read,
          pg_stat_get_db_xact_commit(oid)::float8 as commits,
          pg_stat_get_db_xact_rollback(oid)::float8 as rollbacks
     from pg_database where datname = current_database()`,
);

export const serverFigures = async (db: Database): Promise<ServerFigures> =>
  (await db.query(SERVER_FIGURES))[0] as ServerFigures;
