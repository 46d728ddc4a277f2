// SQL of tokens operators give. A row posts itself (migrations/0069_grants_and_debts.sql).

import type { Millis } from "../clock.ts";

export interface Grant {
  id: string;
  walletId: string;
  source: "organisation" | "promotion";
  /** The name of who paid, where it was said. */
  organisation: string | null;
  tokens: number;
  paidCents: number;
  expiresAt: Millis | null;
  reference: string | null;
  reason: string;
  grantedBy: string;
  at: Millis;
}

/** The wallet of a person by their id or address; null where there is nobody. */
export const walletOf = (db: D1Database, who: { userId: string | null; email: string | null }) =>
  db
    .prepare("SELECT id AS userId, wallet_id AS walletId FROM users WHERE id = ?1 OR lower(email) = lower(?2)")
    .bind(who.userId, who.email)
    .first<{ userId: string; walletId: string }>();

export const insertGrant = (db: D1Database, it: Grant): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO token_grants (id, wallet_id, source, organisation, tokens, paid_cents, expires_at, reference, reason, granted_by, at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      it.id,
      it.walletId,
      it.source,
      it.organisation,
      it.tokens,
      it.paidCents,
      it.expiresAt,
      it.reference,
      it.reason,
      it.grantedBy,
      it.at,
    );

export interface ListedGrant extends Omit<Grant, "walletId"> {
  /** Null: they are gone. */
  userId: string | null;
  email: string | null;
  grantedByEmail: string | null;
  remainingTokens: number;
}
/** Newest first. `before`: the last id of the page before. */
export const listGrants = async (
  db: D1Database,
  query: { before: string | null; limit: number },
): Promise<ListedGrant[]> =>
  (
    await db
      .prepare(
        `SELECT g.id, u.id AS userId, u.email, g.source, g.organisation, g.tokens, g.paid_cents AS paidCents, g.expires_at AS expiresAt, g.reference, g.reason,
           g.granted_by AS grantedBy, b.email AS grantedByEmail, g.at, l.remaining AS remainingTokens
         FROM token_grants g JOIN lots l ON l.id = g.id LEFT JOIN users u ON u.wallet_id = g.wallet_id
           LEFT JOIN users b ON b.id = g.granted_by
         WHERE ?1 IS NULL OR g.id < ?1 ORDER BY g.id DESC LIMIT ?2`,
      )
      .bind(query.before, query.limit)
      .all<ListedGrant>()
  ).results;
