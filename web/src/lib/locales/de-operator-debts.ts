// The words of the operators' page about what people owe, in German.

import type { enOperatorDebts, enOperatorDebtsArea } from "./en-operator-debts.ts";

export const deOperatorDebts: typeof enOperatorDebts = {
  title: "Schulden",
  lead: "Was ausgegeben war, als eine Bank eine Zahlung endgültig zurückholte. Die nächsten Käufe der Person zahlen es zuerst; bis dahin kann sie nichts starten.",
  total: "Von allen zusammen geschuldet",
  tabs: { owed: "Offen", settled: "Erledigt" },
  tabsLabel: "Welche Schulden",
  failed: "Die Schulden ließen sich nicht laden.",
  none: { owed: "Niemand schuldet etwas", settled: "Noch nichts erledigt" },
  noneBody: {
    owed: "Eine Schuld steht hier, wenn eine Anfechtung verloren ist und ein Teil der Token ausgegeben war.",
    settled: "Eine Schuld steht hier, wenn sie zurückgezahlt ist oder Sie die Sperre aufheben.",
  },
  from: (disputed) => `Von einer zurückgeholten Zahlung über ${disputed}`,
  lost: (money) => `${money} waren ausgegeben, als die Anfechtung verloren ging`,
  returned: (money) => `${money} kamen aus weiterlaufenden Sitzungen zurück`,
  repayment: (money, tokens) => `${money} zurückgezahlt mit ${tokens}`,
  noRepayment: "Kein Kauf zahlte etwas davon",
  erased: "Ein gelöschtes Konto",
  owed: (money) => `${money} offen`,
  repaid: "Zurückgezahlt",
  written: (money) => `${money} nicht zurückgezahlt`,
  lifted: (by, reason) => `Sperre aufgehoben von ${by}: ${reason}`,
  anOperator: "dem Betrieb",
  lift: "Erledigen",
  liftFor: (email) => `Erledigen: ${email}`,
  liftTitle: (money) => `${money} ohne Kauf erledigen`,
  liftBody:
    "Die Person kann wieder kaufen und starten und schuldet aus dieser Anfechtung nichts mehr. Schreiben Sie, warum: anders bezahlt, oder die Bank lag falsch. Der Grund bleibt stehen.",
  reason: "Grund",
  keep: "Jetzt nicht",
  dispute: "Anfechtung",
  more: "Mehr zeigen",
};
export const deOperatorDebtsArea: typeof enOperatorDebtsArea = {
  debts: { label: "Schulden", what: "Was nach einer verlorenen Anfechtung offen ist und was davon zurückkam." },
};
