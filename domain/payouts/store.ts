// Every statement that makes, sends or ends a payout. The triggers of migrations/0023_payouts.sql take the lines, post the
// transfer and tell the provider; each statement changes nothing when it is repeated.

import type { Millis } from "../clock.ts";

export type PayoutStatus = "pending" | "paid" | "failed" | "reversed";
export type PayoutOrigin = "schedule" | "request";

export interface Payout {
  id: string;
  providerId: string;
  stripeAccountId: string;
  origin: PayoutOrigin;
  amountCents: number;
  currency: string;
  countsUntil: Millis;
  status: PayoutStatus;
  transferId: string | null;
  reversedCents: number;
  failureCode: string | null;
  tries: number;
  refusals: number;
  nextTryAt: Millis;
  createdAt: Millis;
  endedAt: Millis | null;
  lineCount: number;
}

const COLUMNS = `id, provider_id AS providerId, stripe_account_id AS stripeAccountId, origin, amount_cents AS amountCents, currency,
  counts_until AS countsUntil, status, transfer_id AS transferId, reversed_cents AS reversedCents,
  failure_code AS failureCode, tries, refusals, next_try_at AS nextTryAt, created_at AS createdAt, ended_at AS endedAt`;
const PAYOUT = `SELECT ${COLUMNS}, (SELECT count(*) FROM payout_lines WHERE payout_id = payouts.id) AS lineCount FROM payouts`;

// Making one ---------------------------------------------------------------------------------------------------------

/** What could be paid to a provider at this moment, and to which account. */
export interface PayableNow {
  providerId: string;
  amountCents: number;
  /** What is in it counts from this moment at the latest: less than was asked when there is more than a payout takes. */
  countsUntil: Millis;
}

/**
 * So many lines at most are taken by one payout: one statement writes three rows a line. The rest makes the next payout.
 * Rows of the same moment stay together, so a payout may have a few more.
 */
export const LINES_MAX = 10_000;

/**
 * What of a provider's is due by `until`: the oldest rows, about LINES_MAX of them, or all where those do not come to
 * `minimumCents` (they may be mostly corrections).
 */
export async function readPayable(
  db: D1Database,
  it: { providerId: string; until: Millis; minimumCents: number },
): Promise<PayableNow> {
  const due = "FROM payables WHERE provider_id = ?1 AND payout_id IS NULL AND counts_from <= ?2";
  const sums = await db.batch<{ amountCents: number | null; countsUntil: Millis | null }>([
    db
      .prepare(
        `SELECT sum(amount_cents) AS amountCents, max(counts_from) AS countsUntil ${due} AND counts_from <= coalesce(
           (SELECT counts_from ${due} ORDER BY counts_from LIMIT 1 OFFSET ${LINES_MAX - 1}), ?2)`,
      )
      .bind(it.providerId, it.until),
    db
      .prepare(`SELECT sum(amount_cents) AS amountCents, max(counts_from) AS countsUntil ${due}`)
      .bind(it.providerId, it.until),
  ]);
  const [some, all] = sums.map(({ results: [row] }) => ({
    providerId: it.providerId,
    amountCents: row?.amountCents ?? 0,
    countsUntil: row?.countsUntil ?? it.until,
  }));
  return some!.amountCents >= it.minimumCents ? some! : all!;
}

export interface NewPayout extends PayableNow {
  id: string;
  stripeAccountId: string;
  origin: PayoutOrigin;
  currency: string;
  now: Millis;
}

/**
 * Make a payout of exactly what was read. Fails its batch when that is no longer so, or when one is under way:
 * `isPayoutOvertaken` tells.
 */
export const insertPayout = (db: D1Database, it: NewPayout): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO payouts (id, provider_id, stripe_account_id, origin, amount_cents, currency, counts_until, status,
         next_try_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'pending', ?8, ?8)`,
    )
    .bind(it.id, it.providerId, it.stripeAccountId, it.origin, it.amountCents, it.currency, it.countsUntil, it.now);

/** Another payout was made between the read and the insert. Nothing happened; look again. */
export const isPayoutOvertaken = (error: unknown): boolean =>
  /payout_not_its_lines|UNIQUE constraint failed: payouts\.provider_id/.test(String((error as Error)?.message));

/**
 * Providers who are due by schedule: at least `minimumCents` payable by `until`, an account that works, no payout under
 * way, none that failed after `failedSince`, and none made after `reversedSince` whose money came back.
 */
export const dueBySchedule = async (
  db: D1Database,
  it: { until: Millis; minimumCents: number; failedSince: Millis; reversedSince: Millis; limit: number },
): Promise<{ providerId: string; stripeAccountId: string }[]> =>
  (
    await db
      .prepare(
        `SELECT o.provider_id AS providerId, a.stripe_account_id AS stripeAccountId FROM (
           SELECT provider_id FROM payables WHERE payout_id IS NULL AND counts_from <= ?1
           GROUP BY provider_id HAVING sum(amount_cents) >= ?2) o
         JOIN providers p ON p.id = o.provider_id
         JOIN payout_accounts a ON a.owner_user_id = p.owner_user_id
         WHERE a.transfers_active = 1 AND a.payouts_enabled = 1 AND NOT EXISTS (SELECT 1 FROM payouts x
           WHERE x.provider_id = o.provider_id AND (x.status = 'pending' OR (x.status = 'failed' AND x.ended_at > ?3)
             OR (x.reversed_cents > 0 AND x.created_at >= ?4)))
         LIMIT ?5`,
      )
      .bind(it.until, it.minimumCents, it.failedSince, it.reversedSince, it.limit)
      .all<{ providerId: string; stripeAccountId: string }>()
  ).results;

// Sending it ---------------------------------------------------------------------------------------------------------

export const duePayoutIds = async (db: D1Database, now: Millis, limit: number): Promise<string[]> =>
  (
    await db
      .prepare("SELECT id FROM payouts WHERE status = 'pending' AND next_try_at <= ? ORDER BY next_try_at LIMIT ?")
      .bind(now, limit)
      .all<{ id: string }>()
  ).results.map(({ id }) => id);

/** Take a pending payout for one try. Null when it is not due: somebody else has it, or it has ended. */
export const takePayout = (db: D1Database, id: string, now: Millis, until: Millis): Promise<Payout | null> =>
  db
    .prepare(
      `UPDATE payouts SET next_try_at = ?3, tries = tries + 1 WHERE id = ?1 AND status = 'pending' AND next_try_at <= ?2
       RETURNING ${COLUMNS}, 0 AS lineCount`,
    )
    .bind(id, now, until)
    .first<Payout>();

export const markPaid = (db: D1Database, id: string, transferId: string, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE payouts SET status = 'paid', transfer_id = ?2, ended_at = ?3, failure_code = NULL
       WHERE id = ?1 AND status = 'pending'`,
    )
    .bind(id, transferId, now);

