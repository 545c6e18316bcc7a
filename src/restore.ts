/** `npm run restore`: brings back what `npm run backup` has written, into an empty place or (`--force`)
 * instead of what is there. The service has to be stopped. */
import { resolve } from "node:path";
import { Command } from "commander";
import { type Config, loadConfig } from "./base/config.ts";
import { fail } from "./command-failure.ts";
import { BackupProblem } from "./infra/backup/manifest.ts";
import { restoreBackup } from "./infra/backup/restore-backup.ts";
import { findRunningService, withDatabase } from "./infra/embedded/running-service.ts";
import { forgetInstallation } from "./infra/redis.ts";
import { stoppable } from "./stoppable.ts";

async function restore(file: string, { force = false }: { force?: boolean }): Promise<void> {
  const config = loadConfig();
  const { databaseUrl, dataDir } = config;
  const running = databaseUrl === undefined ? findRunningService(dataDir) : undefined;
  if (running) {
    throw new BackupProblem(`Warble is running (process ${running.pid}): stop it first.`);
  }
  await stoppable((signal) =>
    withDatabase(config, (url) =>
      restoreBackup({
        databaseUrl: url,
        dataDir,
        file: resolve(file),
        force,
        signal,
        say: console.log,
      }),
    ),
  );
  await emptyRedis(config);
}

/** What a Redis holds from before is wrong now. An embedded one keeps nothing over a stop. */
async function emptyRedis({ databaseUrl, redisUrl, queueRedisUrl, redisPrefix }: Config) {
  const urls = new Set([redisUrl, queueRedisUrl].filter((url) => url !== undefined));
  if (urls.size === 0 && databaseUrl !== undefined) {
    console.log(
      "Empty the Redis of this installation before the next start (REDIS_URL is not set).",
    );
  }
  for (const url of urls) {
    try {
      const removed = await forgetInstallation(url, redisPrefix);
      console.log(`Redis: ${removed} keys of before removed`);
    } catch (error) {
      throw new BackupProblem(
        `The data is restored, but Redis does not answer (${(error as Error).message}). ` +
          "Empty it before the next start.",
      );
    }
  }
}

await new Command("npm run restore --")
  .description("Brings back what `npm run backup` has written. Stop the service first.")
  .argument("<file>", "the backup")
  .option("--force", "replace all that is there")
  .action((file, options) => restore(file, options).catch(fail))
  .parseAsync();
