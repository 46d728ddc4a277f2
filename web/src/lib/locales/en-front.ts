// The words of the home page in English; no other page loads them.

export const enFront = {
  title: "Many apps, one balance, and a meter that stops when you do",
  headline: "The meter stops when you do.",
  lead: "Many apps, one balance. You see the most a session can cost before it starts, and pay only for what you used.",
  how: "How it works",
  lines: (appShare: string, ourShare: string) => [
    "Buy tokens once. One token is one US cent, in every app.",
    "Before an app starts you see the most it can cost.",
    "That amount is held, not spent. The meter runs only while you work.",
    "Leave, and what you did not use is back in seconds.",
    `The app earns ${appShare} of what you spend, we keep ${ourShare}, and both are on every receipt.`,
  ],
  searchLabel: "What do you want to get done?",
  searchPlaceholder: "Write a report, clean up data, cut a video",
  search: "Find apps",
  browse: "See all apps",
  sampleTitle: "Try the meter",
  sampleRate: (rate: string) =>
    `An app at ${rate} tokens an hour, started for 60 minutes. One second here is one minute.`,
  sampleHeld: "Held",
  sampleUsed: "Used",
  sampleBack: "Comes back",
  sampleNote: "A sample: no tokens move here.",
  sampleStop: "Get out",
  sampleStart: "Start the meter",
  sampleStopped: (used: string, back: string) => `You pay ${used} tokens. ${back} are back in your balance.`,
  sampleMinute: (minute: string) => `Minute ${minute} of 60`,
  popular: "Start here",
  providers: "You build an app?",
  providersBody: (share: string) =>
    `Set a price by time or by the piece and paste one tag. We hold, count and settle; ${share} of every session is yours.`,
};
export type FrontWords = typeof enFront;
