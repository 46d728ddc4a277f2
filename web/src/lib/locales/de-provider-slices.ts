// The words of disputed slices for the two who work on them: an app's owner, and operators. In German.

import type { SliceWorkWords } from "./en-provider-slices.ts";

export const deSliceWork: SliceWorkWords = {
  ownTitle: "Strittige Nutzung",
  ownLead:
    "Sitzungen, in denen Ihr Server mehr gemeldet hat, als die Seite der Person gesehen hat. Was beide sagen, ist bezahlt; belegen Sie den Rest rechtzeitig, sonst geht er zurück.",
  accuracy: (percent, agreed, compared, days) =>
    `${percent} der Werte, die beide Seiten nannten, stimmen überein: ${agreed} von ${compared} in ${days} Tagen. Das sieht jeder.`,
  noAccuracy: "Noch wurde nichts verglichen. Lassen Sie Ihre Seite sagen, was sie sah: die Option observed des SDK.",
  ownNone: "Nichts ist strittig",
  ownNoneBody:
    "Sieht eine Seite weniger, als Ihr Server meldet, steht es hier, und das Ereignis usage.disputed sagt es Ihnen.",
  failed: "Die Liste konnte nicht geladen werden.",
  held: (tokens) => `${tokens} reserviert`,
  disputed: (tokens) => `${tokens} strittig`,
  difference: (meter, counted, reported) => `${meter}: gezählt ${counted}, gemeldet ${reported}`,
  status: {
    open: (day) => `Belege zeigen bis ${day}`,
    shown: (day) => `Die Person kann bis ${day} widersprechen`,
    contested: (day) => `Ein Mitarbeiter entscheidet bis ${day}`,
    closed: (charged, returned) => `Entschieden: ${charged} berechnet, ${returned} zurück`,
  },
  show: "Belege zeigen",
  records: "Meldungen, die Sie belegen können",
  recordsHint:
    "Eine je Zeile: der Schlüssel (idempotencyKey), mit dem Sie sie geschickt haben, ein Leerzeichen, und was getan wurde. Höchstens 200 Zeilen. Es wird einmal gezeigt.",
  recordsMissing: "Jede Zeile braucht einen Schlüssel und nach einem Leerzeichen, was getan wurde.",
  note: "Was Sie dazu sagen wollen",
  send: "Der Person zeigen",
  cancel: "Nicht jetzt",
  session: "Sitzung",
  operatorTitle: "Strittige Nutzung",
  operatorLead:
    "Belege von Apps, denen eine Person widerspricht. Entscheidet niemand rechtzeitig, gilt der niedrigere Wert.",
  operatorNone: "Nichts wartet",
  operatorNoneBody: "Belege, denen jemand widerspricht, kommen hierher.",
  tabsLabel: "Stand",
  tabs: {
    open: "Wartet auf Belege",
    shown: "Wartet auf die Person",
    contested: "Wartet auf Sie",
    closed: "Entschieden",
  },
  contest: "Die Person sagt",
  evidence: "Die App sagt",
  reason: "Warum",
  reasonHint: "Beide Seiten lesen es.",
  reasonMissing: "Schreiben Sie einen Satz, damit beide Seiten es verstehen.",
  forProvider: "Die App hat recht",
  forPerson: "Die Person hat recht",
};
