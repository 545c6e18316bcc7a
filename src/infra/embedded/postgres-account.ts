/** PostgreSQL refuses to run as root. This finds the account to run it under, and a way for that
 * account to reach the program and its data even inside a directory that only root may enter
 * (`/root`, or what `mktemp -d` makes). */
import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { chown, stat } from "node:fs/promises";

/** How PostgreSQL's programs are started. */
export type Account = {
  /** Absent when we run as an ordinary user: then as ourselves. */
  readonly ids?: { readonly uid: number; readonly gid: number };
  /** Program and arguments that stand before the command. */
  readonly prefix: readonly string[];
};

const OURSELVES: Account = { prefix: [] };

/** Starts one of PostgreSQL's programs under the account, in a session of its own, and with none of
 * our environment, which holds secrets and settings that mean something to PostgreSQL as well. */
export function spawnAs(
  account: Account,
  command: string,
  args: readonly string[],
  stdio: SpawnOptions["stdio"],
): ChildProcess {
  const [program = command, ...rest] = [...account.prefix, command, ...args];
  const env = { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" };
  // The prefix changes the account itself: it needs root's rights to keep one of them.
  const ids = account.prefix.length === 0 ? account.ids : {};
  return spawn(program, rest, { ...ids, env, cwd: "/", stdio, detached: true });
}

/** Chooses the account, gives it `dir` (which exists), and proves that it can run `postgres` and
 * write to `dir`.
 * @throws Error saying what to do when there is no way. */
export async function chooseAccount(
  dir: string,
  postgres: string,
  log: (line: string) => void,
): Promise<Account> {
  if (process.getuid?.() !== 0) return prove(OURSELVES, dir, postgres);
  const owner = await stat(dir);
  // A directory that an ordinary user made before stays that user's.
  const ids = owner.uid === 0 ? systemUser(log) : { uid: owner.uid, gid: owner.gid };
  await chown(dir, ids.uid, ids.gid);
  const faults: string[] = [];
  for (const account of waysFor(ids)) {
    try {
      return await prove(account, dir, postgres);
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  throw new Error(faults.at(-1));
}

/** First plainly; then with the one right to enter any directory. Containers often lack the weaker
 * of the two rights. `no_setuid_fixup` makes access(2) respect it as well, with which PostgreSQL
 * looks at its own program. setpriv is a part of util-linux. */
function waysFor(ids: { uid: number; gid: number }): Account[] {
  const way = (right: string) => [
    "setpriv",
    `--reuid=${ids.uid}`,
    `--regid=${ids.gid}`,
    "--clear-groups",
    `--inh-caps=-all,+${right}`,
    `--ambient-caps=-all,+${right}`,
    `--bounding-set=-all,+${right}`,
    "--securebits=+no_setuid_fixup",
  ];
  return [
    { ids, prefix: [] },
    { ids, prefix: way("dac_read_search") },
    { ids, prefix: way("dac_override") },
  ];
}

async function prove(account: Account, dir: string, postgres: string): Promise<Account> {
  const script = 'cd "$1" && test -w . && exec "$2" --version';
  const args = ["-c", script, "sh", dir, postgres];
  const child = spawnAs(account, "/bin/sh", args, ["ignore", "ignore", "pipe"]);
  const complaint = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stderr?.on("data", (chunk) => {
      text += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve(code === 0 ? text : text || `exit code ${code}`));
  });
  // PostgreSQL also complains, and goes on, when it can run but not find itself: initdb would fail.
  if (complaint === "") return account;
  const who = account.ids ? `user id ${account.ids.uid}` : "this user";
  throw new Error(
    `The embedded PostgreSQL cannot run as ${who} with its data in ${dir}: ${complaint.trim()}. ` +
      "Set DATA_DIR to a directory that this user may write to, or DATABASE_URL to a server.",
  );
}

/** The system's user `postgres`, made when absent; where users cannot be made, `nobody`. */
function systemUser(log: (line: string) => void): { uid: number; gid: number } {
  const known = idsOf("postgres");
  if (known) return known;
  try {
    const options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"];
    run("useradd", ...options, "--shell", "/usr/sbin/nologin", "postgres");
    log("Made the system user postgres, since PostgreSQL refuses to run as root");
  } catch {
    // Told by the last line of this function when `nobody` is absent too.
  }
  const ids = idsOf("postgres") ?? idsOf("nobody");
  if (ids) return ids;
  throw new Error(
    "PostgreSQL refuses to run as root, and there is no user postgres: run as an ordinary user, " +
      "make that user, or set DATABASE_URL.",
  );
}

function idsOf(name: string): { uid: number; gid: number } | undefined {
  try {
    return { uid: Number(run("id", "-u", name)), gid: Number(run("id", "-g", name)) };
  } catch {
    return undefined;
  }
}

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
