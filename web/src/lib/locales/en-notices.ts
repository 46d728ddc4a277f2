// Notices on a device, in English: what they say, and the switch for them.

export const enNotices = {
  title: "Notices on this device",
  lead: "Five minutes before a session ends, and your news, while no page of ours is in front. They end when you sign out here.",
  on: "On for this browser.",
  off: "Off for this browser.",
  turnOn: "Turn on notices",
  turningOn: "Asking your browser",
  turnOff: "Turn off",
  unsupported: "This browser cannot show notices. On an iPhone or iPad, add this page to the home screen first.",
  denied: "This browser does not let us. Allow notifications for this site in its settings, then load this page again.",
  silent: "Your browser’s push service did not answer. Check your connection and try again; nothing was changed.",
  notOffered: "This marketplace sends no notices to devices.",
  failed: "Your devices could not be loaded. Nothing was changed.",
  others: "Also on",
  since: (moment: string) => `since ${moment}`,
  remove: (label: string) => `Remove ${label}`,
  removeNow: "Remove",
  browserOn: (browser: string, system: string) => `${browser} on ${system}`,
  aBrowser: "A browser",
  expiring: (duration: string) => `Your session ends in ${duration}`,
  expiringBody: (app: string) => `${app}. Extend it, or let it end: what is not used comes back.`,
  news: "News for you",
  newsBody: "Open it to read what happened.",
};
export type NoticesWords = typeof enNotices;
