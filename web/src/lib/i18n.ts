// Which words and number formats the current page uses. Made once per load in the root layout, read everywhere by context.

import { getContext, setContext } from "svelte";
import { createFormat, type Format } from "./format.ts";
import { en, type Messages } from "./locales/en.ts";
import type { Language } from "./preferences.ts";

export interface I18n {
  language: Language;
  t: Messages;
  f: Format;
}

export async function loadI18n(language: Language): Promise<I18n> {
  const t = language === "de" ? (await import("./locales/de.ts")).de : en;
  return { language, t, f: createFormat(language === "en" ? "en-US" : language) };
}

const KEY = Symbol("i18n");
/** A getter, because the language can change while the page stands. */
export const provideI18n = (read: () => I18n): (() => I18n) => setContext(KEY, read);
export const useI18n = (): (() => I18n) => getContext<() => I18n>(KEY);
