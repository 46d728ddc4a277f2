// The words of the lab, loaded with its page.

import type { LabWords } from "./locales/en-lab.ts";
import type { Language } from "./preferences.ts";

export const loadLabWords = async (language: Language): Promise<LabWords> =>
  language === "de" ? (await import("./locales/de-lab.ts")).deLab : (await import("./locales/en-lab.ts")).enLab;
