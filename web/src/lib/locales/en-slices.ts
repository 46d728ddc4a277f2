// The words of disputed slices, in English.

export const enSlice = {
  title: "A part of this session is disputed",
  closedTitle: "A part of this session was disputed",
  lead: (app: string, tokens: string) =>
    `${app} reported more than your page saw. What both agree on is paid; ${tokens} stay held until it is decided.`,
  meter: (meter: string, seen: string, reported: string) =>
    `${meter}: your page saw ${seen}, the app reported ${reported}`,
  open: (day: string) => `The app can show evidence until ${day}. If it does not, the tokens come back to you.`,
  shown: (tokens: string, day: string) =>
    `The app showed evidence for ${tokens}. Contest it until ${day} if it is wrong; otherwise it is charged.`,
  contested: (day: string) => `You contested it. A person decides until ${day}; if nobody does, the tokens come back.`,
  closed: (charged: string, returned: string) => `It is decided: ${charged} charged, ${returned} came back.`,
  evidence: "What the app says it did",
  note: "The app adds",
  reason: "Why it was decided so",
  accept: "That is right, pay it",
  contest: "Contest it",
  contestLabel: "What did you see?",
  contestHint: "An operator reads it, and so does the app. At most 2,000 characters.",
  contestMissing: "Write a sentence, so that we know what to look at.",
  send: "Send",
  cancel: "Not now",
  failed: "The disputed part could not be loaded. Your tokens are not affected.",
};

/** What a person is told of disputed slices; null for other news. */
export function enSliceNews(
  kind: string,
  data: Record<string, unknown>,
  count: (value: number) => string,
): string | null {
  const [app, tokens] = [String(data.providerName), count(Number(data.tokens ?? 0))];
  switch (kind) {
    case "slice_opened":
      return `${app} reported more than your page saw. ${tokens} tokens stay held until it is decided.`;
    case "slice_shown":
      return `${app} showed evidence for ${tokens} disputed tokens. Look at it on the receipt, and contest it if it is wrong.`;
    case "slice_closed":
      return `The disputed part of a session with ${app} is decided: ${count(Number(data.returnedTokens ?? 0))} tokens came back.`;
    default:
      return null;
  }
}
