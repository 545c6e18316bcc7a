/** How long ago something was, in words. */
const UNITS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** @param stamp ISO 8601. */
export function shortAge(stamp: string): string {
  const seconds = (Date.now() - Date.parse(stamp)) / 1000;
  for (const [unit, length] of UNITS) {
    if (seconds >= length) return words.format(-Math.floor(seconds / length), unit);
  }
  return "just now";
}
