// The words of planned sessions and pauses, loaded with what shows them and by nothing else.

import type { Language } from "./preferences.ts";
import type { LaterMessages } from "./locales/en-later.ts";

export async function loadLaterWords(language: Language): Promise<LaterMessages> {
  if (language === "de") return (await import("./locales/de-later.ts")).deLater;
  return (await import("./locales/en-later.ts")).enLater;
}
