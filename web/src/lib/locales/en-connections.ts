// The words of connections, in English.

export const enConnections = {
  title: "Connected apps",
  lead: "Accounts of yours at apps. An app learns which of its accounts is yours, and nothing else from here.",
  none: "No app is connected.",
  noneBody: "An app that has accounts of its own sends you here when connecting is useful.",
  failed: "Your connected apps could not be loaded. Your tokens are not affected.",
  since: (day: string) => `Connected ${day}`,
  as: (id: string) => `Your account there: ${id}`,
  broken: "The app does not honour it any more. Connect again, or remove it.",
  again: "Connect again",
  disconnect: (app: string) => `Disconnect ${app}`,
  disconnectBody: (app: string) =>
    `We forget what ${app} gave us at once and ask its server to forget it, too. Your sessions and tokens stay as they are.`,
  keep: "Keep it",
  disconnectNow: "Disconnect",
  gone: (app: string) => `${app} is disconnected, here and there.`,
  goneHere: (app: string) =>
    `${app} is disconnected here. Its server did not confirm it: remove the marketplace there as well.`,
  connectTitle: (app: string) => `Connect ${app}`,
  connectLead: (app: string) =>
    `${app} has accounts of its own. Connect yours, and it knows you when you start a session from here.`,
  learns: (app: string) => `${app} learns`,
  learnsBody:
    "Which of its accounts belongs to the id it knows you by here. Not your name, and not your e-mail address.",
  asks: "We may, in your name",
  asksNothing: "See who you are there. Nothing more.",
  stops: "It ends when you disconnect",
  stopsBody: "On your account page, at any time. It costs no tokens.",
  go: (host: string) => `Go on to ${host}`,
  goHint: "You sign in there, and come back here. We never see your password.",
  key: "Your API key there",
  keyHint: "It is tried at once and kept encrypted.",
  keyMissing: "Enter the key the app gave you.",
  connectKey: "Connect",
  already: (app: string) => `Your account at ${app} is connected.`,
  toAccount: "Look at connected apps",
  notOffered: "This app has no accounts to connect",
  notOfferedBody: "You can use it as it is.",
  toApps: "Look at apps",
  finishing: "Connecting your account",
  done: (app: string) => `${app} is connected`,
  doneBody: (id: string) => `Your account there is ${id}. You can disconnect it on your account page.`,
  toApp: (app: string) => `Open ${app}`,
  notDone: "Nothing was connected",
  tryAgain: "Try again",
};
export type ConnectionWords = typeof enConnections;
