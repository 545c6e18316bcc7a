/** Finds links and hashtags in a tweet. It answers pieces of text and never HTML. An address without
 * `https://` is no link: names of files and versions look the same. */
import type { LinkifyIt } from "linkify-it";
import { shallowRef } from "vue";

export type Piece =
  | { kind: "text" | "hashtag"; text: string }
  | { kind: "link"; text: string; url: string };

/** Fetched for the first text that may have a link in it; until then links are plain text. */
const links = shallowRef<LinkifyIt>();
const MAY_HAVE_LINK = /:\/\//;
let isAsked = false;

async function fetchLinks(): Promise<void> {
  const { LinkifyIt: Links } = await import("linkify-it");
  const only = new Links({ fuzzyEmail: false });
  for (const schema of ["ftp:", "mailto:", "//"]) only.add(schema, null);
  links.value = only;
}

function linksIn(text: string) {
  if (!MAY_HAVE_LINK.test(text)) return [];
  if (!isAsked) {
    isAsked = true;
    fetchLinks().catch(() => {
      isAsked = false;
    });
  }
  return links.value?.match(text) ?? [];
}

/** A `#` inside a word or an address begins none. */
const HASHTAG = /(?<![\p{L}\p{N}_&/#])#[\p{L}\p{N}_]*\p{L}[\p{L}\p{N}_]*/gu;

export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { index, lastIndex, text: shown, url } of linksIn(text)) {
    pieces.push(...hashtags(text.slice(end, index)));
    pieces.push({ kind: "link", text: shown, url });
    end = lastIndex;
  }
  pieces.push(...hashtags(text.slice(end)));
  return pieces;
}

function hashtags(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { index, 0: tag } of text.matchAll(HASHTAG)) {
    pieces.push({ kind: "text", text: text.slice(end, index) }, { kind: "hashtag", text: tag });
    end = index + tag.length;
  }
  pieces.push({ kind: "text", text: text.slice(end) });
  return pieces.filter((piece) => piece.text !== "");
}
