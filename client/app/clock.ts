/** Time as people say it; one clock for all that is on the page. */
import { shallowRef } from "vue";

const TICK_MS = 20_000;
const UNITS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
/** Longer ago it is a date. */
const MOST_DAYS = 7;

const now = shallowRef(Date.now());
setInterval(() => {
  now.value = Date.now();
}, TICK_MS);

/** @param stamp ISO 8601. @param justNow what is said for less than a minute. */
export function age(stamp: string, language: string, justNow: string): string {
  const seconds = Math.max(0, (now.value - Date.parse(stamp)) / 1000);
  if (seconds >= MOST_DAYS * 86_400) {
    return new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(new Date(stamp));
  }
  for (const [unit, length] of UNITS) {
    if (seconds >= length) {
      const words = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
      return words.format(-Math.floor(seconds / length), unit);
    }
  }
  return justNow;
}

export const exactTime = (stamp: string, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "medium" }).format(
    new Date(stamp),
  );
