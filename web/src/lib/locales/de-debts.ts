// Die Worte über das, was jemand nach einer verlorenen Anfechtung schuldet, auf Deutsch.

import type { DebtMessages } from "./en-debts.ts";

export const deDebts: DebtMessages = {
  title: (money) => `Sie schulden ${money}`,
  body: (disputed) =>
    `Ihre Bank hat eine Zahlung von ${disputed} zurückgeholt, nachdem ein Teil davon ausgegeben war. Bis dieser Teil zurückgezahlt ist, lässt sich nichts Neues starten. Zurückzahlen ist ein Kauf: Seine Token decken zuerst die Schuld, und was übrig bleibt, gehört Ihnen.`,
  pay: (money) => `Mit ${money} zurückzahlen`,
  failed: "Was Sie schulden, ließ sich nicht laden",
};
