// What the marketplace turned over and kept, by day or by app, from the documents the ledger posted from.

import type { Millis } from "../clock.ts";

export interface RevenueRow {
  /** A day (2026-11-26) or an app's id. */
  key: string;
  name: string | null;
  sessions: number;
  /** What people were charged, at list price, and paid for monthly plans (GMV). */
  grossCents: number;
  /** Of it, the base of monthly plans. */
  planCents: number;
  feeCents: number;
  shareCents: number;
  /** Of `shareCents`, what is never paid: owners on their own apps. */
  unpayableCents: number;
  /** Of `grossCents`, what was charged to gifts: the platform pays it. */
  promoCents: number;
  /** Of `grossCents`, what bundles had made cheaper: the platform pays it. */
  discountCents: number;
}

const KEY = { day: "date(at / 1000, 'unixepoch')", app: "provider_id" } as const;
/** The settlements of a range by their index, which begins with the provider. */
const IN_RANGE = (table: string, alias: string) =>
  `providers v CROSS JOIN ${table} ${alias} ON ${alias}.provider_id = v.id AND ${alias}.at >= ?1 AND ${alias}.at < ?2`;

/** Reversals count on the day they are booked, with a minus. Newest day first; apps by what they turned over. */
export const readRevenue = async (
  db: D1Database,
  it: { from: Millis; to: Millis; by: keyof typeof KEY; limit: number },
): Promise<RevenueRow[]> =>
  (
    await db
      .prepare(
        `WITH moved AS (
           SELECT s.at, s.provider_id, s.session_id NOT LIKE '%:slice' AS sessions, s.used_tokens * s.token_cents AS gross, s.fee_tokens * s.token_cents AS fee,
             s.share_cents AS share, CASE s.payable WHEN 0 THEN s.share_cents ELSE 0 END AS unpayable,
             coalesce((SELECT sum(d.face_cents) FROM settlement_draws d JOIN lots l ON l.id = d.lot_id
               WHERE d.session_id = s.session_id AND l.kind = 'promo'), 0) AS promo,
             coalesce((SELECT sum(max(0, d.face_cents - d.basis_cents)) FROM settlement_draws d JOIN lots l ON l.id = d.lot_id
               WHERE d.session_id = s.session_id AND l.kind = 'paid'), 0) AS discount, 0 AS plan
           FROM ${IN_RANGE("settlements", "s")} WHERE s.used_tokens > 0
           UNION ALL
           SELECT r.at, r.provider_id, 0, -r.tokens * s.token_cents, -r.fee_tokens * s.token_cents, -r.share_cents,
             CASE r.payable WHEN 0 THEN -r.share_cents ELSE 0 END,
             -coalesce((SELECT sum(face_cents) FROM reversal_draws d WHERE d.reversal_id = r.id AND d.kind = 'promo'), 0),
             -coalesce((SELECT sum(max(0, face_cents - basis_cents)) FROM reversal_draws d
               WHERE d.reversal_id = r.id AND d.kind = 'paid'), 0), 0
           FROM ${IN_RANGE("reversals", "r")} JOIN settlements s ON s.session_id = r.session_id
           UNION ALL
           SELECT p.at, b.provider_id, 0, p.paid_cents, p.fee_cents, p.share_cents, CASE b.payable WHEN 0 THEN p.share_cents ELSE 0 END,
             0, 0, p.paid_cents
           FROM plan_payments p JOIN subscriptions b ON b.id = p.subscription_id WHERE p.at >= ?1 AND p.at < ?2
           UNION ALL
           SELECT r.at, b.provider_id, 0, -r.cents, r.share_cents - r.cents, -r.share_cents,
             CASE b.payable WHEN 0 THEN -r.share_cents ELSE 0 END, 0, 0, -r.cents
           FROM plan_reversals r JOIN plan_payments p ON p.id = r.payment_id JOIN subscriptions b ON b.id = p.subscription_id
           WHERE r.at >= ?1 AND r.at < ?2)
         SELECT k.key, p.name, k.sessions, k.grossCents, k.planCents, k.feeCents, k.shareCents, k.unpayableCents, k.promoCents, k.discountCents
         FROM (SELECT ${KEY[it.by]} AS key, sum(sessions) AS sessions, sum(gross) AS grossCents, sum(plan) AS planCents, sum(fee) AS feeCents,
             sum(share) AS shareCents, sum(unpayable) AS unpayableCents, sum(promo) AS promoCents, sum(discount) AS discountCents
           FROM moved GROUP BY 1) k
         LEFT JOIN providers p ON p.id = k.key
         ORDER BY ${it.by === "day" ? "k.key DESC" : "k.grossCents DESC, k.key"} LIMIT ?3`,
      )
      .bind(it.from, it.to, it.limit)
      .all<RevenueRow>()
  ).results;
