// The words of the operators' pages about complaints and disputes, in German.

import type { enComplaints, enDisputes, enMoneyAreas } from "./en-operator-money.ts";

export const deComplaints: typeof enComplaints = {
  title: "Beschwerden",
  lead: "Was Leute über Sitzungen gemeldet haben, wer am längsten wartet zuerst. Jede Antwort steht auf ihrem Beleg.",
  tabs: { open: "Wartend", granted: "Stattgegeben", declined: "Abgelehnt" },
  tabsLabel: "Welche Beschwerden",
  failed: "Die Beschwerden konnten nicht geladen werden.",
  none: {
    open: "Niemand wartet auf Antwort",
    granted: "Noch wurde keiner stattgegeben",
    declined: "Noch wurde keine abgelehnt",
  },
  noneBody: "Meldungen von Belegen kommen hier an.",
  by: (email) => `von ${email}`,
  erased: "einem gelöschten Konto",
  charged: (tokens, duration) => `${tokens} berechnet für ${duration}`,
  returned: (tokens) => `${tokens} bisher zurückgegeben`,
  session: "Sitzung",
  answerLabel: "Ihre Antwort an die Person",
  answerHint: "Sie steht auf dem Beleg.",
  answerMissing: "Schreiben Sie, was die Person lesen soll.",
  tokensLabel: "Token zurückgeben",
  tokensHint: (max) => `Höchstens ${max}. Die App und wir geben ab, was wir daran verdient haben.`,
  reverse: (tokens) => `${tokens} zurückgeben`,
  refund: "Auf die Karte erstatten",
  decline: "Ablehnen",
  decided: "Entschieden",
  yourAnswer: "Antwort",
  more: "Mehr zeigen",
};

export const deDisputes: typeof enDisputes = {
  title: "Anfechtungen",
  lead: "Zahlungen, die Käufer bei ihrer Bank zurückgeholt haben. Die Belege schreibt man bei Stripe; hier steht, was mit den Token geschieht.",
  failed: "Die Anfechtungen konnten nicht geladen werden.",
  none: "Noch wurde keine Zahlung angefochten",
  noneBody: "Eine Anfechtung erscheint hier, sobald Stripe davon berichtet, mit den eingefrorenen Token.",
  status: {
    inquiry: "Anfrage: noch floss kein Geld",
    closed: "Anfrage beendet",
    open: "Offen: Token eingefroren",
    won: "Gewonnen: Token sind zurück",
    lost: "Verloren",
  },
  reasons: {
    fraudulent: "sagt, es war jemand anderes",
    product_not_received: "sagt, nichts kam an",
    product_unacceptable: "sagt, es war anders als beschrieben",
    duplicate: "sagt, es wurde doppelt berechnet",
    subscription_canceled: "sagt, der Plan war beendet",
    credit_not_processed: "sagt, das Geld kam nie zurück",
    unrecognized: "kennt die Zahlung nicht",
    general: "nennt keinen Grund",
  },
  respondBy: (when) => `Bei Stripe antworten bis ${when}`,
  frozen: (tokens) => `${tokens} eingefroren`,
  gone: (tokens) => `${tokens} zurückgenommen`,
  loss: (money) => `${money} waren schon ausgegeben: unser Verlust`,
  fee: (money) => `Stripe behält ${money}`,
  blocked: "Darf nicht kaufen oder starten",
  lift: "Sperre aufheben",
  liftTitle: "Diese Person wieder kaufen und starten lassen",
  liftBody: "Sagen Sie warum: der Verlust wurde beglichen, oder die Bank irrte. Der Grund wird aufbewahrt.",
  reason: "Grund",
  keep: "Beibehalten",
  more: "Mehr zeigen",
};

export const deMoneyAreas: typeof enMoneyAreas = {
  complaints: { label: "Beschwerden", what: "Leute, die ein Problem gemeldet haben und auf Antwort warten." },
  disputes: { label: "Anfechtungen", what: "Bei einer Bank zurückgeholte Zahlungen, und wer deswegen gesperrt ist." },
};
