// The words an owner sets connections up with, in German.

import type { ConnectSettingsWords } from "./en-connect-settings.ts";

export const deConnectSettings: ConnectSettingsWords = {
  title: "Verbundene Konten",
  lead: "Menschen können die Konten verbinden, die sie bei Ihrer App haben. Sagen Sie, wie Ihr Server angesprochen wird; beim Speichern wird es ausprobiert.",
  protocol: "Protokoll",
  protocols: { oidc: "OpenID Connect", oauth2: "OAuth 2.0", api_key: "API-Schlüssel der Person" },
  redirect: "Tragen Sie genau diese Rückadresse bei Ihrem Server ein",
  issuer: "Aussteller (issuer)",
  issuerHint: "https, ohne Pfad, wenn Ihr Server keinen hat. Seine Konfiguration wird gleich gelesen.",
  authorizationEndpoint: "Adresse der Anmeldung (authorization endpoint)",
  tokenEndpoint: "Adresse für Token (token endpoint)",
  revocationEndpoint: "Adresse zum Widerrufen, falls es eine gibt",
  profileEndpoint: "Adresse des Profils der Person (JSON)",
  subjectField: "Feld darin, das sagt, wer die Person ist",
  headerName: "Kopfzeile, in der der Schlüssel steht",
  headerPrefix: "Was vor dem Schlüssel steht",
  clientId: "Client-Kennung",
  clientSecret: "Client-Geheimnis",
  secretHint: "Verschlüsselt aufbewahrt und nie gezeigt. Leer lassen, um das bisherige zu behalten.",
  scopes: "Scopes, durch Leerzeichen getrennt",
  save: "Speichern und ausprobieren",
  saved: "Gespeichert. Konten können jetzt verbunden werden.",
  page: "Wo Menschen verbinden",
  remove: "Keine Verbindungen mehr anbieten",
  removed: "Wird nicht mehr angeboten. Wer verbunden ist, bleibt es, bis er trennt.",
  failed: "Die Einstellungen konnten nicht geladen werden.",
};
