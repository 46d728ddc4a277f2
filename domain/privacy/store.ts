// Statements that make an account forgotten. The books stay: they know a random wallet id, and the one link to it is cut.

import { iso, type Millis } from "../clock.ts";
import { newId } from "../ids.ts";
import { forgetConnections } from "../connections/store.ts";
import { leaveOrders } from "../payments/erasure-store.ts";
import { forgetPayee } from "../payouts/erasure-store.ts";
import { forgetSliceTexts } from "../slices/store.ts";

export interface AccountStanding {
  email: string;
  walletId: string;
  available: number;
  held: number;
  /** Apps of this person that are not inactive. */
  openApps: number;
}

export const readStanding = (db: D1Database, userId: string): Promise<AccountStanding | null> =>
  db
    .prepare(
      `SELECT u.email, u.wallet_id AS walletId, w.available, w.held,
         (SELECT count(*) FROM providers p WHERE p.owner_user_id = u.id AND p.status <> 'inactive') AS openApps
       FROM users u JOIN wallets w ON w.id = u.wallet_id WHERE u.id = ?`,
    )
    .bind(userId)
    .first<AccountStanding>();

export const openSessionIds = async (db: D1Database, userId: string): Promise<string[]> =>
  (
    await db
      .prepare("SELECT id FROM sessions WHERE user_id = ? AND settled_at IS NULL")
      .bind(userId)
      .all<{ id: string }>()
  ).results.map(({ id }) => id);

export interface KnownAs {
  providerId: string;
  subject: string;
}
/** Who knows this person, and by which pairwise id. */
export const knownBy = async (db: D1Database, userId: string): Promise<KnownAs[]> =>
  (
    await db
      .prepare("SELECT provider_id AS providerId, subject FROM subjects WHERE user_id = ?")
      .bind(userId)
      .all<KnownAs>()
  ).results;

/**
 * Forget the person and tell every provider that knew them, in one transaction. The credentials, sign-ins and refresh
 * tokens go with the user row (ON DELETE CASCADE).
 */
export function eraseStatements(
  db: D1Database,
  userId: string,
  known: readonly KnownAs[],
  now: Millis,
): D1PreparedStatement[] {
  const events = known.map(({ providerId, subject }) => ({
    id: newId(now),
    providerId,
    data: { userId: subject, providerId, erasedAt: iso(now) },
  }));
  return [
    db
      .prepare(
        `INSERT INTO outbox (id, type, provider_id, data, at)
         SELECT e.value->>'id', 'user.erased', e.value->>'providerId', e.value->'data', ?2 FROM json_each(?1) e
         WHERE EXISTS (SELECT 1 FROM users WHERE id = ?3)`,
      )
      .bind(JSON.stringify(events), now, userId),
    forgetSliceTexts(db, userId),
    ...forgetConnections(db, userId),
    ...forgetPayee(db, userId, now),
    ...leaveOrders(db, userId, now),
    db.prepare("UPDATE sessions SET tags = '[]' WHERE user_id = ? AND tags <> '[]'").bind(userId),
    ...[
      "DELETE FROM subjects WHERE user_id = ?",
      "DELETE FROM trials WHERE user_id = ?",
      "DELETE FROM app_reviews WHERE user_id = ?",
      "DELETE FROM auto_pause_rules WHERE user_id = ?",
      "DELETE FROM scheduled_sessions WHERE user_id = ?",
      "DELETE FROM user_plans WHERE user_id = ?",
      "DELETE FROM dismissed_recommendations WHERE user_id = ?",
      "DELETE FROM live_people WHERE user_id = ?",
      "DELETE FROM idempotency WHERE principal = 'user:' || ?",
      "DELETE FROM purchase_leases WHERE principal = 'user:' || ?",
      "DELETE FROM users WHERE id = ?",
    ].map((sql) => db.prepare(sql).bind(userId)),
  ];
}
