// The words of returning a purchase and of reporting a problem, in German.

import type { enMoneyBackNews, enProblem, enRefund } from "./en-money-back.ts";

export const deProblem: typeof enProblem = {
  button: "Problem melden",
  hint: "Ein Mensch liest es und antwortet hier.",
  title: "Problem melden",
  lead: (app) => `Schreiben Sie, was bei ${app} schiefging. Wir können Token zurückgeben oder das Geld auf Ihre Karte.`,
  category: "Was geschah",
  categories: {
    not_working: "Es funktionierte nicht",
    charged_too_much: "Es kostete zu viel",
    not_as_described: "Es war nicht, was es versprach",
    not_me: "Das war ich nicht",
    other: "Etwas anderes",
  },
  text: "In Ihren Worten",
  textHint: "Wann es geschah und was Sie sahen. Höchstens 2.000 Zeichen.",
  textMissing: "Schreiben Sie einen Satz, damit wir wissen, wonach wir suchen.",
  send: "Meldung senden",
  cancel: "Jetzt nicht",
  sectionTitle: "Ihre Meldung",
  failed: "Ihre Meldungen konnten nicht geladen werden. Ihre Token sind davon nicht berührt.",
  open: "Wir sehen es uns an",
  granted: (tokens, money) => `Sie haben ${tokens} zurückbekommen (${money})`,
  refunded: (tokens, money) => `${tokens} gingen zurück auf Ihre Karte (${money})`,
  declined: "Wir haben keine Token zurückgegeben",
  answered: "Unsere Antwort",
};

export const deRefund: typeof enRefund = {
  title: "Anders überlegt?",
  lead: (tokens, money) =>
    `${tokens} dieses Kaufs sind nicht ausgegeben. Geben Sie sie zurück, und ${money} gehen auf die Karte, mit der Sie bezahlt haben.`,
  until: (day) => `Das geht bis ${day}.`,
  button: (money) => `Zurückgeben und ${money} erhalten`,
  confirmTitle: "Diesen Kauf zurückgeben",
  confirm: (tokens, money) =>
    `${tokens} verlassen jetzt Ihr Guthaben. ${money} gehen auf Ihre Karte zurück, was bei den meisten Banken fünf bis zehn Tage dauert.`,
  keep: "Token behalten",
  done: (money) => `${money} sind auf dem Weg zu Ihrer Karte. Wir sagen Bescheid, falls etwas sie aufhält.`,
  failed: "Was zurückgegeben werden kann, war nicht zu erfahren. Ihre Token sind davon nicht berührt.",
  whyNot: {
    not_paid: "",
    nothing_left: "Von diesem Kauf ist nichts mehr übrig.",
    too_late: "Die Zeit, es selbst zurückzugeben, ist vorbei. Schreiben Sie uns, wenn etwas nicht stimmte.",
    in_progress: "Eine Erstattung dieses Kaufs ist auf dem Weg zu Ihrer Karte.",
    disputed: "Diese Zahlung ist bei Ihrer Bank angefochten, die jetzt darüber entscheidet.",
    too_many: "Sie haben zuletzt mehrere Käufe zurückgegeben. Schreiben Sie uns wegen dieses Kaufs.",
    account_blocked: "Ihr Konto ist angehalten, solange eine Zahlung geklärt wird. Schreiben Sie uns.",
  },
};

/** What a person is told of money and tokens that go back; null for other news. */
export const deMoneyBackNews: typeof enMoneyBackNews = (kind, data, count, money) => {
  const tokens = count(Number(data.tokens ?? data.frozenTokens ?? 0));
  const amount = money(Number(data.amountCents ?? 0));
  switch (kind) {
    case "refund_done":
      return `${amount} gingen für ${tokens} Token zurück auf Ihre Karte. Die meisten Banken brauchen fünf bis zehn Tage.`;
    case "refund_refused":
      return `Eine Erstattung von ${amount} war nicht möglich. Ihre ${tokens} Token sind wieder im Guthaben.`;
    case "refund_failed":
      return `Ihre Bank hat eine Erstattung von ${amount} zurückgegeben. Die Token sind wieder im Guthaben.`;
    case "dispute_opened":
      return `Eine Zahlung von ${amount} ist bei der Bank angefochten. ${tokens} Token davon warten auf die Entscheidung.`;
    case "dispute_won":
      return `Die Anfechtung über ${amount} ist vorbei. Ihre Token sind zurück.`;
    case "dispute_lost":
      return `Die Bank hat ${amount} zurückgeholt. Starten geht wieder, wenn das zurückgezahlt ist: siehe Ihr Guthaben.`;
    case "debt_repaid":
      return Number(data.owedCents ?? 0) > 0
        ? `${tokens} Token haben einen Teil dessen zurückgezahlt, was die Bank geholt hatte. ${money(Number(data.owedCents))} sind noch offen.`
        : `${tokens} Token haben zurückgezahlt, was die Bank geholt hatte. Sie können wieder starten.`;
    case "tokens_granted":
      return data.source === "organisation"
        ? `Ihre Organisation hat Ihnen ${tokens} Token gegeben.`
        : `Ihnen wurden ${tokens} Token geschenkt.`;
    case "complaint_granted":
      return `Ihre Meldung zu ${String(data.providerName)} ist beantwortet: ${tokens} Token kamen zurück.`;
    case "complaint_declined":
      return `Ihre Meldung zu ${String(data.providerName)} ist beantwortet. Sie lesen es auf dem Beleg.`;
    case "purchase_held":
      return `Ihr Kauf von ${tokens} Token ist bezahlt. Wir sehen ihn uns an, ehe Sie sie ausgeben können, höchstens einen Tag.`;
    default:
      return null;
  }
};
