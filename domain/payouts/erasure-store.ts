// What is kept of a payee who erases their account, and for how long: docs/decisions/0065-what-is-kept-of-a-payee.md.

import type { Millis } from "../clock.ts";

/** Full calendar years after the one of a payout, as tax law has its records kept. */
export const TAX_YEARS = 10;
/** What could not be paid by then (no working account, less than the minimum) stays owed in the books, to nobody we know. */
const UNPAID_KEPT_MS = 365 * 24 * 60 * 60 * 1000;

/** Something is still owed to this owner, or on its way to them. */
const IS_OWED = `(SELECT coalesce(sum(d.amount_cents), 0) FROM providers p JOIN payables d ON d.provider_id = p.id
    WHERE p.owner_user_id = payout_accounts.owner_user_id AND d.payout_id IS NULL) > 0
  OR EXISTS (SELECT 1 FROM providers p JOIN payouts o ON o.provider_id = p.id
    WHERE p.owner_user_id = payout_accounts.owner_user_id AND o.status = 'pending')`;

/** Forget where somebody is paid: at once where nothing is owed, else when it is paid (`purgePayees`). */
export const forgetPayee = (db: D1Database, userId: string, now: Millis): D1PreparedStatement[] => [
  db.prepare("DELETE FROM payout_destinations WHERE user_id = ?").bind(userId),
  db.prepare(`DELETE FROM payout_accounts WHERE owner_user_id = ? AND NOT (${IS_OWED})`).bind(userId),
  db
    .prepare(
      "UPDATE payout_accounts SET erased_at = ?2, disabled_reason = NULL, updated_at = ?2 WHERE owner_user_id = ?1",
    )
    .bind(userId, now),
];

/** Run by cron. The amounts and dates stay in the books for good; who was paid is forgotten when its years are over. */
export const purgePayees = (db: D1Database, now: Millis): D1PreparedStatement[] => [
  db
    .prepare(`DELETE FROM payout_accounts WHERE erased_at IS NOT NULL AND (erased_at < ?1 OR NOT (${IS_OWED}))`)
    .bind(now - UNPAID_KEPT_MS),
  db
    .prepare(
      `UPDATE payouts SET stripe_account_id = 'forgotten'
       WHERE ended_at < ?1 AND stripe_account_id <> 'forgotten' AND status <> 'pending' AND NOT EXISTS (
         SELECT 1 FROM providers p JOIN users u ON u.id = p.owner_user_id WHERE p.id = payouts.provider_id)`,
    )
    .bind(Date.UTC(new Date(now).getUTCFullYear() - TAX_YEARS, 0)),
];
