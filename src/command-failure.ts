/** How the command lines end when something fails: in a sentence, or with a bug's stack trace. */
import { ConfigError } from "./base/config.ts";
import { Problem } from "./contract/errors.ts";
import { BackupProblem } from "./infra/backup/manifest.ts";
import { isAway } from "./infra/database.ts";
import { DataDirLocked } from "./infra/embedded/data-dir-lock.ts";

const EXPECTED = [Problem, ConfigError, DataDirLocked, BackupProblem];
const FORBIDDEN_TABLE = "42501";

/** Tells the operator, and sets the exit code. */
export function fail(error: unknown): void {
  console.error(sentenceOf(error) ?? error);
  process.exitCode = 1;
}

/** Undefined for a bug, which is shown as it is. */
function sentenceOf(error: unknown): string | undefined {
  if (EXPECTED.some((kind) => error instanceof kind)) return (error as Error).message;
  const { message, code, syscall, path } = error as NodeJS.ErrnoException;
  if (syscall && path) return `The file system refuses: ${message}.`;
  if (code === FORBIDDEN_TABLE) {
    return `The database refuses: ${message}. Name the owner of the tables in DATABASE_URL.`;
  }
  if (isAway(error)) return `The database does not answer: ${message || code}.`;
  return undefined;
}
