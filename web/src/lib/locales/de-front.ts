// The words of the home page in German.

import type { FrontWords } from "./en-front.ts";

export const deFront: FrontWords = {
  title: "Viele Apps, ein Guthaben und ein Zähler, der anhält, wenn Sie aufhören",
  headline: "Der Zähler hält an, wenn Sie aufhören.",
  lead: "Viele Apps, ein Guthaben. Was eine Sitzung höchstens kosten kann, sehen Sie vor dem Start; bezahlt wird nur, was Sie genutzt haben.",
  how: "So geht es",
  lines: (appShare, ourShare) => [
    "Token kaufen Sie einmal. Ein Token ist ein US-Cent, in jeder App.",
    "Bevor eine App startet, sehen Sie, was sie höchstens kosten kann.",
    "Dieser Betrag wird reserviert, nicht ausgegeben. Der Zähler läuft nur, während Sie arbeiten.",
    "Sie hören auf, und was übrig ist, ist in Sekunden zurück.",
    `Von dem, was Sie ausgeben, bekommt die App ${appShare}, wir behalten ${ourShare}; beides steht auf jedem Beleg.`,
  ],
  searchLabel: "Was möchten Sie erledigen?",
  searchPlaceholder: "Bericht schreiben, Daten bereinigen",
  search: "Apps finden",
  browse: "Alle Apps",
  sampleTitle: "Zähler ausprobieren",
  sampleRate: (rate) =>
    `Eine App mit ${rate} Token je Stunde, gestartet für 60 Minuten. Eine Sekunde hier ist eine Minute.`,
  sampleHeld: "Reserviert",
  sampleUsed: "Verbraucht",
  sampleBack: "Kommt zurück",
  sampleNote: "Ein Beispiel: Hier bewegt sich kein Token.",
  sampleStop: "Aussteigen",
  sampleStart: "Zähler starten",
  sampleStopped: (used, back) => `Sie zahlen ${used} Token. ${back} sind wieder im Guthaben.`,
  sampleMinute: (minute) => `Minute ${minute} von 60`,
  popular: "Zum Anfangen",
  providers: "Sie bauen eine App?",
  providersBody: (share) =>
    `Legen Sie einen Preis nach Zeit oder nach Stück fest und fügen Sie ein Tag ein. Wir reservieren, zählen und rechnen ab; ${share} jeder Sitzung gehören Ihnen.`,
};
