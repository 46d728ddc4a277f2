// What to show a person beside what they looked for: the plan that would cost less for what they did last month, another app that
// does the same for less, and what others use together with their apps. Every one says why, in figures that can be checked.

import type { App } from "../catalogue/app.ts";
import { appsById } from "../catalogue/store.ts";
import type { Millis } from "../clock.ts";
import type { Alternative, CatalogueSearch } from "../discovery/index-query.ts";
import { needsReports } from "../pricing/charge.ts";
import { isTimeMeter } from "../pricing/components.ts";
import { readSettledFacts } from "../usage/store.ts";
import { replay } from "../usage/what-if.ts";
import { plansToTake, readKnown, spentSince, type OfferedPlan, type OwnUse } from "./store.ts";
import { usedTogether } from "./together.ts";

export const RECOMMENDED_MAX = 6;
const KIND_MAX = 2;
/** Use of the last months, and for plans of the last month. */
export const USE_DAYS = 90;
export const MONTH_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Smaller savings are not worth a change. */
const SAVING_MIN = 0.15;
/** Apps whose alternatives are looked for, and sessions that are priced again. */
const COMPARED_MAX = 3;
const SESSIONS_MAX = 200;
const ALTERNATIVES_MAX = 6;

interface AppName {
  appId: string;
  appName: string;
}
export type Recommendation = { id: string; app: App } & (
  | { kind: "together"; because: AppName & { people: number; of: number } }
  | {
      kind: "cheaper";
      because: AppName & { sessions: number; paidTokens: number; wouldTokens: number; says: string; otherSays: string };
    }
  | {
      kind: "plan";
      because: AppName & {
        planId: string;
        planName: string;
        sessions: number;
        paidTokens: number;
        monthCents: number;
        includedTokens: number;
        /** The plan's month and what it does not include, in tokens at list price. */
        wouldTokens: number;
      };
    }
);

export interface Whom {
  userId: string;
  /** Only what follows from this app: after a session. */
  afterAppId: string | null;
}

/**
 * @param model Whose vectors say which apps do the same.
 * @returns best first, at most RECOMMENDED_MAX; [] for somebody who has used nothing yet.
 */
export async function recommend(
  db: D1Database,
  index: Pick<CatalogueSearch, "alternatives">,
  model: string,
  whom: Whom,
  now: Millis,
): Promise<Recommendation[]> {
  const { used, pairs, dismissed } = await readKnown(db, whom.userId, now - USE_DAYS * DAY_MS);
  const of = used.filter(({ appId }) => whom.afterAppId === null || appId === whom.afterAppId);
  if (of.length === 0) return [];
  const [plans, cheaper] = await Promise.all([
    betterPlans(db, whom.userId, of, now),
    cheaperApps(db, index, model, whom.userId, of, now),
  ]);
  const from = new Set(of.map(({ appId }) => appId));
  const owned = new Set(used.map(({ appId }) => appId));
  const names = new Map(used.map(({ appId, name }) => [appId, name]));
  const together = usedTogether(
    owned,
    pairs.filter(({ appId }) => from.has(appId)),
  ).map(({ otherId, because }) => ({
    kind: "together" as const,
    appId: otherId,
    because: {
      appId: because.appId,
      appName: names.get(because.appId)!,
      people: because.peopleBoth,
      of: because.people,
    },
  }));
  const found = [...plans.slice(0, KIND_MAX), ...cheaper.slice(0, KIND_MAX), ...together]
    .map((one) => ({ ...one, id: idOf(one) }))
    .filter(({ id }) => !dismissed.has(id))
    .slice(0, RECOMMENDED_MAX * 2);
  const apps = new Map((await appsById(db, [...new Set(found.map(({ appId }) => appId))])).map((app) => [app.id, app]));
  return found
    .flatMap(({ appId, ...one }): Recommendation[] => {
      const app = apps.get(appId);
      return app && isOffered(app, whom.userId) ? [{ ...one, app } as Recommendation] : [];
    })
    .slice(0, RECOMMENDED_MAX);
}

const isOffered = (app: App, userId: string): boolean =>
  app.review === "approved" && app.status === "active" && app.ownerUserId !== userId;

/** What a person dismisses: the app beside others, this change of app, this plan. */
const idOf = (it: Found): string =>
  it.kind === "together"
    ? `together:${it.appId}`
    : it.kind === "cheaper"
      ? `cheaper:${it.because.appId}:${it.appId}`
      : `plan:${it.because.planId}`;
