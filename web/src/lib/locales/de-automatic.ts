// Die Worte von Guthaben, Automatisch und der Mitteilungen auf Deutsch.

import type { AutomaticMessages } from "./en-automatic.ts";
import { deNews, IN_PERIOD } from "./de-news.ts";

const PERIODS: Record<string, string> = { day: "am Tag", week: "in der Woche", month: "im Monat" };

export const deAutomatic: AutomaticMessages = {
  title: "Aufladen, Hinweise und Grenzen",
  back: "Guthaben",
  lead: "Was ohne Sie gekauft werden darf, was wir Ihnen sagen, und wo Sie sich selbst bremsen. Alles ist aus, bis Sie es einschalten.",
  failed: "Das konnte nicht geladen werden. Es wurde nichts geändert.",
  saved: "Gespeichert.",
  save: "Speichern",
  saving: "Wird gespeichert",
  topUp: {
    title: "Automatisch aufladen",
    state: { off: "Aus", on: "An", asking: "Fragt Sie erst" },
    explain: (threshold, tokens, money, card) =>
      `Wenn Ihre Token unter ${threshold} fallen, kaufen wir ${tokens} für ${money} mit ${card}.`,
    bounds: (day, month) =>
      `Höchstens ${day} am Tag und ${month} im Monat. Nur während Sie eine App benutzen, höchstens einmal in zehn Minuten. Reservierte Token zählen als Ihre, ein Start löst also nie etwas aus.`,
    noCard:
      "Es ist keine Karte gespeichert. Das geschieht auf der Seite von Stripe, wenn Sie beim Kauf zustimmen; wir sehen die Nummer nie.",
    buyAndSave: (money) => `${money} zahlen und Karte behalten`,
    asking:
      "Die Karte wurde dreimal nacheinander abgelehnt oder ist weg. Es wird nichts abgebucht, bis Sie wieder einschalten.",
    threshold: "Wenn meine Token fallen unter",
    amount: "So viele Token kaufen",
    dayMax: "Höchstens am Tag",
    monthMax: "Höchstens im Monat",
    turnOn: "Einschalten und diese Abbuchungen erlauben",
    turnOff: "Ausschalten",
    change: "Änderungen speichern",
    used: (day, month) => `Automatisch gekauft: ${day} heute, ${month} diesen Monat.`,
    attempts: "Was geschah",
    attempt: {
      in_flight: "Unterwegs",
      asked: "Ihre Bank möchte Sie fragen",
      paid: "Gekauft",
      declined: "Nicht durchgegangen",
      lapsed: "Nicht rechtzeitig bezahlt",
    },
    payNow: "Jetzt bezahlen",
    problem: "Ab 100 Token; am Tag mindestens die Menge, im Monat mindestens die des Tages.",
  },
  alerts: {
    title: "Sagt mir Bescheid",
    low: "Bescheid, wenn meine Token unter … sind",
    lowHint: "Reservierte zählen mit. Einmal, bis Sie wieder darüber waren. Leer heißt nie.",
  },
  limits: {
    title: "Bremst mich",
    lead: "Ein Start oder eine Verlängerung, die darüber hinausgehen könnte, wird abgelehnt. Laufendes wird nie abgebrochen. Tage, Wochen und Monate in UTC.",
    limit: (period) => `Höchstens ausgeben ${PERIODS[period]}`,
    alert: (period) => `Bescheid, wenn ich ${IN_PERIOD[period]} ausgegeben habe`,
    used: (spent, held, resets) => `${spent} ausgegeben, ${held} gerade reserviert. Beginnt neu ${resets}.`,
    hint: "Leer heißt keine Grenze.",
    app: (name) => `Nur in ${name}`,
    remove: "Entfernen",
  },
  notifications: {
    title: "Neues für Sie",
    none: "Nichts Neues.",
    read: "Gelesen",
    all: (count) => (count === "1" ? "Zu den Neuigkeiten" : `Alle ${count} Neuigkeiten`),
    say: deNews,
  },
};
