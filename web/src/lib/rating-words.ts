// The words of reviews, loaded with the parts that show them: a first visit does not need them.

import type { RatingWords } from "./locales/en-ratings.ts";
import type { Language } from "./preferences.ts";

export const loadRatingWords = async (language: Language): Promise<RatingWords> =>
  language === "de"
    ? (await import("./locales/de-ratings.ts")).deRatings
    : (await import("./locales/en-ratings.ts")).enRatings;
