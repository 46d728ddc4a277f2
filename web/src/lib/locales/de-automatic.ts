// Die Worte von Guthaben, Automatisch und der Mitteilungen auf Deutsch.

import { deMoneyBackNews } from "./de-money-back.ts";
import { deSliceNews } from "./de-slices.ts";
import { deProviderNews } from "./de-provider-news.ts";
import type { AutomaticMessages } from "./en-automatic.ts";

const PERIODS: Record<string, string> = { day: "am Tag", week: "in der Woche", month: "im Monat" };
const IN_PERIOD: Record<string, string> = { day: "heute", week: "diese Woche", month: "diesen Monat" };

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
    say: (kind, data, count, money) => {
      const number = (name: string) => count(Number(data[name] ?? 0));
      switch (kind) {
        case "balance_low":
          return `Ihre Token sind unter ${number("alertTokens")}: ${number("totalTokens")} sind übrig.`;
        case "spending_alert":
          return `Sie haben ${IN_PERIOD[String(data.period)] ?? ""} ${number("spentTokens")} Token ausgegeben${data.providerName ? ` (${String(data.providerName)})` : ""}.`;
        case "session_due":
          return data.isStartable === false
            ? `Ihre geplante Sitzung in ${String(data.providerName)} lässt sich gerade nicht starten. Es ist nichts reserviert.`
            : Number(data.missingTokens) > 0
              ? `Ihre geplante Sitzung in ${String(data.providerName)} steht an. Sie braucht ${number("requiredTokens")} Tokens; ${number("missingTokens")} fehlen.`
              : `Ihre geplante Sitzung in ${String(data.providerName)} steht an. Starten Sie sie unter Sitzungen; bis dahin ist nichts reserviert.`;
        case "top_up_done":
          return `Wir haben ${number("tokens")} Token für ${money(Number(data.amountCents ?? 0))} gekauft, wie Sie es eingestellt haben.`;
        case "top_up_failed":
          return "Das automatische Aufladen ging nicht durch. Es wurde nichts abgebucht.";
        case "top_up_needs_you":
          return `Ihre Bank möchte Sie fragen, bevor ${number("tokens")} Token gekauft werden. Noch wurde nichts abgebucht.`;
        case "top_up_stopped":
          return data.reason === "day_cap" || data.reason === "month_cap"
            ? "Ihre Token sind knapp, und Ihre Grenze für das automatische Aufladen ist erreicht. Es wurde nichts abgebucht."
            : "Das automatische Aufladen hält an und fragt Sie erst. Es wird nichts abgebucht, bis Sie wieder einschalten.";
        case "subscription_started":
          return `${String(data.planName)} gehört Ihnen: bis zur nächsten Verlängerung sind ${number("includedTokens")} Token Nutzung enthalten.`;
        case "subscription_renewed":
          return `${String(data.planName)} wurde für ${money(Number(data.paidCents ?? 0))} verlängert; ${number("includedTokens")} Token Nutzung sind wieder enthalten.`;
        case "subscription_past_due":
          return `${String(data.planName)} konnte nicht verlängert werden. Bis es bezahlt ist, ist nichts enthalten.`;
        case "subscription_ended":
          return `${String(data.planName)} ist beendet. Es wird nichts mehr dafür abgebucht.`;
        default:
          return (
            deSliceNews(kind, data, count) ?? deMoneyBackNews(kind, data, count, money) ?? deProviderNews(kind, data)
          );
      }
    },
  },
};
