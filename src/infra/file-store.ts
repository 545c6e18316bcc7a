import { randomBytes } from "node:crypto";
import type { Dirent } from "node:fs";
import { mkdir, opendir, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";

const TOKEN = /^[A-Za-z0-9_-]{22}$/;
const VARIANT = /^(320|640|1280)\.webp$/;
const SHARD = /^[A-Za-z0-9_-]{2}$/;
const UPLOAD = /^[A-Za-z0-9_-]{22}\.part$/;

/** How many tokens one `isKnown` call is asked about: one modest SQL `IN` list. */
const SWEEP_BATCH = 500;

export interface SweepOptions {
  /** Files whose last change is younger than this are never touched. */
  olderThanMs: number;
  /** Of these tokens, those that have a database row. */
  isKnown: (tokens: string[]) => Promise<Set<string>>;
  /** Of these tokens, those whose original is still needed; absent: all that are known. */
  needsOriginal?: (tokens: string[]) => Promise<Set<string>>;
}

export interface SweepResult {
  /** Unfinished uploads removed. */
  uploads: number;
  /** Originals that nobody needs removed. */
  originals: number;
  /** Sets of variants without a row removed. */
  variants: number;
}

interface StoredFile {
  token: string;
  path: string;
}

/** A name that cannot be guessed for one picture: 22 characters of base64url, 128 random bits. */
export function newToken(): string {
  return randomBytes(16).toString("base64url");
}

/**
 * Where pictures live on disk, below the data directory:
 *
 *     uploads/<random>.part              still arriving
 *     originals/<token>                  as uploaded, waiting for the worker; never served
 *     media/<to>/<token>/1280.webp       derived; the only files that are served
 *
 * All three are on one file system, so a file passes from one to the next by a rename.
 * Methods that take a token from outside answer `undefined`, or do nothing, for anything that is
 * not one: a path never leaves the data directory.
 */
export class FileStore {
  readonly #uploads: string;
  readonly #originals: string;
  readonly #media: string;

  /** @param dataDir absolute, or relative to the working directory; `prepare` makes it */
  constructor(dataDir: string) {
    const root = resolve(dataDir);
    this.#uploads = join(root, "uploads");
    this.#originals = join(root, "originals");
    this.#media = join(root, "media");
  }

  /** Makes the directories. Call it once, before anything else. */
  async prepare(): Promise<void> {
    for (const dir of [this.#uploads, this.#originals, this.#media]) {
      await mkdir(dir, { recursive: true });
    }
  }

  /** A path for one incoming file. Nothing is made there yet. */
  createUpload(): string {
    return join(this.#uploads, `${newToken()}.part`);
  }

  /** Removes an incoming file that is not wanted; harmless when it is not there. */
  async discardUpload(path: string): Promise<void> {
    await rm(path, { force: true });
  }

  /**
   * Turns an incoming file into the original of `token`.
   *
   * @throws RangeError when `token` is not a token; the file system's error when there is no file
   */
  async keepOriginal(uploadPath: string, token: string): Promise<void> {
    const path = this.originalPath(token);
    if (path === undefined) throw new RangeError("not a picture token");
    await rename(uploadPath, path);
  }

  originalPath(token: string): string | undefined {
    return TOKEN.test(token) ? join(this.#originals, token) : undefined;
  }

  variantsDir(token: string): string | undefined {
    return TOKEN.test(token) ? join(this.#media, token.slice(0, 2), token) : undefined;
  }

  /** @param name `320.webp`, `640.webp` or `1280.webp`; the file may not exist */
  variantPath(token: string, name: string): string | undefined {
    const dir = this.variantsDir(token);
    return dir !== undefined && VARIANT.test(name) ? join(dir, name) : undefined;
  }

  async removeOriginal(token: string): Promise<void> {
    const path = this.originalPath(token);
    if (path !== undefined) await rm(path, { force: true });
  }

  /** Removes the original and the variants; harmless when they are gone already. */
  async remove(token: string): Promise<void> {
    await this.removeOriginal(token);
    const dir = this.variantsDir(token);
    if (dir !== undefined) await rm(dir, { force: true, recursive: true });
  }

  /** Whether there is no picture. */
  async isEmpty(): Promise<boolean> {
    const now = Number.POSITIVE_INFINITY;
    for await (const _ of this.#oldOriginals(now)) return false;
    for await (const _ of this.#oldVariants(now)) return false;
    return true;
  }

  /**
   * Removes what a crash or a lost race left behind: abandoned uploads, and pictures whose token
   * has no database row. Names that this store does not make are left alone.
   *
   * The age is looked at before the database, so a picture whose row is being written now is safe.
   */
  async sweep({
    olderThanMs,
    isKnown,
    needsOriginal = isKnown,
  }: SweepOptions): Promise<SweepResult> {
    const before = Date.now() - olderThanMs;
    return {
      uploads: await this.#sweepUploads(before),
      originals: await removeUnknown(this.#oldOriginals(before), needsOriginal),
      variants: await removeUnknown(this.#oldVariants(before), isKnown),
    };
  }

  async #sweepUploads(before: number): Promise<number> {
    let removed = 0;
    for await (const entry of entriesOf(this.#uploads)) {
      const path = join(this.#uploads, entry.name);
      if (!UPLOAD.test(entry.name) || !(await isOlder(path, before))) continue;
      await rm(path, { force: true });
      removed += 1;
    }
    return removed;
  }

  async *#oldOriginals(before: number): AsyncGenerator<StoredFile> {
    for await (const { name } of entriesOf(this.#originals)) {
      const path = join(this.#originals, name);
      if (TOKEN.test(name) && (await isOlder(path, before))) yield { token: name, path };
    }
  }

  async *#oldVariants(before: number): AsyncGenerator<StoredFile> {
    for await (const shard of entriesOf(this.#media)) {
      if (!shard.isDirectory() || !SHARD.test(shard.name)) continue;
      for await (const { name } of entriesOf(join(this.#media, shard.name))) {
        const path = join(this.#media, shard.name, name);
        if (TOKEN.test(name) && (await isOlder(path, before))) yield { token: name, path };
      }
    }
  }
}

async function removeUnknown(
  files: AsyncIterable<StoredFile>,
  isKnown: SweepOptions["isKnown"],
): Promise<number> {
  let removed = 0;
  let batch: StoredFile[] = [];
  const removeBatch = async (): Promise<void> => {
    if (batch.length === 0) return;
    const known = await isKnown(batch.map((file) => file.token));
    for (const { path } of batch.filter((file) => !known.has(file.token))) {
      await rm(path, { force: true, recursive: true });
      removed += 1;
    }
    batch = [];
  };
  for await (const file of files) {
    batch.push(file);
    if (batch.length === SWEEP_BATCH) await removeBatch();
  }
  await removeBatch();
  return removed;
}

/** A directory's entries one at a time: it may hold more names than are good in memory. */
async function* entriesOf(dir: string): AsyncGenerator<Dirent> {
  const handle = await opendir(dir).catch(noneIfGone);
  if (handle !== undefined) yield* handle;
}

/** False when the file is gone: another process may be sweeping too. */
async function isOlder(path: string, before: number): Promise<boolean> {
  const stats = await stat(path).catch(noneIfGone);
  return stats !== undefined && stats.mtimeMs < before;
}

function noneIfGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
