// The words of connections, in German.

import type { ConnectionWords } from "./en-connections.ts";

export const deConnections: ConnectionWords = {
  title: "Verbundene Apps",
  lead: "Ihre Konten bei Apps. Eine App erfährt, welches ihrer Konten Ihres ist, und sonst nichts von hier.",
  none: "Keine App ist verbunden.",
  noneBody: "Eine App mit eigenen Konten schickt Sie hierher, wenn Verbinden nützlich ist.",
  failed: "Ihre verbundenen Apps konnten nicht geladen werden. Ihre Token sind nicht betroffen.",
  since: (day) => `Verbunden ${day}`,
  as: (id) => `Ihr Konto dort: ${id}`,
  broken: "Die App erkennt die Verbindung nicht mehr an. Verbinden Sie neu oder entfernen Sie sie.",
  again: "Neu verbinden",
  disconnect: (app) => `${app} trennen`,
  disconnectBody: (app) =>
    `Wir vergessen sofort, was ${app} uns gegeben hat, und bitten den Server der App, es auch zu vergessen. Ihre Sitzungen und Token bleiben, wie sie sind.`,
  keep: "Behalten",
  disconnectNow: "Trennen",
  gone: (app) => `${app} ist getrennt, hier und dort.`,
  goneHere: (app) =>
    `${app} ist hier getrennt. Der Server der App hat es nicht bestätigt: entfernen Sie den Marktplatz auch dort.`,
  connectTitle: (app) => `${app} verbinden`,
  connectLead: (app) =>
    `${app} hat eigene Konten. Verbinden Sie Ihres, dann kennt die App Sie, wenn Sie von hier eine Sitzung beginnen.`,
  learns: (app) => `${app} erfährt`,
  learnsBody:
    "Welches ihrer Konten zu der Kennung gehört, unter der sie Sie hier kennt. Nicht Ihren Namen und nicht Ihre E-Mail-Adresse.",
  asks: "Wir dürfen in Ihrem Namen",
  asksNothing: "Sehen, wer Sie dort sind. Sonst nichts.",
  stops: "Es endet, wenn Sie trennen",
  stopsBody: "Jederzeit auf Ihrer Kontoseite. Es kostet keine Token.",
  go: (host) => `Weiter zu ${host}`,
  goHint: "Sie melden sich dort an und kommen hierher zurück. Ihr Passwort sehen wir nie.",
  key: "Ihr API-Schlüssel dort",
  keyHint: "Er wird gleich ausprobiert und verschlüsselt aufbewahrt.",
  keyMissing: "Geben Sie den Schlüssel ein, den die App Ihnen gegeben hat.",
  connectKey: "Verbinden",
  already: (app) => `Ihr Konto bei ${app} ist verbunden.`,
  toAccount: "Verbundene Apps ansehen",
  notOffered: "Diese App hat keine Konten zum Verbinden",
  notOfferedBody: "Sie können sie benutzen, wie sie ist.",
  toApps: "Apps ansehen",
  finishing: "Ihr Konto wird verbunden",
  done: (app) => `${app} ist verbunden`,
  doneBody: (id) => `Ihr Konto dort ist ${id}. Auf Ihrer Kontoseite können Sie es trennen.`,
  toApp: (app) => `${app} öffnen`,
  notDone: "Es wurde nichts verbunden",
  tryAgain: "Noch einmal versuchen",
};
