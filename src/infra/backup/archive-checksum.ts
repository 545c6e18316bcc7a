import { createHash } from "node:crypto";

/** The SHA-256 over an archive's entries, taken the same way by who writes and who reads. */
export class ArchiveChecksum {
  readonly #hash = createHash("sha256");
  #entries = 0;
  #bytes = 0;

  begin(name: string, size: number): void {
    this.#hash.update(`${name}\0${size}\0`);
    this.#entries += 1;
  }

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
  }

  /** Call it once, at the end. */
  result() {
    return { entries: this.#entries, bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }
}
