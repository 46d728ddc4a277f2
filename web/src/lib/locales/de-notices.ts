// Mitteilungen auf einem Gerät, auf Deutsch: was sie sagen, und ihr Schalter.

import type { NoticesWords } from "./en-notices.ts";

export const deNotices: NoticesWords = {
  title: "Mitteilungen auf diesem Gerät",
  lead: "Fünf Minuten, bevor eine Sitzung endet, und Neues für Sie, solange keine Seite von uns vorn ist. Sie enden, wenn Sie sich hier abmelden.",
  on: "Für diesen Browser an.",
  off: "Für diesen Browser aus.",
  turnOn: "Mitteilungen einschalten",
  turningOn: "Ihr Browser wird gefragt",
  turnOff: "Ausschalten",
  unsupported:
    "Dieser Browser kann keine Mitteilungen zeigen. Auf iPhone oder iPad legen Sie diese Seite zuerst auf den Home-Bildschirm.",
  denied:
    "Dieser Browser lässt uns nicht. Erlauben Sie in seinen Einstellungen Mitteilungen für diese Seite und laden Sie sie dann neu.",
  silent:
    "Der Mitteilungsdienst Ihres Browsers hat nicht geantwortet. Prüfen Sie die Verbindung und versuchen Sie es noch einmal; es wurde nichts geändert.",
  notOffered: "Dieser Marktplatz sendet keine Mitteilungen an Geräte.",
  failed: "Ihre Geräte konnten nicht geladen werden. Es wurde nichts geändert.",
  others: "Außerdem an",
  since: (moment) => `seit ${moment}`,
  remove: (label) => `${label} entfernen`,
  removeNow: "Entfernen",
  browserOn: (browser, system) => `${browser} auf ${system}`,
  aBrowser: "Ein Browser",
  expiring: (duration) => `Ihre Sitzung endet in ${duration}`,
  expiringBody: (app) => `${app}. Verlängern Sie, oder lassen Sie sie enden: was nicht verbraucht ist, kommt zurück.`,
  news: "Neues für Sie",
  newsBody: "Öffnen Sie es, um zu lesen, was war.",
};
