// The words of notices, loaded by the pages that show them and by no other.

import type { NoticesWords } from "./locales/en-notices.ts";
import type { Language } from "./preferences.ts";

export const loadNoticesWords = async (language: Language): Promise<NoticesWords> =>
  language === "de"
    ? (await import("./locales/de-notices.ts")).deNotices
    : (await import("./locales/en-notices.ts")).enNotices;
