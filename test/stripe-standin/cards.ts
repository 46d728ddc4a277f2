// The test cards this page takes, and what each one does. Numbers: docs.stripe.com/testing. A full number is read here
// and forgotten; only brand, last four digits and expiry go further.

export type CardOutcome =
  | { kind: "succeeds" }
  | { kind: "challenges" }
  | { kind: "declines"; code: string; declineCode: string; message: string };

export interface TestCard {
  brand: "visa" | "mastercard" | "amex";
  outcome: CardOutcome;
}

const declines = (code: string, declineCode: string, message: string): CardOutcome => ({
  kind: "declines",
  code,
  declineCode,
  message,
});

const TEST_CARDS: Record<string, TestCard> = {
  "4242424242424242": { brand: "visa", outcome: { kind: "succeeds" } },
  "5555555555554444": { brand: "mastercard", outcome: { kind: "succeeds" } },
  "378282246310005": { brand: "amex", outcome: { kind: "succeeds" } },
  "4000000000000002": {
    brand: "visa",
    outcome: declines("card_declined", "generic_decline", "Your card was declined."),
  },
  "4000000000009995": {
    brand: "visa",
    outcome: declines("card_declined", "insufficient_funds", "Your card has insufficient funds."),
  },
  "4000002500003155": { brand: "visa", outcome: { kind: "challenges" } },
  "4000002760003184": { brand: "visa", outcome: { kind: "challenges" } },
};

/** What may be kept of a card. */
export interface CardFacts {
  brand: TestCard["brand"];
  last4: string;
  /** The same for the same card, whoever uses it; says nothing of the number. */
  fingerprint: string;
  expMonth: number;
  expYear: number;
  name: string | null;
}
export interface CardInput {
  number: string;
  /** `MM / YY`; default: valid for years. */
  expiry?: string;
  cvc?: string;
  name?: string;
}
export type CardField = "number" | "expiry" | "cvc" | "name";
export type CardReading =
  | { ok: true; facts: CardFacts; outcome: CardOutcome }
  | { ok: false; field: CardField; code: string; message: string };

const refuse = (field: CardField, code: string, message: string): CardReading => ({ ok: false, field, code, message });

/** Reads what was typed. Only known test cards pass: this page must never see a real number. */
export function readCard(input: CardInput, now: Date): CardReading {
  const digits = input.number.replaceAll(/[\s-]/g, "");
  if (!/^\d{12,19}$/.test(digits) || !passesLuhn(digits))
    return refuse("number", "incorrect_number", "Your card number is incorrect.");
  const card = TEST_CARDS[digits];
  if (!card)
    return refuse(
      "number",
      "test_mode_live_card",
      "This page takes only Stripe's test cards, such as 4242 4242 4242 4242. Never type a real card here.",
    );
  const expiry = readExpiry(input.expiry ?? `12 / ${(now.getUTCFullYear() + 4) % 100}`);
  if (!expiry)
    return refuse("expiry", "invalid_expiry_month", "Write the expiry date as month and year, such as 12 / 34.");
  if (expiry.year * 12 + expiry.month < now.getUTCFullYear() * 12 + now.getUTCMonth() + 1)
    return refuse("expiry", "expired_card", "Your card has expired.");
  const cvcLength = card.brand === "amex" ? 4 : 3;
  if (input.cvc !== undefined && !new RegExp(`^\\d{${cvcLength}}$`).test(input.cvc.trim()))
    return refuse("cvc", "incorrect_cvc", `Your card's security code has ${cvcLength} digits.`);
  return {
    ok: true,
    outcome: card.outcome,
    facts: {
      brand: card.brand,
      last4: digits.slice(-4),
      fingerprint: fingerprintOf(digits),
      expMonth: expiry.month,
      expYear: expiry.year,
      name: input.name?.trim() || null,
    },
  };
}

function readExpiry(text: string): { month: number; year: number } | null {
  const match = /^\s*(\d{1,2})\s*\/?\s*(?:20)?(\d{2})\s*$/.exec(text);
  const month = Number(match?.[1]);
  return match && month >= 1 && month <= 12 ? { month, year: 2000 + Number(match[2]) } : null;
}

/** FNV-1a over the number and a word of ours, in Stripe's sixteen characters. Test numbers are public: nothing to hide. */
function fingerprintOf(digits: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const char of `standin ${digits}`)
    hash = BigInt.asUintN(64, (hash ^ BigInt(char.charCodeAt(0))) * 0x100000001b3n);
  return hash.toString(36).padStart(16, "0").slice(-16);
}

/** ISO/IEC 7812-1 check digit. */
export function passesLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
