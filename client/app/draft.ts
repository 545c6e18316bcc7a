/** The tweet that is being written. It survives a reload, pictures and all. */
import { computed, shallowReactive, shallowRef, watch } from "vue";
import { newIdempotencyKey } from "../api/rest.ts";
import { Picture, type StoredPicture } from "./picture.ts";
import { keep, keptJson } from "./preferences.ts";

/** The server counts code points, too, and names its own limit when that is another. */
export const MAX_LENGTH = 280;
export const MAX_PICTURES = 10;
/** The server keeps pictures that no tweet uses for a day. */
const PICTURES_LAST_MS = 23 * 3_600_000;

export interface Content {
  text: string;
  mediaIds: number[];
  /** The same content keeps its key, so that sending it again after a lost answer posts once. */
  idempotencyKey: string;
}

interface Stored {
  text: string;
  pictures: StoredPicture[];
  at: number;
  unanswered: Content | undefined;
}

export class Draft {
  readonly text = shallowRef("");
  readonly pictures = shallowReactive<Picture[]>([]);
  readonly length = computed(() => [...this.text.value].length);
  readonly isReady = computed(
    () =>
      this.text.value.trim() !== "" &&
      this.length.value <= MAX_LENGTH &&
      this.pictures.every(({ mediaId }) => mediaId.value !== undefined),
  );
  readonly #name: string;
  readonly #key: string;
  #unanswered: Content | undefined;
  /** On its way; kept until it has arrived. */
  #sent: { text: string; pictures: Picture[] } | undefined;
  readonly #endWatch: () => void;

  constructor(personId: number, key: string) {
    this.#name = `draft-${personId}`;
    this.#key = key;
    this.#restore();
    const ids = () => this.pictures.map(({ mediaId }) => mediaId.value);
    this.#endWatch = watch([this.text, ids], () => this.#store());
  }

  /** Begins to upload them. @returns how many there was no room for. */
  add(files: readonly File[]): number {
    const room = MAX_PICTURES - this.pictures.length;
    for (const file of files.slice(0, room)) this.pictures.push(Picture.of(file, this.#key));
    return Math.max(0, files.length - room);
  }

  remove(picture: Picture): void {
    picture.cancel();
    this.pictures.splice(this.pictures.indexOf(picture), 1);
  }

  /** What is to be sent, if it is ready; the composer is empty then. */
  take(): { content: Content; pictures: Picture[] } | undefined {
    if (!this.isReady.value) return undefined;
    const text = this.text.value;
    const mediaIds = this.pictures.flatMap(({ mediaId }) => mediaId.value ?? []);
    const before = this.#unanswered;
    const isSame = before?.text === text && String(before.mediaIds) === String(mediaIds);
    const content = isSame ? before : { text, mediaIds, idempotencyKey: newIdempotencyKey() };
    const pictures = [...this.pictures];
    this.#unanswered = content;
    this.#sent = { text, pictures };
    this.text.value = "";
    this.pictures.length = 0;
    return { content, pictures };
  }

  /** The tweet is there. */
  settle(): void {
    this.#sent = undefined;
    this.#unanswered = undefined;
    this.#store();
  }

  /** It was refused: it is there again, before what was written meanwhile. */
  giveBack(): void {
    if (!this.#sent) return;
    const { text, pictures } = this.#sent;
    this.#sent = undefined;
    this.text.value = [text, this.text.value].filter(Boolean).join("\n");
    this.pictures.unshift(...pictures);
    this.pictures.length = Math.min(this.pictures.length, MAX_PICTURES);
    this.#store();
  }

  close(): void {
    this.#endWatch();
    for (const picture of this.pictures) picture.cancel();
  }

  #store(): void {
    const text = [this.#sent?.text, this.text.value].filter(Boolean).join("\n");
    const all = [...(this.#sent?.pictures ?? []), ...this.pictures];
    const pictures = all.flatMap((picture) => picture.stored() ?? []);
    const stored: Stored = { text, pictures, at: Date.now(), unanswered: this.#unanswered };
    keep(this.#name, text || pictures.length > 0 ? JSON.stringify(stored) : undefined);
  }

  #restore(): void {
    const stored = keptJson<Stored>(this.#name);
    if (!stored) return;
    this.text.value = stored.text;
    this.#unanswered = stored.unanswered;
    if (Date.now() - stored.at < PICTURES_LAST_MS) {
      this.pictures.push(...stored.pictures.map((picture) => Picture.stored(picture, this.#key)));
    }
  }
}
