// The words of connections, in German.

import type { ConnectionWords } from "./en-connections.ts";

export const deConnections: ConnectionWords = {
  title: "Verbundene Apps",
  lead: "Deine Konten bei Apps. Eine App erfährt, welches ihrer Konten deines ist, und sonst nichts von hier.",
  none: "Keine App ist verbunden.",
  noneBody: "Eine App mit eigenen Konten schickt dich hierher, wenn Verbinden nützlich ist.",
  failed: "Deine verbundenen Apps konnten nicht geladen werden. Deine Token sind nicht betroffen.",
  since: (day) => `Verbunden ${day}`,
  as: (id) => `Dein Konto dort: ${id}`,
  broken: "Die App erkennt die Verbindung nicht mehr an. Verbinde neu oder entferne sie.",
  again: "Neu verbinden",
  disconnect: (app) => `${app} trennen`,
  disconnectBody: (app) =>
    `Wir vergessen sofort, was ${app} uns gegeben hat, und bitten den Server der App, es auch zu vergessen. Deine Sitzungen und Token bleiben, wie sie sind.`,
  keep: "Behalten",
  disconnectNow: "Trennen",
  gone: (app) => `${app} ist getrennt, hier und dort.`,
  goneHere: (app) =>
    `${app} ist hier getrennt. Der Server der App hat es nicht bestätigt: entferne den Marktplatz auch dort.`,
  connectTitle: (app) => `${app} verbinden`,
  connectLead: (app) =>
    `${app} hat eigene Konten. Verbinde deines, dann kennt die App dich, wenn du von hier eine Sitzung beginnst.`,
  learns: (app) => `${app} erfährt`,
  learnsBody:
    "Welches ihrer Konten zu der Kennung gehört, unter der sie dich hier kennt. Nicht deinen Namen und nicht deine E-Mail-Adresse.",
  asks: "Wir dürfen in deinem Namen",
  asksNothing: "Sehen, wer du dort bist. Sonst nichts.",
  stops: "Es endet, wenn du trennst",
  stopsBody: "Jederzeit auf deiner Kontoseite. Es kostet keine Token.",
  go: (host) => `Weiter zu ${host}`,
  goHint: "Du meldest dich dort an und kommst hierher zurück. Dein Passwort sehen wir nie.",
  key: "Dein API-Schlüssel dort",
  keyHint: "Er wird gleich ausprobiert und verschlüsselt aufbewahrt.",
  keyMissing: "Gib den Schlüssel ein, den die App dir gegeben hat.",
  connectKey: "Verbinden",
  already: (app) => `Dein Konto bei ${app} ist verbunden.`,
  toAccount: "Verbundene Apps ansehen",
  notOffered: "Diese App hat keine Konten zum Verbinden",
  notOfferedBody: "Du kannst sie benutzen, wie sie ist.",
  toApps: "Apps ansehen",
  finishing: "Dein Konto wird verbunden",
  done: (app) => `${app} ist verbunden`,
  doneBody: (id) => `Dein Konto dort ist ${id}. Auf deiner Kontoseite kannst du es trennen.`,
  toApp: (app) => `${app} öffnen`,
  notDone: "Es wurde nichts verbunden",
  tryAgain: "Noch einmal versuchen",
};
