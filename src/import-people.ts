/** `npm run users -- import`: the file in, what was done out, new keys into a file of their own. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { Problem } from "./contract/errors.ts";
import type { Accounts, Imported, NewPerson } from "./services/accounts.ts";
import { readPeopleFile } from "./services/people-file.ts";

export interface ImportCommand {
  disableAbsent?: boolean;
  dryRun?: boolean;
  /** A file for the new keys, which must not exist; else they are part of the answer. */
  keysTo?: string;
}

/** @returns what was done, for machines and for people.
 * @throws Problem `ValidationError`: a file that cannot be read or written, or has faults; nothing
 * is done then. */
export async function importFile(
  accounts: Accounts,
  file: string,
  { disableAbsent = false, dryRun = false, keysTo }: ImportCommand,
): Promise<{ object: object; text: string }> {
  const { people, ignoredColumns } = readPeopleFile(read(file));
  const written: { keysFile?: string } = {};
  const keepKeys = (created: NewPerson[]) => {
    if (keysTo === undefined || created.length === 0) return;
    writeKeys(keysTo, created);
    written.keysFile = keysTo;
  };
  try {
    const done = await accounts.import(people, { disableAbsent, dryRun, keepKeys });
    const shown = { dryRun, ignoredColumns, ...written };
    return { object: asJson(done, shown), text: asText(done, shown) };
  } catch (error) {
    // Its keys were never valid.
    if (written.keysFile !== undefined) rmSync(written.keysFile, { force: true });
    throw error;
  }
}

interface Shown {
  dryRun: boolean;
  ignoredColumns: string[];
  /** Where the new keys are, if not here. */
  keysFile?: string | undefined;
}

function asJson(done: Imported, { dryRun, ignoredColumns, keysFile }: Shown): object {
  const person = ({ id, externalId, name }: { id: number; externalId: string; name: string }) => ({
    id,
    external_id: externalId,
    name,
  });
  return {
    dry_run: dryRun,
    // Nobody who was only nearly made has an id or a key.
    created: done.created.map(({ id, externalId, name, key }) => ({
      ...(!dryRun && { id }),
      external_id: externalId,
      name,
      ...(!dryRun && keysFile === undefined && { key }),
    })),
    renamed: done.renamed.map((row) => ({ ...person(row), was: row.was })),
    enabled: done.enabled.map(person),
    disabled: done.disabled.map(person),
    unchanged: done.unchanged,
    ignored_columns: ignoredColumns,
    ...(keysFile !== undefined && { keys_file: keysFile }),
  };
}

function asText(done: Imported, { dryRun, ignoredColumns, keysFile }: Shown): string {
  const { created, renamed, enabled, disabled, unchanged } = done;
  const showsKeys = !dryRun && keysFile === undefined;
  const lines = [
    ...created.map(
      ({ id, externalId, name, key }) =>
        `new       ${externalId}  ${name}${dryRun ? "" : `  id ${id}`}${showsKeys ? `  key ${key}` : ""}`,
    ),
    ...renamed.map(({ externalId, name, was }) => `renamed   ${externalId}  ${was} → ${name}`),
    ...enabled.map(
      ({ externalId, name }) =>
        `enabled   ${externalId}  ${name}  (listed again: the old keys work)`,
    ),
    ...disabled.map(({ externalId, name }) => `disabled  ${externalId}  ${name}  (not listed)`),
    `${created.length} new, ${renamed.length} renamed, ${enabled.length} enabled again, ` +
      `${disabled.length} disabled, ${unchanged} as they were`,
  ];
  if (ignoredColumns.length > 0) lines.push(`Columns left aside: ${ignoredColumns.join(", ")}`);
  if (created.length > 0 && showsKeys) {
    lines.push("The keys are shown only now: they are stored hashed.");
  }
  if (keysFile !== undefined) lines.push(`The keys are in ${keysFile}, and nowhere else.`);
  if (dryRun) lines.push("This was a rehearsal: nothing is changed.");
  return lines.join("\n");
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Problem("ValidationError", `${file} cannot be read (${codeOf(error)}).`);
  }
}

/** On the disk, and for our eyes only, before the keys become valid. */
function writeKeys(file: string, created: NewPerson[]): void {
  const lines = created.map(({ id, externalId, name, key }) =>
    [id, externalId, name, key].map((field) => `"${String(field).replaceAll('"', '""')}"`).join(),
  );
  const content = ["id,external_id,name,key", ...lines, ""].join("\n");
  try {
    writeFileSync(file, content, { flag: "wx", mode: 0o600, flush: true });
  } catch (error) {
    const why =
      codeOf(error) === "EEXIST" ? "exists already" : `cannot be written (${codeOf(error)})`;
    throw new Problem("ValidationError", `Nothing was imported: ${file} ${why}.`);
  }
}

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code);
