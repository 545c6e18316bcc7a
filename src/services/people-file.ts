/** The file from which people are imported: CSV with the columns `external_id` and `name`. */
import { CsvError, parse } from "csv-parse/sync";
import { Problem } from "../contract/errors.ts";
import { nameFault } from "./accounts.ts";

const MAX_EXTERNAL_ID_LENGTH = 200;
const COLUMNS = ["external_id", "name"] as const;

export interface ListedPerson {
  externalId: string;
  name: string;
}

export interface PeopleFile {
  people: ListedPerson[];
  /** Columns that nothing is done with. */
  ignoredColumns: string[];
}

interface CsvRecord {
  record: string[];
  /** `lines`: of the file, up to the record's end. */
  info: { lines: number };
}

/** Reads all of the file, in UTF-8.
 * @throws Problem `ValidationError` naming every bad line, not only the first. */
export function readPeopleFile(bytes: Uint8Array): PeopleFile {
  const [header, ...records] = recordsOf(textOf(bytes));
  if (!header) throw invalid("The file is empty.");
  const columns = header.record.map((column) => column.toLowerCase());
  const [idAt, nameAt] = COLUMNS.map((column) => columns.indexOf(column)) as [number, number];
  if (idAt < 0 || nameAt < 0 || new Set(columns).size < columns.length) {
    throw invalid(
      `The first line has to name the columns ${COLUMNS.join(" and ")}, separated by commas; it is: ${header.record.join(",")}`,
    );
  }
  if (records.length === 0) throw invalid("The file names nobody.");

  const faults: string[] = [];
  const lineOf = new Map<string, number>();
  const people = records.map(({ record, info: { lines } }) => {
    const [externalId = "", name = ""] = [record[idAt], record[nameAt]];
    const fault =
      record.length === columns.length
        ? (externalIdFault(externalId, lineOf.get(externalId)) ?? nameFault(name))
        : `It has ${record.length} fields where the header has ${columns.length}.`;
    if (fault) faults.push(`line ${lines}: ${fault}`);
    if (!lineOf.has(externalId)) lineOf.set(externalId, lines);
    return { externalId, name };
  });
  if (faults.length > 0) {
    throw invalid(`Nothing was imported: the file has faults.\n  ${faults.join("\n  ")}`);
  }
  const ignoredColumns = header.record.filter((_, i) => i !== idAt && i !== nameAt);
  return { people, ignoredColumns };
}

function externalIdFault(externalId: string, earlierLine: number | undefined): string | undefined {
  if (externalId === "") return "The external id is empty.";
  if (earlierLine !== undefined) return `The external id is that of line ${earlierLine} again.`;
  if ([...externalId].length > MAX_EXTERNAL_ID_LENGTH || /\p{Cc}/u.test(externalId)) {
    return `An external id has up to ${MAX_EXTERNAL_ID_LENGTH} characters, without line breaks.`;
  }
  return undefined;
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalid("The file is not in UTF-8: save it as CSV in UTF-8.");
  }
}

function recordsOf(text: string): CsvRecord[] {
  try {
    return parse(text, {
      info: true,
      trim: true,
      skip_empty_lines: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      // Counted here, so that all such lines can be named at once.
      relax_column_count: true,
    }) as unknown as CsvRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw invalid(`Nothing was imported: the file is not well-formed CSV. ${error.message}.`);
  }
}

const invalid = (message: string): Problem => new Problem("ValidationError", message);
