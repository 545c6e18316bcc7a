/** One picture of a tweet that is being written: it is uploaded as soon as it is chosen. */
import pLimit from "p-limit";
import { shallowRef } from "vue";
import { thumbnail } from "./thumbnail.ts";
import { upload } from "./upload.ts";

/** Browsers keep six connections to a host: likes and pages need some of them. */
const oneOfTwo = pLimit(2);

export interface StoredPicture {
  mediaId: number;
  name: string;
  preview: string | undefined;
}

let lastPlace = 0;

export class Picture {
  /** Tells it from the others, as long as the page is open. */
  readonly place = ++lastPlace;
  readonly name: string;
  /** A small `data:` URI; undefined until it is made, or when the browser cannot read the file. */
  readonly preview = shallowRef<string>();
  /** 0 to 1, of the bytes sent. */
  readonly progress = shallowRef(0);
  /** Set once the server has it. */
  readonly mediaId = shallowRef<number>();
  /** Why the upload failed; it can be tried again. */
  readonly problem = shallowRef<unknown>();
  readonly #key: string;
  readonly #file: File | undefined;
  #abort = new AbortController();

  private constructor(name: string, key: string, file?: File) {
    this.name = name;
    this.#key = key;
    this.#file = file;
  }

  static of(file: File, key: string): Picture {
    const picture = new Picture(file.name, key, file);
    void thumbnail(file).then((uri) => {
      picture.preview.value = uri;
    });
    void picture.upload();
    return picture;
  }

  /** One that was uploaded before a reload. */
  static stored({ mediaId, name, preview }: StoredPicture, key: string): Picture {
    const picture = new Picture(name, key);
    picture.mediaId.value = mediaId;
    picture.preview.value = preview;
    return picture;
  }

  /** Also after a failure; `problem` tells of the next one. */
  async upload(): Promise<void> {
    const file = this.#file;
    if (!file) return;
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.problem.value = undefined;
    this.progress.value = 0;
    try {
      this.mediaId.value = await oneOfTwo(() => {
        signal.throwIfAborted();
        return upload({ file, key: this.#key, signal, progress: (share) => this.#sent(share) });
      });
    } catch (error) {
      if (!signal.aborted) this.problem.value = error;
    }
  }

  cancel(): void {
    this.#abort.abort();
  }

  stored(): StoredPicture | undefined {
    const mediaId = this.mediaId.value;
    if (mediaId === undefined) return undefined;
    return { mediaId, name: this.name, preview: this.preview.value };
  }

  #sent(share: number): void {
    this.progress.value = share;
  }
}
