// The words of the operators' page about held referrals, in German.

import type { enHeldReferrals, enHeldReferralsArea } from "./en-held-referrals.ts";

export const deHeldReferrals: typeof enHeldReferrals = {
  title: "Angehaltene Empfehlungen",
  lead: "Sie sehen nach einer Person mit vielen Konten aus. Niemand wird belohnt, bis Sie entscheiden.",
  failed: "Die Empfehlungen ließen sich nicht laden.",
  none: "Keine Empfehlung ist angehalten",
  noneBody:
    "Eine wird angehalten, wenn sich beide Seiten eine Karte oder ein Auszahlungskonto teilen oder jemand sehr viele Leute bringt.",
  brought: (referrer, referred) => `${referrer} brachte ${referred}`,
  why: { linked_accounts: "Verbundene Konten", many_referrals: "Sehr viele Leute in 30 Tagen" },
  people: (count, written) => (count === 1 ? "1 Person insgesamt gebracht" : `${written} Leute insgesamt gebracht`),
  erased: "ein gelöschtes Konto",
  link: {
    card: (who) => `zahlte mit derselben Karte wie ${who}`,
    payout: (who) => `wird auf dasselbe Konto ausgezahlt wie ${who}`,
    operator: (who) => `vom Betrieb verbunden mit ${who}`,
  },
  theReferrer: "die empfehlende Seite",
  eachGets: "an jede Seite",
  decide: "Entscheiden",
  decideFor: (referred) => `Über ${referred} entscheiden`,
  decideTitle: (tokens) => `Über ${tokens} an jede Seite entscheiden`,
  decideBody:
    "Freigeben: Sie läuft weiter, und beide werden belohnt, sobald der Kauf so lange stand wie vereinbart. Ablehnen: Niemand wird je dafür belohnt.",
  reason: "Grund",
  reasonHint: "Er bleibt bei der Empfehlung stehen.",
  release: "Freigeben",
  decline: "Ablehnen",
  keep: "Jetzt nicht",
  done: {
    release: (referred) => `Die Empfehlung von ${referred} läuft weiter.`,
    decline: (referred) => `Die Empfehlung von ${referred} ist abgelehnt.`,
  },
};
export const deHeldReferralsArea: typeof enHeldReferralsArea = {
  referrals: {
    label: "Empfehlungen",
    what: "Belohnungen fürs Mitbringen, die nach Konten einer einzigen Person aussehen.",
  },
};
