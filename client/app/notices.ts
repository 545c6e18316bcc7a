/** Short messages at the edge of the page: what went wrong, or was done. */
import { shallowRef } from "vue";
import { ApiError } from "../api/errors.ts";
import { i18n } from "./i18n.ts";

export interface Notice {
  id: number;
  text: string;
}

/** More at once nobody reads. */
const MOST = 3;
const SHOWN_MS = 8000;

export const notices = shallowRef<readonly Notice[]>([]);
let lastId = 0;

export function tell(text: string): void {
  lastId += 1;
  const notice = { id: lastId, text };
  const others = notices.value.filter((each) => each.text !== text);
  notices.value = [...others, notice].slice(-MOST);
  setTimeout(() => dismiss(notice.id), SHOWN_MS);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((each) => each.id !== id);
}

/** Why it failed, in the person's language. The server's own words are English, and more exact. */
export function reasonOf(error: unknown): string {
  const { t, te, locale } = i18n.global;
  if (!(error instanceof ApiError))
    return error instanceof Error ? error.message : t("problems.other");
  if (locale.value === "en" && error.status > 0) return error.message;
  const key = `problems.${error.type}`;
  return te(key) ? t(key) : t("problems.other");
}
