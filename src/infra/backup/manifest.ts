/** What an archive of a backup holds, and what its last entry says about it. */
import { z } from "zod";

const identifier = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);
const count = z.int().min(0);

/**
 *     database/<table>/<number>           rows as PostgreSQL's COPY writes them (text), in parts
 *     originals/<token>                   a picture that was still waiting for the worker
 *     media/<token>/<file>                variants of a finished picture
 *     manifest.json                       this; the last, so that half an archive has none
 */
export const Manifest = z.object({
  format: z.literal(1),
  /** When the database was as it is here, ISO 8601. */
  createdAt: z.iso.datetime(),
  /** The migrations that made the tables. */
  migrations: z.array(z.string()).min(1),
  /** Each after those that its foreign keys point to. */
  tables: z.array(z.object({ name: identifier, columns: z.array(identifier), rows: count })),
  /** The last value that each sequence has given; null: none yet. */
  sequences: z.record(identifier, z.string().regex(/^\d+$/).nullable()),
  /** Files of pictures. */
  files: count,
  /** Of all entries before this one: how many, and the SHA-256 over their names, sizes and bytes. */
  content: z.object({ entries: count, bytes: count, sha256: z.string() }),
});

export type Manifest = z.output<typeof Manifest>;
export type ManifestTable = Manifest["tables"][number];

export const MANIFEST = "manifest.json";

/** A reason for a backup or a restore to stop that its message explains to the operator. */
export class BackupProblem extends Error {
  override name = "BackupProblem";
}
