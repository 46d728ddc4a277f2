// Statements as CSV: a month of a provider's account with its opening and closing balance, and one payout with its lines.
// Amounts are whole cents, so that a spreadsheet adds them up exactly.

import { iso, type Millis } from "../clock.ts";
import { csvText } from "../csv.ts";
import { DomainError } from "../errors.ts";
import { CURRENCY } from "../money.ts";
import { readStatement } from "./statement-store.ts";
import { findPayout, LINES_MAX, listLines, type Payout, type PayoutLine } from "./store.ts";

const HEADER = ["date", "type", "reference", "session", "gross_tokens", "fee_tokens", "net_tokens", "amount_cents"];

/**
 * The account of one calendar month (UTC).
 * @param month `2026-11`
 */
export async function monthStatement(db: D1Database, providerId: string, month: string): Promise<string> {
  const [year, number] = month.split("-").map(Number) as [number, number];
  const [from, to] = [Date.UTC(year, number - 1), Date.UTC(year, number)];
  const { openingCents, movements } = await readStatement(db, { providerId, from, to });
  let balance = openingCents;
  const rows = movements.map((it) => {
    balance += it.amountCents;
    return [
      iso(it.at),
      it.kind,
      it.reference,
      it.sessionId,
      it.grossTokens,
      it.feeTokens,
      it.netTokens,
      it.amountCents,
      balance,
      CURRENCY,
    ];
  });
  const balanceRow = (at: Millis, type: string, cents: number) => [
    iso(at),
    type,
    null,
    null,
    null,
    null,
    null,
    null,
    cents,
    CURRENCY,
  ];
  return csvText(
    [...HEADER, "balance_cents", "currency"],
    [balanceRow(from, "opening balance", openingCents), ...rows, balanceRow(to, "closing balance", balance)],
  );
}

/** @throws DomainError `payout_not_found`, also for another app's. */
export async function loadPayout(db: D1Database, providerId: string, id: string): Promise<Payout> {
  const payout = await findPayout(db, id);
  if (payout?.providerId !== providerId)
    throw new DomainError("payout_not_found", "There is no such payout of this app.");
  return payout;
}

/** Every line of a payout and their sum, which is what was paid. @throws DomainError `payout_not_found`. */
export async function payoutStatement(db: D1Database, providerId: string, id: string): Promise<string> {
  const payout = await loadPayout(db, providerId, id);
  const lines: PayoutLine[] = [];
  for (let after: string | null = null; ;) {
    const some = await listLines(db, payout.id, { after, limit: LINES_MAX });
    lines.push(...some);
    if (some.length < LINES_MAX) break;
    after = some.at(-1)!.id;
  }
  const rows = lines.map((line) => [
    iso(line.bookedAt),
    line.kind,
    line.id,
    line.sessionId,
    line.grossTokens,
    line.feeTokens,
    line.shareTokens,
    line.amountCents,
    CURRENCY,
  ]);
  const total = lines.reduce((sum, { amountCents }) => sum + amountCents, 0);
  const at = iso(payout.endedAt ?? payout.createdAt);
  return csvText(
    [...HEADER, "currency"],
    [...rows, [at, `payout ${payout.status}`, payout.transferId ?? payout.id, null, null, null, null, total, CURRENCY]],
  );
}
