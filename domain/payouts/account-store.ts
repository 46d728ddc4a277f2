// Statements about where providers are paid.

import type { Millis } from "../clock.ts";
import type { AccountFacts } from "../gateways/stripe-connect.ts";

export interface PayoutAccount {
  ownerUserId: string;
  generation: number;
  stripeAccountId: string | null;
  detailsSubmitted: 0 | 1;
  transfersActive: 0 | 1;
  payoutsEnabled: 0 | 1;
  disabledReason: string | null;
}

const ACCOUNT = `SELECT owner_user_id AS ownerUserId, generation, stripe_account_id AS stripeAccountId,
  details_submitted AS detailsSubmitted, transfers_active AS transfersActive, payouts_enabled AS payoutsEnabled,
  disabled_reason AS disabledReason FROM payout_accounts`;

export const findAccountOf = (db: D1Database, ownerUserId: string): Promise<PayoutAccount | null> =>
  db.prepare(`${ACCOUNT} WHERE owner_user_id = ?`).bind(ownerUserId).first<PayoutAccount>();

/** The account the owner of this app is paid to. */
export const findAccountOfProvider = (db: D1Database, providerId: string): Promise<PayoutAccount | null> =>
  db
    .prepare(`${ACCOUNT} WHERE owner_user_id = (SELECT owner_user_id FROM providers WHERE id = ?)`)
    .bind(providerId)
    .first<PayoutAccount>();

/** The row exists before Stripe is asked, so that two requests at once ask with one key. */
export async function openAccount(db: D1Database, ownerUserId: string, now: Millis): Promise<PayoutAccount> {
  const [, account] = await db.batch([
    db
      .prepare(
        `INSERT INTO payout_accounts (owner_user_id, created_at, updated_at) VALUES (?1, ?2, ?2)
         ON CONFLICT (owner_user_id) DO NOTHING`,
      )
      .bind(ownerUserId, now),
    db.prepare(`${ACCOUNT} WHERE owner_user_id = ?`).bind(ownerUserId),
  ]);
  return account!.results[0] as PayoutAccount;
}

/** What Stripe says about the account of this generation. An older answer about another one changes nothing. */
export const recordAccount = (
  db: D1Database,
  owner: { ownerUserId: string; generation: number },
  facts: AccountFacts,
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE payout_accounts SET stripe_account_id = ?3, details_submitted = ?4, transfers_active = ?5, payouts_enabled = ?6,
         disabled_reason = ?7, updated_at = ?8
       WHERE owner_user_id = ?1 AND generation = ?2 AND (stripe_account_id IS NULL OR stripe_account_id = ?3)`,
    )
    .bind(
      owner.ownerUserId,
      owner.generation,
      facts.id,
      facts.hasSubmittedDetails ? 1 : 0,
      facts.canReceive ? 1 : 0,
      facts.canPayOut ? 1 : 0,
      facts.disabledReason,
      now,
    );

/** The same by Stripe's id, as events name it. No row: not an account of ours. */
export const refreshAccount = (db: D1Database, facts: AccountFacts, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE payout_accounts SET details_submitted = ?2, transfers_active = ?3, payouts_enabled = ?4, disabled_reason = ?5,
         updated_at = ?6 WHERE stripe_account_id = ?1`,
    )
    .bind(
      facts.id,
      facts.hasSubmittedDetails ? 1 : 0,
      facts.canReceive ? 1 : 0,
      facts.canPayOut ? 1 : 0,
      facts.disabledReason,
      now,
    );

/** Where Stripe sends this account's money: who shares that is linked (migrations/0068_payees.sql). */
export const noteDestinations = (db: D1Database, facts: AccountFacts, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO payout_destinations (fingerprint, user_id, first_at, last_at)
       SELECT f.value, a.owner_user_id, ?3, ?3 FROM json_each(?1) f JOIN payout_accounts a ON a.stripe_account_id = ?2
       WHERE a.erased_at IS NULL
       ON CONFLICT (fingerprint, user_id) DO UPDATE SET last_at = excluded.last_at`,
    )
    .bind(JSON.stringify(facts.destinations), facts.id, now);

/** Accounts that are paid out, and nobody has written down where to: those from before it was looked at. */
export const accountsWithoutDestination = async (db: D1Database, limit: number): Promise<string[]> =>
  (
    await db
      .prepare(
        `SELECT stripe_account_id AS id FROM payout_accounts a WHERE payouts_enabled = 1 AND stripe_account_id IS NOT NULL
           AND erased_at IS NULL AND NOT EXISTS (SELECT 1 FROM payout_destinations d WHERE d.user_id = a.owner_user_id) LIMIT ?`,
      )
      .bind(limit)
      .all<{ id: string }>()
  ).results.map(({ id }) => id);

/** Stripe does not know this account any more: nothing is sent there, and the next onboarding makes a new one. */
export const forgetAccount = (db: D1Database, stripeAccountId: string, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE payout_accounts SET stripe_account_id = NULL, generation = generation + 1, details_submitted = 0,
         transfers_active = 0, payouts_enabled = 0, disabled_reason = NULL, updated_at = ?2 WHERE stripe_account_id = ?1`,
    )
    .bind(stripeAccountId, now);

export const isKnownAccount = async (db: D1Database, stripeAccountId: string): Promise<boolean> =>
  (await db.prepare("SELECT 1 FROM payout_accounts WHERE stripe_account_id = ?").bind(stripeAccountId).first()) !==
  null;
