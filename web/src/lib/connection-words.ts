// The words of connections, loaded by the pages that show them and by no other.

import type { ConnectSettingsWords } from "./locales/en-connect-settings.ts";
import type { ConnectionWords } from "./locales/en-connections.ts";
import type { Language } from "./preferences.ts";

export const loadConnectionWords = async (language: Language): Promise<ConnectionWords> =>
  language === "de"
    ? (await import("./locales/de-connections.ts")).deConnections
    : (await import("./locales/en-connections.ts")).enConnections;

export const loadConnectSettingsWords = async (language: Language): Promise<ConnectSettingsWords> =>
  language === "de"
    ? (await import("./locales/de-connect-settings.ts")).deConnectSettings
    : (await import("./locales/en-connect-settings.ts")).enConnectSettings;