type WithoutApp<One> = One extends { id: string; app: App } ? Omit<One, "id" | "app"> : never;
type Found = WithoutApp<Recommendation> & { appId: string };

/** Plans that would have cost less for the last month's use, most saved first. */
async function betterPlans(db: D1Database, userId: string, used: readonly OwnUse[], now: Millis): Promise<Found[]> {
  const [plans, month] = await Promise.all([
    plansToTake(
      db,
      userId,
      used.map(({ appId }) => appId),
    ),
    spentSince(db, userId, now - MONTH_DAYS * DAY_MS),
  ]);
  return plans
    .flatMap((plan) => {
      const use = month.find(({ appId }) => appId === plan.providerId);
      const wouldTokens = use ? costWith(plan, use.tokens) : 0;
      if (!use || !isSaving(use.tokens, wouldTokens)) return [];
      return [
        {
          kind: "plan" as const,
          appId: plan.providerId,
          because: {
            appId: plan.providerId,
            appName: used.find(({ appId }) => appId === plan.providerId)!.name,
            planId: plan.id,
            planName: plan.name,
            sessions: use.sessions,
            paidTokens: use.tokens,
            monthCents: plan.monthCents,
            includedTokens: plan.includedTokens,
            wouldTokens,
          },
        },
      ];
    })
    .sort((a, b) => a.because.wouldTokens - a.because.paidTokens - (b.because.wouldTokens - b.because.paidTokens));
}

/** A month with a plan, in tokens: one token is one cent at list price. */
export const costWith = (plan: Pick<OfferedPlan, "monthCents" | "includedTokens">, usedTokens: number): number =>
  plan.monthCents + Math.max(0, usedTokens - plan.includedTokens);

const isSaving = (paid: number, would: number): boolean => would <= paid * (1 - SAVING_MIN);

/** Apps that do the same and would have cost less for the very sessions this person had, most saved first. */
async function cheaperApps(
  db: D1Database,
  index: Pick<CatalogueSearch, "alternatives">,
  model: string,
  userId: string,
  used: readonly OwnUse[],
  now: Millis,
): Promise<Found[]> {
  const dearest = used.filter(({ tokens }) => tokens > 0).toSorted((a, b) => b.tokens - a.tokens);
  const found = await Promise.all(
    dearest.slice(0, COMPARED_MAX).map(async (own) => {
      const alternatives = await index.alternatives(own.appId, model, ALTERNATIVES_MAX);
      if (alternatives.length === 0) return [];
      const [apps, facts] = await Promise.all([
        appsById(
          db,
          alternatives.map(({ id }) => id),
        ),
        readSettledFacts(db, { userId, providerId: own.appId }, now - USE_DAYS * DAY_MS, SESSIONS_MAX),
      ]);
      return alternatives.flatMap((alternative) => {
        const app = apps.find(({ id }) => id === alternative.id);
        return app && !used.some(({ appId }) => appId === app.id) ? comparison(own, app, alternative, facts) : [];
      });
    }),
  );
  return found.flat().sort((a, b) => saved(b) - saved(a));
}
const saved = ({ because }: { because: { paidTokens: number; wouldTokens: number } }): number =>
  because.paidTokens - because.wouldTokens;

function comparison(
  own: OwnUse,
  app: App,
  { says, otherSays }: Alternative,
  facts: Awaited<ReturnType<typeof readSettledFacts>>,
) {
  // What one app counts and the other does not cannot be compared; a price by the single report is not worked out here.
  const counted = new Set(facts.flatMap(({ usedMicro }) => Object.keys(usedMicro)));
  const priced = app.components.map(({ meter }) => meter).filter((meter) => !isTimeMeter(meter));
  const isComparable = priced.length === counted.size && priced.every((meter) => counted.has(meter));
  if (!isComparable || needsReports(app.components)) return [];
  const paidTokens = facts.reduce((sum, { tokens }) => sum + tokens, 0);
  const wouldTokens = facts.reduce((sum, one) => sum + replay(one, app, undefined).tokens, 0);
  if (!isSaving(paidTokens, wouldTokens)) return [];
  const because = {
    appId: own.appId,
    appName: own.name,
    sessions: facts.length,
    paidTokens,
    wouldTokens,
    says,
    otherSays,
  };
  return [{ kind: "cheaper" as const, appId: app.id, because }];
}
