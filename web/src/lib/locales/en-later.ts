// The words of planned sessions and of auto-pause rules in English. Each says what is held, and when.

export const enLater = {
  plan: {
    open: "Plan it for later",
    lead: "Nothing is held until you start it. We remind you five minutes ahead; it can be started until half an hour after.",
    when: "When",
    minutes: "Minutes",
    save: "Plan",
    saving: "Planning",
    done: (moment: string) => `Planned for ${moment}. You find it under Sessions.`,
    past: "Choose a time from now to 90 days ahead, and 5 to 180 minutes.",
  },
  plans: {
    title: "Planned",
    at: (moment: string, minutes: string) => `${moment}, ${minutes} minutes`,
    opens: (moment: string) => `Can be started from ${moment}`,
    due: (moment: string) => `Can be started until ${moment}`,
    missed: "Not started in its time. Nothing was held.",
    start: "See the price and start",
    cancel: "Cancel",
    failed: "The planned sessions could not be loaded.",
  },
  pauses: {
    title: "Pauses",
    back: "Account",
    lead: "A meter stops by itself after two minutes without activity. You can have it stop sooner, and allow yourself so many minutes a day. Your rules hold from the next session on and never make a meter run longer.",
    failed: "This could not be loaded. Nothing was changed.",
    all: "All apps together",
    idle: "Pause after",
    idleDefault: "2 minutes (as everywhere)",
    idleSeconds: (seconds: string) => `${seconds} seconds`,
    daily: "Minutes a day",
    dailyHint: (used: string, moment: string) => `${used} used today; the next day begins ${moment}. Empty: no limit.`,
    remove: "Remove",
    addApp: "Rule for one app",
    chooseApp: "Choose an app you have used",
    save: "Save",
    saving: "Saving",
    saved: "Saved.",
  },
};
export type LaterMessages = typeof enLater;
