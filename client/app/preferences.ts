/** What the page remembers in this browser. A browser that keeps nothing still shows the page. */

const PREFIX = "warble-";

export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Undefined forgets it. */
export function keep(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Storage is switched off or full: then it lasts as long as the page.
  }
}

/** As `kept`, of something that was kept as JSON; undefined when that is not what is there. */
export function keptJson<T>(name: string): T | undefined {
  try {
    return JSON.parse(kept(name) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const theme = (): Theme => THEMES.find((each) => each === kept("theme")) ?? "system";

/** Shows the page in light or dark, as chosen or as the system has it. */
export function applyTheme(chosen: Theme = theme()): void {
  keep("theme", chosen === "system" ? undefined : chosen);
  document.documentElement.dataset.theme = chosen;
}
