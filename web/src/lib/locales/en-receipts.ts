// The words about signed receipts in English: the page that checks them, and what stands on a receipt itself.

import type { ReceiptProblemCode } from "$receipts/verify.ts";

export const enVerify = {
  title: "Check a receipt",
  lead: "Every receipt is signed, and names the one before it. Check that yours is genuine and complete. It happens on this page: nothing you put here is sent anywhere.",
  label: "Signed receipts",
  hint: "Paste one, or the whole file of yours.",
  file: "Open a file",
  drop: "or drop it here",
  keysTitle: "Which keys it is checked with",
  keysOurs: "The keys this marketplace publishes now. It keeps the old ones there, so old receipts stay checkable.",
  keysOwn: "Use a key file I kept instead",
  keysLabel: "Key set (JSON)",
  check: "Check",
  checking: "Checking",
  genuineOne: "Genuine",
  genuineMany: (count: string) => `Genuine: ${count} receipts, an unbroken chain`,
  fromTheBeginning: "It begins with your first receipt, so nothing before it is missing.",
  aPiece: (number: string) => `It begins with number ${number}. What was before it is not in this text.`,
  tailHint: "Receipts missing at the end cannot be seen here. Your wallet says how many there are.",
  refused: "Not genuine",
  refusedBody: (count: string) => (count === "1" ? "One receipt is refused." : `${count} receipts are refused.`),
  nothing: "There is no receipt in this text.",
  noKeys: "There is no key in this key set.",
  keysFailed:
    "The keys could not be loaded. You are offline, or the marketplace does not answer. Use a key file you kept.",
  number: (number: string) => `Number ${number}`,
  unreadable: "Cannot be read",
  used: "Paid",
  returned: "Came back",
  share: "To the app",
  fee: "Platform fee",
  signedWith: "Signed with key",
  session: "Session",
  price: "Price version",
  previous: "Follows",
  first: "Nothing: it is the first",
  problems: {
    malformed: "This is not a signed receipt: it cannot be read.",
    not_a_receipt: "This is signed, but it is not a receipt.",
    unknown_key: "It was not signed with any of these keys.",
    signature: "It was changed after it was signed, or somebody else signed it.",
    contents: "It is signed, but its times or amounts do not add up. Please tell us.",
    other_chain: "It belongs to another wallet than the one before it.",
    out_of_order: "It is in the wrong place: a later one stands before it.",
    missing: "At least one receipt is missing before it.",
    twice: "There are two receipts with this number.",
    broken_link: "It does not follow the receipt before it, but another one.",
  } satisfies Record<ReceiptProblemCode, string> as Record<ReceiptProblemCode, string>,
  checkedTitle: "What was checked",
  checked: [
    "The signature of each receipt, with the key it names.",
    "That its active and paused times fill the session without a gap, and add up to what was billed.",
    "That the lines add up to what was paid, share and fee to the whole, and used and returned to what was held.",
    "That each receipt follows the one before it: none left out, swapped or repeated.",
  ],
};
export type VerifyMessages = typeof enVerify;

/** On the receipt of a session, and in the wallet. */
export const enSigned = {
  number: (number: string) => `Receipt ${number}`,
  fixed: "Fixed duration, paid as a whole as agreed",
  saved: "Saved by pausing itself",
  savedHint: (duration: string) => `The clock stood ${duration} while you were away.`,
  save: "Save signed receipt",
  check: "Check it",
  minutes: "Minute by minute",
  active: "Running",
  paused: "Paused",
  extended: (duration: string) => `Extended by ${duration}`,
  saveAll: "Save all receipts",
  savingAll: "Collecting receipts",
  none: "There is no receipt yet. Each finished session gets one.",
  allSaved: (count: string) => (count === "1" ? "1 receipt saved." : `${count} receipts saved.`),
};
export type SignedMessages = typeof enSigned;
