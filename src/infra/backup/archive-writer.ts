/** Writes an archive: a tar, compressed by gzip, that appears whole or not at all. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Pack, pack } from "tar-stream";
import { ArchiveChecksum } from "./archive-checksum.ts";
import { BackupProblem, MANIFEST, type Manifest } from "./manifest.ts";

/** Pictures are compressed already, and rows become a third as large at any level. */
const GZIP_LEVEL = 3;

export class ArchiveWriter {
  readonly #file: string;
  readonly #partial: string;
  readonly #pack: Pack;
  readonly #checksum = new ArchiveChecksum();
  readonly #written: Promise<void>;
  /** Rejects with what stopped the writing; resolves never. */
  readonly #failed: Promise<never>;

  private constructor(file: string, signal: AbortSignal) {
    this.#file = file;
    this.#partial = `${file}.partial`;
    this.#pack = pack();
    this.#written = pipeline(
      Readable.from(this.#pack),
      createGzip({ level: GZIP_LEVEL }),
      // It holds people's names and the hashes of their keys.
      createWriteStream(this.#partial, { flags: "wx", mode: 0o600, flush: true }),
      { signal },
    );
    this.#failed = new Promise((_, reject) => this.#written.catch(reject));
    this.#failed.catch(() => undefined);
  }

  /** @param file where the archive is to be in the end
   * @throws BackupProblem when something is there; the file system's error when it cannot be made. */
  static async create(file: string, signal: AbortSignal): Promise<ArchiveWriter> {
    if (await exists(file)) throw new BackupProblem(`${file} is there already: name another file.`);
    if (await exists(`${file}.partial`)) {
      throw new BackupProblem(
        `${file}.partial is there: another backup writes it, or was killed; then remove it.`,
      );
    }
    const probe = await open(`${file}.partial`, "wx", 0o600); // its error says why not
    await probe.close();
    await rm(`${file}.partial`);
    return new ArchiveWriter(file, signal);
  }

  /** Adds an entry of exactly `size` bytes. One at a time.
   * @throws what stopped the writing (a full disk, say) or the reading of `content`. */
  async add(name: string, size: number, content: AsyncIterable<Uint8Array>): Promise<void> {
    this.#checksum.begin(name, size);
    await this.#add(name, size, content, (chunk) => this.#checksum.add(chunk));
  }

  async #add(
    name: string,
    size: number,
    content: AsyncIterable<Uint8Array>,
    onChunk?: (chunk: Uint8Array) => void,
  ): Promise<void> {
    const { promise: added, resolve, reject } = Promise.withResolvers<void>();
    added.catch(() => undefined);
    const entry = this.#pack.entry({ name, size, mode: 0o600 }, (error) =>
      error ? reject(error) : resolve(),
    );
    entry.on("error", reject);
    for await (const chunk of content) {
      onChunk?.(chunk);
      if (!entry.write(chunk)) await Promise.race([once(entry, "drain"), this.#failed]);
    }
    entry.end(undefined); // its types want an argument
    await Promise.race([added, this.#failed]);
  }

  /** Adds the manifest, and gives the archive its name.
   * @returns the archive's size in bytes. */
  async finish(about: Omit<Manifest, "content">): Promise<number> {
    const manifest: Manifest = { ...about, content: this.#checksum.result() };
    const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    await this.#add(MANIFEST, text.length, Readable.from([text]));
    this.#pack.finalize();
    await this.#written;
    const { size } = await stat(this.#partial);
    await rename(this.#partial, this.#file);
    await flushDirectory(dirname(this.#file));
    return size;
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    this.#pack.destroy(new Error("the archive is not wanted"));
    await this.#written.catch(() => undefined);
    await rm(this.#partial, { force: true });
  }
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

/** A new name is on the disk for certain only when its directory is. */
async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path);
  await directory.sync().finally(() => directory.close());
}
