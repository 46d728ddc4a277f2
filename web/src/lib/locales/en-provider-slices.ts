// The words of disputed slices for the two who work on them: an app's owner, and operators. In English.

export const enSliceWork = {
  ownTitle: "Disputed use",
  ownLead:
    "Sessions in which your server reported more than the person's page saw. What both agree on is paid; show evidence for the rest in time, or it goes back.",
  accuracy: (percent: string, agreed: string, compared: string, days: string) =>
    `${percent} of the figures both sides gave agree: ${agreed} of ${compared} in ${days} days. Everybody can see this.`,
  noAccuracy: "Nothing was compared yet. Let your page say what it saw: the option observed of the SDK.",
  ownNone: "Nothing is disputed",
  ownNoneBody:
    "When a page sees less than your server reports, it stands here and you are told by the event usage.disputed.",
  failed: "The list could not be loaded.",
  held: (tokens: string) => `${tokens} held`,
  disputed: (tokens: string) => `${tokens} disputed`,
  difference: (meter: string, counted: string, reported: string) =>
    `${meter}: counted ${counted}, reported ${reported}`,
  status: {
    open: (day: string) => `Show evidence until ${day}`,
    shown: (day: string) => `The person may contest it until ${day}`,
    contested: (day: string) => `An operator decides until ${day}`,
    closed: (charged: string, returned: string) => `Decided: ${charged} charged, ${returned} returned`,
  },
  show: "Show evidence",
  records: "Reports you can show",
  recordsHint:
    "One a line: the idempotency key you sent it with, a space, and what was done. At most 200 lines. It is shown once.",
  recordsMissing: "Each line needs a key and, after a space, what was done.",
  note: "What you want to add",
  send: "Show it to the person",
  cancel: "Not now",
  session: "Session",
  operatorTitle: "Disputed use",
  operatorLead: "What a person contests of an app's evidence. If nobody decides in time, the lower figure stands.",
  operatorNone: "Nothing waits",
  operatorNoneBody: "Evidence that a person contests comes here.",
  tabsLabel: "State",
  tabs: { open: "Waits for evidence", shown: "Waits for the person", contested: "Waits for you", closed: "Decided" },
  contest: "The person says",
  evidence: "The app says",
  reason: "Why",
  reasonHint: "Both sides read it.",
  reasonMissing: "Write a sentence, so that both sides understand it.",
  forProvider: "The app is right",
  forPerson: "The person is right",
};
export type SliceWorkWords = typeof enSliceWork;
