/**
 * Cursors: where a list goes on, told by the client itself. No process keeps anything for a reader
 * who turns pages, so any process can answer, also after a restart or a flushed Redis.
 *
 * A list that stands in the order of an indexed column names its last row. A ranking changes while
 * it is read, so its cursor carries what remains of it: the ids in rank order, as differences.
 *
 * Bytes: version, list, number of ids, then each id less the one before it (zigzag, LEB128 varints
 * as in Protocol Buffers), then UTF-8 text. The client gets them in base64url.
 */
import { Problem } from "../contract/errors.ts";
import { MAX_ID } from "../contract/schemas.ts";

const VERSION = 1;
/** A cursor of one list is refused by another. */
const LISTS = {
  popular: 1,
  hot: 2,
  new: 3,
  tweets: 4,
  followers: 5,
  following: 6,
  people: 7,
} as const;

export type List = keyof typeof LISTS;

/** uWebSockets.js refuses requests with more than 4 kB of headers, the URL among them. Ids of one
 * feed are seldom further apart than 2^20 (three bytes each: 2 kB of URL for 500 of them); there is
 * room for 499 up to 2^27 apart, and for fewer where ids are spread still wider. */
const MAX_BYTES = 2004;
const MAX_TEXT_LENGTH = Math.ceil(MAX_BYTES / 3) * 4;

export interface Position {
  ids: number[];
  text: string;
}

/** Carries as many of the ids as fit, the first ones. */
export function encodeCursor(list: List, ids: number[], text = ""): string {
  const differences: number[] = [];
  let room = MAX_BYTES - 5 - Buffer.byteLength(text);
  let carried = 0;
  let before = 0;
  for (const id of ids) {
    const start = differences.length;
    writeVarint(differences, zigzag(id - before));
    room -= differences.length - start;
    if (room < 0) {
      differences.length = start;
      break;
    }
    before = id;
    carried += 1;
  }
  const head = [VERSION, LISTS[list]];
  writeVarint(head, carried);
  return Buffer.concat([Buffer.from(head), Buffer.from(differences), Buffer.from(text)]).toString(
    "base64url",
  );
}

/** @throws Problem `ValidationError`: cut off, made up, or of another list. */
export function decodeCursor(list: List, cursor: string): Position {
  const position = cursor.length <= MAX_TEXT_LENGTH ? read(list, cursor) : undefined;
  if (position) return position;
  throw new Problem(
    "ValidationError",
    "cursor is not one of this list: give the next_cursor of the page before as it is, or begin " +
      "anew without cursor.",
  );
}

/** The id of a list that goes on after one row; `start` where there is no cursor yet. */
export const idAfter = (list: List, cursor: string | undefined, start: number): number =>
  cursor === undefined ? start : (decodeCursor(list, cursor).ids[0] as number);

function read(list: List, cursor: string): Position | undefined {
  const bytes = Buffer.from(cursor, "base64url");
  if (bytes.toString("base64url") !== cursor) return undefined; // other signs are skipped silently
  if (bytes[0] !== VERSION || bytes[1] !== LISTS[list]) return undefined;
  const reader = { bytes, at: 2 };
  const count = readVarint(reader);
  if (count === undefined || count < 1 || count > bytes.length) return undefined;
  const ids: number[] = [];
  let before = 0;
  for (let i = 0; i < count; i++) {
    const difference = readVarint(reader);
    if (difference === undefined) return undefined;
    before += unzigzag(difference);
    if (before < 1 || before > MAX_ID) return undefined;
    ids.push(before);
  }
  const text = bytes.toString("utf8", reader.at);
  return list === "people" || text === "" ? { ids, text } : undefined;
}

/* Differences of ids need 33 bits with their sign, so no bit operators, which take 32. */
const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

function writeVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

/** @returns undefined when the bytes end too early, or the number is no difference of ids. */
function readVarint(reader: { bytes: Buffer; at: number }): number | undefined {
  let value = 0;
  for (let factor = 1; factor <= 0x80 ** 4; factor *= 0x80) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) return undefined;
    value += (byte % 0x80) * factor;
    if (byte < 0x80) return value;
  }
  return undefined;
}
