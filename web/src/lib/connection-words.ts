// The words of connections, loaded by the pages that show them and by no other.

import type { ConnectionWords } from "./locales/en-connections.ts";
import type { Language } from "./preferences.ts";

export const loadConnectionWords = async (language: Language): Promise<ConnectionWords> =>
  language === "de"
    ? (await import("./locales/de-connections.ts")).deConnections
    : (await import("./locales/en-connections.ts")).enConnections;
