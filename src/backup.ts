/** `npm run backup`: the database and the pictures in one file, while the service runs. Works on the
 * configured database, on that of a running `npm start`, or on the embedded one, which is then
 * started for the moment. */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { loadConfig } from "./base/config.ts";
import { fail } from "./command-failure.ts";
import { makeBackup } from "./infra/backup/make-backup.ts";
import { BackupProblem } from "./infra/backup/manifest.ts";
import { postgresDir, withDatabase } from "./infra/embedded/running-service.ts";
import { stoppable } from "./stoppable.ts";

const DEFAULT_DIR = "backups";

/** `warble-2026-11-24T18-30-05Z.tar.gz` */
const newName = (): string =>
  `warble-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}Z.tar.gz`;

/** The file to write: the one named, or a new one in the directory named. */
function placeFor(given: string | undefined): string {
  if (given === undefined) mkdirSync(DEFAULT_DIR, { recursive: true });
  const path = resolve(given ?? DEFAULT_DIR);
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (!isDirectory && !existsSync(dirname(path))) {
    throw new BackupProblem(`There is no directory ${dirname(path)}: make it first.`);
  }
  return isDirectory ? join(path, newName()) : path;
}

async function backup(given: string | undefined, options: { allowMissing?: boolean }) {
  const config = loadConfig();
  const { databaseUrl, dataDir } = config;
  if (databaseUrl === undefined && !existsSync(postgresDir(dataDir))) {
    throw new BackupProblem(
      `There is nothing to back up in ${dataDir}: set DATA_DIR, or DATABASE_URL.`,
    );
  }
  const file = placeFor(given);
  await stoppable((signal) =>
    withDatabase(config, (url) =>
      makeBackup({
        databaseUrl: url,
        dataDir,
        file,
        allowMissing: options.allowMissing ?? false,
        signal,
        say: console.log,
      }),
    ),
  );
}

await new Command("npm run backup --")
  .description("Writes the database and the pictures into one file, while the service runs.")
  .argument("[file]", `where to, or the directory for it (default: ${DEFAULT_DIR}/)`)
  .option("--allow-missing", "go on without files of pictures that the disk has lost")
  .action((file, options) => backup(file, options).catch(fail))
  .parseAsync();
