// What a person sees of their wallet: the balance with its money value, and the history whose rows sum to it.

import { iso, isoOrNull, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { readLots } from "../ledger/lot-store.ts";
import { expireWallet } from "../ledger/lots.ts";
import type { LotSource } from "../ledger/store.ts";
import { CURRENCY, TOKEN_CENTS } from "../money.ts";
import { readBalance, readEntries, type EntryRow, type EntryType } from "./store.ts";

export interface Balance {
  /** Spendable now. */
  balance: number;
  /** Set aside for open sessions. */
  held: number;
  total: number;
  /** `total` at list price, in minor units. */
  value: { amount: number; currency: string };
  /** `balance` by what it is made of. */
  lots: { paid: number; promotional: number };
  nextExpiry: { tokens: number; at: string } | null;
}

/** One read of D1, whatever the wallet holds; what has expired since anybody looked is written off first. */
export async function walletBalance(db: D1Database, walletId: string, now: Millis): Promise<Balance> {
  let row = await readBalance(db, walletId, now);
  if (row && row.expired > 0) {
    await expireWallet(db, walletId, now);
    row = await readBalance(db, walletId, now);
  }
  const { available, held, paid, promotional } = row ?? { available: 0, held: 0, paid: 0, promotional: 0 };
  return {
    balance: available,
    held,
    total: available + held,
    value: { amount: (available + held) * TOKEN_CENTS, currency: CURRENCY },
    lots: { paid, promotional },
    nextExpiry: row?.expiresAt ? { tokens: row.expiringTokens ?? 0, at: iso(row.expiresAt) } : null,
  };
}

/** Tokens that came in together, as their owner sees them. */
export interface LotView {
  id: string;
  kind: "paid" | "promotional";
  source: LotSource;
  /** Spendable now. */
  tokens: number;
  /** How many they were. */
  issuedTokens: number;
  expiresAt: string | null;
  createdAt: string;
}

/** More lots than this are of no use on a page; what is spent first comes first. */
const LOTS_SHOWN = 200;

/** What the balance is made of, in the order it will be spent. */
export async function walletLots(db: D1Database, walletId: string, now: Millis): Promise<LotView[]> {
  const rows = await readLots(db, walletId, { now, limit: LOTS_SHOWN });
  return rows.map(({ id, kind, source, remaining, issued, expiresAt, createdAt }) => ({
    id,
    kind: kind === "paid" ? "paid" : "promotional",
    source,
    tokens: remaining,
    issuedTokens: issued,
    expiresAt: isoOrNull(expiresAt),
    createdAt: iso(createdAt),
  }));
}

export interface Transaction {
  id: string;
  type: EntryType;
  /** Signed: what it did to the balance. */
  amount: number;
  balanceAfter: number;
  sessionId?: string;
  providerName?: string;
  paymentIntentId?: string;
  createdAt: string;
}

/**
 * One page of a wallet's history, newest first. With `cursor` a page stays where it was while new rows come in; `offset`
 * counts from the newest row of the moment.
 * @throws DomainError `invalid_cursor`
 */
export async function walletTransactions(
  db: D1Database,
  walletId: string,
  page: { limit: number; offset: number; cursor: string | null },
  now: Millis,
): Promise<{ transactions: Transaction[]; nextCursor: string | null; total: number }> {
  const beforeSeq = page.cursor === null ? null : readCursor(page.cursor);
  const read = () => readEntries(db, walletId, { limit: page.limit, offset: page.offset, beforeSeq, now });
  let answer = await read();
  if (answer.hasExpired) {
    await expireWallet(db, walletId, now);
    answer = await read();
  }
  const { total, entries } = answer;
  const last = entries.at(-1);
  return {
    transactions: entries.map((entry) => transactionOf(walletId, entry)),
    nextCursor: last && last.seq > 1 ? String(last.seq) : null,
    total,
  };
}

const transactionOf = (walletId: string, entry: EntryRow): Transaction => ({
  id: entryId(walletId, entry),
  type: entry.type,
  amount: entry.amount,
  balanceAfter: entry.balanceAfter,
  ...(entry.sessionId !== null && { sessionId: entry.sessionId }),
  ...(entry.providerName !== null && { providerName: entry.providerName }),
  ...(entry.paymentId !== null && { paymentIntentId: entry.paymentId }),
  createdAt: iso(entry.at),
});

/** A UUIDv7 made of what the row is (RFC 9562 section 5.7): its time, its number, and the wallet it belongs to. The books
 * know a row by wallet and number, which need no other name. */
function entryId(walletId: string, { at, seq }: { at: Millis; seq: number }): string {
  const time = at.toString(16).padStart(12, "0");
  const number = seq.toString(16).padStart(9, "0").slice(-9);
  const wallet = walletId.replaceAll("-", "").slice(-9).padStart(9, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${number.slice(0, 3)}-8${number.slice(3, 6)}-${number.slice(6)}${wallet}`;
}

function readCursor(cursor: string): number {
  if (!/^[1-9]\d{0,14}$/.test(cursor))
    throw new DomainError("invalid_cursor", "This cursor is not one of ours. Start again without it.");
  return Number(cursor);
}
