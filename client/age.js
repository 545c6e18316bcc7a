/** How long ago something was, in words. */
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** @param stamp ISO 8601. */
export function shortAge(stamp) {
  const seconds = (Date.now() - Date.parse(stamp)) / 1000;
  const [unit, length] = UNITS.find(([, size]) => seconds >= size) ?? [];
  return unit ? words.format(-Math.floor(seconds / length), unit) : "just now";
}