export const markFailed = (db: D1Database, id: string, failureCode: string, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE payouts SET status = 'failed', failure_code = ?2, ended_at = ?3 WHERE id = ?1 AND status = 'pending'",
    )
    .bind(id, failureCode, now);

/** Look again later. @param refusals So many answers of no have been given to it. */
export const tryLater = (
  db: D1Database,
  id: string,
  it: { at: Millis; refusals: number; reason: string },
): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE payouts SET next_try_at = ?2, refusals = ?3, failure_code = ?4 WHERE id = ?1 AND status = 'pending'",
    )
    .bind(id, it.at, it.refusals, it.reason);

export const postPayoutReversal = (
  db: D1Database,
  payoutId: string,
  reversal: { id: string; amountCents: number },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare("INSERT INTO payout_reversals (id, payout_id, amount_cents, at) VALUES (?, ?, ?, ?)")
    .bind(reversal.id, payoutId, reversal.amountCents, now);

// Reading ------------------------------------------------------------------------------------------------------------

export const findPayout = (db: D1Database, id: string): Promise<Payout | null> =>
  db.prepare(`${PAYOUT} WHERE id = ?`).bind(id).first<Payout>();

/** Newest first. `providerId` null: of everybody, for an operator. */
export const listPayouts = async (
  db: D1Database,
  it: { providerId: string | null; before: string | null; limit: number },
): Promise<Payout[]> =>
  (
    await db
      .prepare(`${PAYOUT} WHERE (?1 IS NULL OR provider_id = ?1) AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3`)
      .bind(it.providerId, it.before, it.limit)
      .all<Payout>()
  ).results;

export interface PayoutLine {
  id: string;
  kind: "settlement" | "reversal" | "payout_reversal";
  sessionId: string | null;
  amountCents: number;
  bookedAt: Millis;
  /** What the session was charged and what of it was the fee; null where the line is no session's. */
  grossTokens: number | null;
  feeTokens: number | null;
  shareTokens: number | null;
}

/** Lines of a payout in the order of their ids, from after `after` on. */
export const listLines = async (
  db: D1Database,
  payoutId: string,
  page: { after: string | null; limit: number },
): Promise<PayoutLine[]> =>
  (
    await db
      .prepare(
        `SELECT l.payable_id AS id, p.kind, p.session_id AS sessionId, l.amount_cents AS amountCents, p.booked_at AS bookedAt,
           s.used_tokens AS grossTokens, s.fee_tokens AS feeTokens, s.share_tokens AS shareTokens
         FROM payout_lines l JOIN payables p ON p.id = l.payable_id
         LEFT JOIN settlements s ON p.kind = 'settlement' AND s.id = p.id
         WHERE l.payout_id = ?1 AND (?2 IS NULL OR l.payable_id > ?2) ORDER BY l.payable_id LIMIT ?3`,
      )
      .bind(payoutId, page.after, page.limit)
      .all<PayoutLine>()
  ).results;

/** What a provider is owed, by how near it is. Cents; any of them may be negative. */
export interface OwedCents {
  /** Its hold days are over. */
  payable: number;
  /** Still waiting. */
  onHold: number;
  /** In a payout that is under way. */
  inTransit: number;
  /** Ever paid, less what came back. */
  paid: number;
}
export const readOwed = async (db: D1Database, providerId: string, until: Millis): Promise<OwedCents> =>
  (await db
    .prepare(
      `SELECT coalesce(sum(CASE WHEN counts_from <= ?2 THEN amount_cents END), 0) AS payable,
         coalesce(sum(CASE WHEN counts_from > ?2 THEN amount_cents END), 0) AS onHold,
         coalesce((SELECT sum(amount_cents) FROM payouts WHERE provider_id = ?1 AND status = 'pending'), 0) AS inTransit,
         coalesce((SELECT sum(amount_cents - reversed_cents) FROM payouts
           WHERE provider_id = ?1 AND status IN ('paid', 'reversed')), 0) AS paid
       FROM payables WHERE provider_id = ?1 AND payout_id IS NULL`,
    )
    .bind(providerId, until)
    .first<OwedCents>())!;
