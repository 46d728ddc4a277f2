// The words of planned sessions and of auto-pause rules in German.

import type { LaterMessages } from "./en-later.ts";

export const deLater: LaterMessages = {
  plan: {
    open: "Für später planen",
    lead: "Bis zum Start ist nichts reserviert. Wir erinnern Sie fünf Minuten vorher; starten können Sie bis eine halbe Stunde danach.",
    when: "Wann",
    minutes: "Minuten",
    save: "Planen",
    saving: "Wird geplant",
    done: (moment) => `Geplant für ${moment}. Sie finden es unter Sitzungen.`,
    past: "Wählen Sie eine Zeit ab jetzt bis in 90 Tagen und 5 bis 180 Minuten.",
  },
  plans: {
    title: "Geplant",
    at: (moment, minutes) => `${moment}, ${minutes} Minuten`,
    opens: (moment) => `Startbar ab ${moment}`,
    due: (moment) => `Startbar bis ${moment}`,
    missed: "Nicht rechtzeitig gestartet. Es war nichts reserviert.",
    start: "Preis ansehen und starten",
    cancel: "Absagen",
    failed: "Die geplanten Sitzungen ließen sich nicht laden.",
  },
  pauses: {
    title: "Pausen",
    back: "Konto",
    lead: "Ein Zähler hält nach zwei Minuten ohne Tätigkeit von selbst. Sie können ihn früher halten lassen und sich nur so viele Minuten am Tag gönnen. Ihre Regeln gelten ab der nächsten Sitzung und lassen keinen Zähler länger laufen.",
    failed: "Das ließ sich nicht laden. Es wurde nichts geändert.",
    all: "Alle Apps zusammen",
    idle: "Anhalten nach",
    idleDefault: "2 Minuten (wie überall)",
    idleSeconds: (seconds) => `${seconds} Sekunden`,
    daily: "Minuten am Tag",
    dailyHint: (used, moment) => `${used} heute verbraucht; der nächste Tag beginnt ${moment}. Leer: keine Grenze.`,
    remove: "Entfernen",
    addApp: "Regel für eine App",
    chooseApp: "Eine App wählen, die Sie genutzt haben",
    save: "Speichern",
    saving: "Wird gespeichert",
    saved: "Gespeichert.",
  },
};
