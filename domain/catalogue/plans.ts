// Plans of people and fee tiers of owners. Which there are is a setting, who has one is a row; what it meant is frozen into
// each session and each price version. A plan gives a part of the platform's fee back, so it costs nobody but the platform.

import { BoundedMap } from "../bounded-map.ts";
import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { newId } from "../ids.ts";
import { DEFAULT_FEE_BASIS_POINTS } from "../money.ts";
import { readSettings } from "../settings/read-settings.ts";
import { forgetCatalogue } from "./listing.ts";
import { forgetProvider } from "./load-for-session.ts";
import type { FeeTier, UserPlan } from "./plan-settings.ts";
import { deletePlan, deleteTier, readPlan, readTier, upsertPlan, upsertTier } from "./plan-store.ts";
import { findVersion, insertPriceVersion, pointToPriceVersion } from "./price-store.ts";
import { appsOfOwner } from "./store.ts";

/** A plan given or taken reaches every isolate within this. A quote shown before carries `maxTokens` to the start. */
const PLAN_REMEMBERED_MS = 30_000;
const remembered = new BoundedMap<string, { plan: string | null; until: Millis }>(10_000);
const APPS_OF_OWNER_MAX = 200;

/** The part of the platform's fee this person's plan gives back. Asks D1 only where there are plans at all. */
export async function rebateOf(db: D1Database, userId: string, now: Millis): Promise<number> {
  const { userPlans } = await readSettings(db, now);
  if (userPlans.length === 0) return 0;
  return (await planOf(db, userId, userPlans, now))?.feeRebateBasisPoints ?? 0;
}

/** The plan a person has now; null: none, or one that is no longer offered. */
async function planOf(
  db: D1Database,
  userId: string,
  plans: readonly UserPlan[],
  now: Millis,
): Promise<UserPlan | null> {
  let known = remembered.get(userId);
  if (!known || now >= known.until) {
    const row = await readPlan(db, userId);
    const isOver = row?.until != null && row.until <= now;
    const until = now + PLAN_REMEMBERED_MS;
    known = {
      plan: row && !isOver ? row.plan : null,
      until: row?.until && !isOver ? Math.min(until, row.until) : until,
    };
    remembered.set(userId, known);
  }
  return plans.find((plan) => plan.id === known.plan) ?? null;
}

/**
 * Give a person a plan, or take it away. Running sessions keep what they were started with.
 * @throws DomainError `invalid_request` for a plan that is not among the settings.
 */
export async function setPlan(
  db: D1Database,
  it: { userId: string; plan: string | null; until: Millis | null; by: string },
  now: Millis,
): Promise<{ userId: string; plan: UserPlan | null; until: Millis | null }> {
  const { userPlans } = await readSettings(db, now);
  const plan = it.plan === null ? null : userPlans.find(({ id }) => id === it.plan);
  if (plan === undefined) throw unknown("plan", userPlans);
  await (plan ? upsertPlan(db, { ...it, plan: plan.id }, now) : deletePlan(db, it.userId)).run();
  remembered.delete(it.userId);
  return { userId: it.userId, plan, until: plan ? it.until : null };
}

/** What the platform keeps of an owner's sessions at the next price version. */
export async function feeOf(db: D1Database, ownerUserId: string, now: Millis): Promise<number> {
  const { feeTiers } = await readSettings(db, now);
  if (feeTiers.length === 0) return DEFAULT_FEE_BASIS_POINTS;
  const tier = await readTier(db, ownerUserId);
  return feeTiers.find(({ id }) => id === tier)?.feeBasisPoints ?? DEFAULT_FEE_BASIS_POINTS;
}

/**
 * Put an owner into a fee tier, or back to the standard fee. Each app gets a new version of its price with the new fee, at
 * once and in the open; sessions already made keep the fee they were shown.
 * @throws DomainError `invalid_request` for a tier that is not among the settings.
 */
export async function setFeeTier(
  db: D1Database,
  it: { ownerUserId: string; tier: string | null; by: string },
  now: Millis,
): Promise<{ ownerUserId: string; feeBasisPoints: number; changedApps: number }> {
  const { feeTiers } = await readSettings(db, now);
  const tier: FeeTier | null | undefined = it.tier === null ? null : feeTiers.find(({ id }) => id === it.tier);
  if (tier === undefined) throw unknown("tier", feeTiers);
  const feeBasisPoints = tier?.feeBasisPoints ?? DEFAULT_FEE_BASIS_POINTS;
  const apps = (await appsOfOwner(db, it.ownerUserId, APPS_OF_OWNER_MAX)).filter(
    (app) => app.feeBasisPoints !== feeBasisPoints,
  );
  const versions = await Promise.all(apps.map((app) => findVersion(db, app.priceVersionId)));
  await db.batch([
    tier ? upsertTier(db, { ...it, tier: tier.id }, now) : deleteTier(db, it.ownerUserId),
    ...apps.flatMap((app, index) => {
      const id = newId(now);
      const { components, trialSeconds } = versions[index]!;
      const version = { id, components, feeBasisPoints, trialSeconds, effectiveAt: now, keepUntil: null };
      return [
        insertPriceVersion(db, { ...version, providerId: app.id, purpose: "list" }, now),
        pointToPriceVersion(db, { ...app, priceVersionId: id }, now),
      ];
    }),
  ]);
  for (const app of apps) forgetProvider(app.id);
  if (apps.length > 0) forgetCatalogue();
  return { ownerUserId: it.ownerUserId, feeBasisPoints, changedApps: apps.length };
}

const unknown = (field: string, known: readonly { id: string }[]): DomainError => {
  const message = `is none of the settings' (${known.map(({ id }) => id).join(", ") || "there are none"})`;
  return new DomainError("invalid_request", `${field}: ${message}`, { errors: [{ field, message }] });
};
