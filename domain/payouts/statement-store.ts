// Everything that moved a provider's account in a span of time, in the order of the books.

import type { Millis } from "../clock.ts";

export interface Movement {
  at: Millis;
  kind: "settlement" | "plan" | "day" | "reversal" | "payout" | "payout_reversal";
  /** The ledger's transaction, or the day. */
  reference: string;
  sessionId: string | null;
  grossTokens: number | null;
  feeTokens: number | null;
  netTokens: number | null;
  amountCents: number;
}

/** Shares of monthly plans are payables like those of settlements, and come again when a plan's dispute is won. */
const IS_PLAN = "substr(id, 1, 4) = 'plan'";

/** What was withheld of a session comes back in so far as the session is taken back. */
const IS_WITHHELD_BACK = "substr(id, 1, 14) = 'withheld_back:'";

/** A month with more sessions than this is told day by day. */
export const SESSIONS_TOLD_MAX = 20_000;

/** The balance before `from`, and the movements of `from <= at < to`, the oldest first. */
export async function readStatement(
  db: D1Database,
  it: { providerId: string; from: Millis; to: Millis },
): Promise<{ openingCents: number; movements: Movement[] }> {
  const whose = [it.providerId, it.from, it.to] as const;
  const [opening, count] = await db.batch([
    db
      .prepare(
        `SELECT (SELECT coalesce(sum(share_cents), 0) FROM settlements WHERE provider_id = ?1 AND at < ?2 AND payable = 1)
           + (SELECT coalesce(sum(amount_cents), 0) FROM payables WHERE provider_id = ?1 AND booked_at < ?2 AND kind <> 'settlement')
           + (SELECT coalesce(sum(amount_cents), 0) FROM payables WHERE provider_id = ?1 AND booked_at < ?2 AND kind = 'settlement'
              AND ${IS_PLAN})
           + (SELECT coalesce(sum(amount_cents), 0) FROM payables WHERE provider_id = ?1 AND booked_at < ?2 AND ${IS_WITHHELD_BACK})
           - (SELECT coalesce(sum(amount_cents), 0) FROM payouts
              WHERE provider_id = ?1 AND status IN ('paid', 'reversed') AND ended_at < ?2) AS cents`,
      )
      .bind(it.providerId, it.from),
    db
      .prepare("SELECT count(*) AS n FROM settlements WHERE provider_id = ? AND at >= ? AND at < ? AND payable = 1")
      .bind(...whose),
  ]);
  const isMany = (count!.results[0] as { n: number }).n > SESSIONS_TOLD_MAX;
  const [sessions, corrections, payouts, plans, withheld] = await db.batch<Movement>([
    (isMany ? sumsByDay(db) : eachSession(db)).bind(...whose),
    db
      .prepare(
        `SELECT p.booked_at AS at, p.kind, p.id AS reference, p.session_id AS sessionId, -r.tokens AS grossTokens,
           -r.fee_tokens AS feeTokens, -r.share_tokens AS netTokens, p.amount_cents AS amountCents
         FROM payables p LEFT JOIN reversals r ON p.kind = 'reversal' AND r.id = substr(p.id, 10)
         WHERE p.provider_id = ? AND p.booked_at >= ? AND p.booked_at < ? AND p.kind <> 'settlement'`,
      )
      .bind(...whose),
    db
      .prepare(
        `SELECT ended_at AS at, 'payout' AS kind, 'payout:' || transfer_id AS reference, NULL AS sessionId, NULL AS grossTokens,
           NULL AS feeTokens, NULL AS netTokens, -amount_cents AS amountCents
         FROM payouts WHERE provider_id = ? AND ended_at >= ? AND ended_at < ? AND status IN ('paid', 'reversed')`,
      )
      .bind(...whose),
    db
      .prepare(
        `SELECT booked_at AS at, 'plan' AS kind, id AS reference, NULL AS sessionId, NULL AS grossTokens, NULL AS feeTokens,
           NULL AS netTokens, amount_cents AS amountCents
         FROM payables WHERE provider_id = ? AND booked_at >= ? AND booked_at < ? AND kind = 'settlement' AND ${IS_PLAN}`,
      )
      .bind(...whose),
    db
      .prepare(
        `SELECT booked_at AS at, 'reversal' AS kind, id AS reference, session_id AS sessionId, NULL AS grossTokens,
           NULL AS feeTokens, NULL AS netTokens, amount_cents AS amountCents
         FROM payables WHERE provider_id = ? AND booked_at >= ? AND booked_at < ? AND ${IS_WITHHELD_BACK}`,
      )
      .bind(...whose),
  ]);
  const movements = [sessions, corrections, payouts, plans, withheld].flatMap((part) => part!.results);
  return {
    openingCents: (opening!.results[0] as { cents: number }).cents,
    movements: movements.sort((a, b) => a.at - b.at || (a.reference < b.reference ? -1 : 1)),
  };
}

const eachSession = (db: D1Database) =>
  db.prepare(
    `SELECT at, 'settlement' AS kind, id AS reference, replace(session_id, ':slice', '') AS sessionId, used_tokens AS grossTokens,
       fee_tokens AS feeTokens, share_tokens AS netTokens, share_cents AS amountCents
     FROM settlements WHERE provider_id = ? AND at >= ? AND at < ? AND payable = 1 AND share_cents > 0`,
  );
const sumsByDay = (db: D1Database) =>
  db.prepare(
    `SELECT max(at) AS at, 'day' AS kind, date(at / 1000, 'unixepoch') AS reference, NULL AS sessionId,
       sum(used_tokens) AS grossTokens, sum(fee_tokens) AS feeTokens, sum(share_tokens) AS netTokens, sum(share_cents) AS amountCents
     FROM settlements WHERE provider_id = ? AND at >= ? AND at < ? AND payable = 1 AND share_cents > 0
     GROUP BY date(at / 1000, 'unixepoch')`,
  );
