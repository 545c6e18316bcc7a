/** The page's languages: the browser's own to begin with, until the person chooses. */
import { createI18n } from "vue-i18n";
import type en from "./locales/en.json";
import { keep, kept } from "./preferences.ts";

export const LANGUAGES = { en: "English", ru: "Русский" } as const;
export type Language = keyof typeof LANGUAGES;

type Messages = typeof en;
declare module "vue-i18n" {
  // The keys of `t` are checked against the English messages.
  export interface DefineLocaleMessage extends Messages {}
}

/** Only the one that is wanted is fetched. */
const MESSAGES: Record<Language, () => Promise<{ default: Messages }>> = {
  en: () => import("./locales/en.json"),
  ru: () => import("./locales/ru.json"),
};

const isLanguage = (tag: string | undefined): tag is Language =>
  tag !== undefined && Object.hasOwn(LANGUAGES, tag);

function preferred(): Language {
  const chosen = kept("language");
  if (isLanguage(chosen)) return chosen;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? "en";
}

/** Which of the forms `one | few | many` a Russian number takes. */
const FORMS = ["one", "few", "many"];
const russian = new Intl.PluralRules("ru");

export const i18n = createI18n<[Messages], Language, false>({
  legacy: false,
  locale: "en",
  messages: {} as Record<Language, Messages>,
  pluralRules: { ru: (count) => Math.max(0, FORMS.indexOf(russian.select(count))) },
});

/** Shows the page in this language, once its messages are there. */
async function show(language: Language): Promise<void> {
  const { global } = i18n;
  if (!global.availableLocales.includes(language)) {
    global.setLocaleMessage(language, (await MESSAGES[language]()).default);
  }
  global.locale.value = language;
  document.documentElement.lang = language;
}

export const showPreferred = (): Promise<void> => show(preferred());

export async function useLanguage(language: Language): Promise<void> {
  keep("language", language);
  await show(language);
}
