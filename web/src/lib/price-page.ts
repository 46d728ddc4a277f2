// The words of pages about prices and usage, loaded with them: a first visit does not need them.

import type { PricePageWords } from "./locales/en-prices.ts";
import type { Language } from "./preferences.ts";

export const loadPricePageWords = async (language: Language): Promise<PricePageWords> =>
  language === "de"
    ? (await import("./locales/de-prices.ts")).dePrices
    : (await import("./locales/en-prices.ts")).enPrices;
