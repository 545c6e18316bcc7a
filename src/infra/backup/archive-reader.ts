/** Reads an archive of a backup from its beginning to its end, and holds it against its manifest. */
import { createReadStream } from "node:fs";
import { text } from "node:stream/consumers";
import { finished, pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { ArchiveChecksum } from "./archive-checksum.ts";
import { BackupProblem, MANIFEST, Manifest } from "./manifest.ts";

export interface ArchiveEntry {
  name: string;
  size: number;
  /** To be read to its end. */
  content: AsyncIterable<Buffer>;
}

type Take = (entry: ArchiveEntry) => Promise<void>;

const MAX_MANIFEST_BYTES = 10 * 1024 ** 2;

const skip: Take = async ({ content }) => {
  for await (const _ of content);
};

/** Hands every entry but the manifest to `take`, in order, and checks all of them meanwhile: what
 * was taken may be believed only when this resolves.
 * @throws BackupProblem when the file is no archive of a backup, is damaged or was cut off; what
 * `take` throws. */
export async function readArchive(
  file: string,
  signal: AbortSignal,
  take = skip,
): Promise<Manifest> {
  const checksum = new ArchiveChecksum();
  const entries = extract();
  const read = pipeline(createReadStream(file), createGunzip(), entries, { signal });
  read.catch(() => undefined); // it ends the loop below, too
  let last: string | undefined;
  try {
    for await (const entry of entries) {
      const { name, size = 0 } = entry.header;
      if (name === MANIFEST) {
        if (size > MAX_MANIFEST_BYTES) throw damaged(file, "its manifest is too long");
        last = await text(entry as AsyncIterable<Buffer>);
        continue;
      }
      if (last !== undefined) throw damaged(file, "something follows its manifest");
      checksum.begin(name, size);
      const content = passing(entry as AsyncIterable<Buffer>, (chunk) => checksum.add(chunk));
      await take({ name, size, content });
    }
    await read;
  } catch (error) {
    await finished(entries).catch(() => undefined);
    throw damageOf(file, error);
  }
  return checked(file, last, checksum);
}

async function* passing(
  content: AsyncIterable<Buffer>,
  onChunk: (chunk: Buffer) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    onChunk(chunk);
    yield chunk;
  }
}

function checked(file: string, last: string | undefined, checksum: ArchiveChecksum): Manifest {
  if (last === undefined) throw damaged(file, "it has no manifest, so it was cut off");
  const parsed = Manifest.safeParse(parseJson(last));
  if (!parsed.success) {
    throw damaged(file, `its manifest cannot be read: ${parsed.error.issues[0]?.message}`);
  }
  const { content } = parsed.data;
  const found = checksum.result();
  if (found.sha256 !== content.sha256 || found.entries !== content.entries) {
    throw damaged(file, "its content is not that of its manifest");
  }
  return parsed.data;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const damaged = (file: string, why: string): BackupProblem =>
  new BackupProblem(`${file} is no whole backup: ${why}.`);

/** What zlib and tar find wrong, in words; any other error as it is. */
function damageOf(file: string, error: unknown): unknown {
  const { code = "", message = "" } = error as NodeJS.ErrnoException;
  const ofZlib = code.startsWith("Z_");
  return ofZlib || /tar header|end of data|unexpected end/i.test(message)
    ? damaged(file, message)
    : error;
}
