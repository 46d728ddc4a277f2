// SQL of who has which plan or fee tier.

import type { Millis } from "../clock.ts";

export const readPlan = (db: D1Database, userId: string): Promise<{ plan: string; until: Millis | null } | null> =>
  db.prepare("SELECT plan, until FROM user_plans WHERE user_id = ?").bind(userId).first();

export const upsertPlan = (
  db: D1Database,
  it: { userId: string; plan: string; until: Millis | null; by: string },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare("INSERT OR REPLACE INTO user_plans (user_id, plan, since, until, set_by) VALUES (?, ?, ?, ?, ?)")
    .bind(it.userId, it.plan, now, it.until, it.by);
export const deletePlan = (db: D1Database, userId: string): D1PreparedStatement =>
  db.prepare("DELETE FROM user_plans WHERE user_id = ?").bind(userId);

export const readTier = async (db: D1Database, ownerUserId: string): Promise<string | null> =>
  (
    await db
      .prepare("SELECT tier FROM owner_fee_tiers WHERE owner_user_id = ?")
      .bind(ownerUserId)
      .first<{ tier: string }>()
  )?.tier ?? null;
export const upsertTier = (
  db: D1Database,
  it: { ownerUserId: string; tier: string; by: string },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare("INSERT OR REPLACE INTO owner_fee_tiers (owner_user_id, tier, since, set_by) VALUES (?, ?, ?, ?)")
    .bind(it.ownerUserId, it.tier, now, it.by);
export const deleteTier = (db: D1Database, ownerUserId: string): D1PreparedStatement =>
  db.prepare("DELETE FROM owner_fee_tiers WHERE owner_user_id = ?").bind(ownerUserId);
