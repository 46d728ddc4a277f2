// The ledger's documents: what the code inserts; the triggers of migrations/0001_ledger.sql and 0010_lots.sql post the
// double entry, move the wallet and write its history in the same transaction. Statements are returned, not run, so that a
// caller can commit them together with its own rows in one `db.batch`.

import type { Millis } from "../clock.ts";

/** Draw order: a lower priority is spent first, then what expires sooner, then promotional before paid, then the older. */
export const LOT_PRIORITY = { promo: 10, paid: 50 } as const;

/**
 * Where a lot came from. Those of `paid` kind were paid for by somebody (an organisation for its member, too) and are owed;
 * those of `promo` kind are the platform's gift. Also in `lot_sources` (migrations/0010_lots.sql).
 */
export type LotSource =
  | "purchase"
  | "bundle"
  | "top_up"
  | "subscription"
  | "organisation"
  | "promotion"
  | "trial"
  | "referral"
  | "reversal"
  | "refund_undone"
  | "dispute_won";

/** What an organisation gave is for its own purposes, so it goes before what a person bought, after what may be lost. */
const ORGANISATION_PRIORITY = 30;
const priorityOf = ({ kind, source }: Pick<Issuance, "kind" | "source">): number =>
  source === "organisation" ? ORGANISATION_PRIORITY : LOT_PRIORITY[kind];

/** An empty wallet. `id` is the random subject id the books know a person by. Repeating it changes nothing. */
export const createWalletStatement = (db: D1Database, id: string, now: Millis): D1PreparedStatement =>
  db.prepare("INSERT OR IGNORE INTO wallets (id, created_at) VALUES (?, ?)").bind(id, now);

export interface Issuance {
  /** `purchase:<checkout id>` or `promo:<grant>`: the ledger transaction, so a second insert aborts (`document_exists`). */
  id: string;
  lotId: string;
  walletId: string;
  kind: "paid" | "promo";
  /** `purchase` or, of promotional tokens, `promotion` where nothing is said. */
  source?: LotSource;
  tokens: number;
  /** What Stripe took for them, without tax: less than list price in a bundle; 0 for promotional tokens. */
  paidCents: number;
  /** What Stripe took on top for the state. */
  taxCents?: number;
  /** Where the money came in: through Stripe where nothing is said. */
  receivedIn?: "stripe_clearing" | "bank";
  /** Where in the draw order; by kind and source where nothing is said. */
  priority?: number;
  /** Promotional only; paid tokens never expire. */
  expiresAt?: Millis | null;
  paymentId?: string | null;
  at: Millis;
}

/** Tokens come into a wallet. Aborts (`lot_source_unknown`) where the source is not one of its kind. */
export const issueStatement = (db: D1Database, it: Issuance): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO issuances (id, lot_id, wallet_id, kind, source, tokens, paid_cents, tax_cents, received_in,
         priority, expires_at, payment_id, at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      it.id,
      it.lotId,
      it.walletId,
      it.kind,
      it.source ?? (it.kind === "paid" ? "purchase" : "promotion"),
      it.tokens,
      it.paidCents,
      it.taxCents ?? 0,
      it.receivedIn ?? "stripe_clearing",
      it.priority ?? priorityOf(it),
      it.expiresAt ?? null,
      it.paymentId ?? null,
      it.at,
    );

export interface Withdrawal {
  /** `refund:<stripe refund>` or `expire:<lot>:<tokens gone before>`. */
  id: string;
  lotId: string;
  kind: "refund" | "expiry";
  tokens: number;
  paymentId?: string | null;
  at: Millis;
}

/** Unspent tokens leave a lot. Aborts (`lot_bounds`, `overdraft`) when the lot has fewer left. */
export const withdrawStatement = (db: D1Database, it: Withdrawal): D1PreparedStatement =>
  db
    .prepare("INSERT INTO withdrawals (id, lot_id, kind, tokens, payment_id, at) VALUES (?, ?, ?, ?, ?, ?)")
    .bind(it.id, it.lotId, it.kind, it.tokens, it.paymentId ?? null, it.at);

export interface Reversal {
  /** Also the id of the new lot of paid tokens. */
  id: string;
  sessionId: string;
  tokens: number;
  /** For people: why. */
  reason: string;
  at: Millis;
}

/**
 * Tokens of a settled session come back in a new lot, and provider and platform give back what they earned by them: the
 * difference between the split of what was used and the split of what is left of it. A provider that was paid out already
 * owes it. Aborts (`session_not_settled`, `reversal_exceeds_use`); a second insert of an id aborts (`document_exists`).
 * @see docs/accounting.md, "Reversals"
 */
export const reverseStatement = (db: D1Database, it: Reversal): D1PreparedStatement =>
  db
    .prepare("INSERT INTO reversals (id, session_id, tokens, reason, at) VALUES (?, ?, ?, ?, ?)")
    .bind(it.id, it.sessionId, it.tokens, it.reason, it.at);

/** True when a document was refused because its id is already in the books: the posting was made before. */
export const isAlreadyPosted = (error: unknown): boolean =>
  /document_exists|UNIQUE constraint failed: (issuances|withdrawals|reversals)\./.test(
    String((error as Error)?.message),
  );

export interface Wallet {
  id: string;
  available: number;
  held: number;
}
export const readWallet = (db: D1Database, id: string): Promise<Wallet | null> =>
  db.prepare("SELECT id, available, held FROM wallets WHERE id = ?").bind(id).first<Wallet>();

export type { Finding } from "../books/check.ts";
export { findDiscrepancies } from "../books/check-store.ts";
