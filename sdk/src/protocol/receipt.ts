// The signed receipt of a settled session: a compact JWS (RFC 7515, ES256) whose payload is this document as canonical JSON
// (RFC 8785). It names nobody: `chain` is the same for all receipts of one wallet and says nothing about its owner.
// docs/receipts.md shows how to check one with public tools.

import type { EndReason, PauseCause } from "./session.ts";

export const RECEIPT_TYPE = "mp-receipt+jwt";
/** Where the public keys are, the retired ones too. */
export const RECEIPT_KEYS_PATH = "/.well-known/receipt-keys.json";

export interface ReceiptInterval {
  kind: "active" | "paused";
  /** Why the clock stood; null while active. */
  cause: PauseCause | null;
  from: string;
  to: string;
}

export interface ReceiptLine {
  meter: string;
  /** Units charged for, decimal text. */
  quantity: string;
  /** Exact tokens, decimal text; the sum of all lines is rounded up once. */
  amount: string;
  /** The part of the hold that cut the amount; otherwise null. */
  cappedAt: string | null;
}

/** Times are ISO 8601 UTC, amounts whole tokens unless said otherwise. */
export interface ReceiptDocument {
  version: 1;
  /** The marketplace's origin. */
  iss: string;
  /** When it was settled, in whole seconds since the epoch. */
  iat: number;
  /** Which chain it belongs to, and its place there: 1, 2, 3 ... */
  chain: string;
  number: number;
  /** The number of an earlier receipt of the same session that this one replaces: a disputed slice was decided. */
  corrects?: number;
  /** SHA-256 (base64url) of the text of the receipt before it; null for number 1. */
  previous: string | null;
  session: {
    id: string;
    endReason: EndReason;
    startedAt: string | null;
    endedAt: string;
    settledAt: string;
    /** The limit, extensions included. */
    durationSeconds: number;
    /** The person agreed to pay for all of it; left out where the clock decides. */
    fixedDuration?: true;
  };
  provider: { id: string; name: string };
  price: {
    versionId: string;
    components: unknown[];
    feeBasisPoints: number;
    tokenCents: number;
    currency: string;
    /** Active seconds at the start that cost nothing; left out where there were none. */
    trialSeconds?: number;
    /** Of the platform's fee, given back by the person's plan; left out without one. */
    feeRebateBasisPoints?: number;
  };
  time: {
    /** What was billed: whole seconds the clock ran; a fixed duration as a whole, unless somebody else cut it short. */
    activeSeconds: number;
    pausedSeconds: number;
    /** Of those, the ones the clock stood still by itself: nobody was there, or the page was gone. */
    autoPausedSeconds: number;
  };
  /** The whole life of the session, without a gap. */
  intervals: ReceiptInterval[];
  extensions: { at: string; seconds: number; heldTokens: number; automatic: boolean }[];
  lines: ReceiptLine[];
  tokens: {
    held: number;
    used: number;
    returned: number;
    /** Held until it is decided whether it was used; left out where nothing is. */
    disputed?: number;
    /** Of `held`, what the person's plan covered, and of `used`, what it paid for: the smaller of both. Left out without one. */
    reserved?: number;
    included?: number;
    /** Share and fee are of what was charged: `used` less `included`. */
    providerShare: number;
    platformFee: number;
    /** What the plan gave back of the fee: lines add up to `used` and this. Left out without a plan. */
    rebate?: number;
    /** What the time the clock stood by itself would have cost. */
    savedByAutoPause: number;
  };
}
