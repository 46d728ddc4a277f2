// A person's own limits: which one a start would break and when it begins anew, and how they are changed. The hold itself
// is refused in D1 (migrations/0019_spending.sql); this says why.

import { iso, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { periodAround, type Period } from "./periods.ts";
import {
  knownApps,
  readBalanceAlerts,
  readSpending,
  replaceSpending,
  type SpendingRule,
  type SpendingState,
} from "./store.ts";

/** More than anyone can keep in mind; bounds what a hold has to look at. */
export const SPENDING_RULES_MAX = 30;
export const BALANCE_ALERTS_MAX = 5;
export const SPENDING_TOKENS_MAX = 10_000_000;

/** The limit that stands in the way of holding `tokens` more, the tightest first; null when none does. */
export async function findBrokenLimit(
  db: D1Database,
  hold: { userId: string; providerId: string; tokens: number },
  now: Millis,
): Promise<DomainError | null> {
  if (hold.tokens === 0) return null;
  const broken = brokenLimit(await readSpending(db, hold.userId, now, hold.providerId), hold.tokens);
  return broken && limitReached(broken, hold.tokens, now);
}

/** Of the rules that `tokens` more would break, the one with least left. */
export function brokenLimit(rules: SpendingState[], tokens: number): (SpendingState & { limitTokens: number }) | null {
  const limits = rules.flatMap((rule) =>
    rule.limitTokens === null ? [] : [{ ...rule, limitTokens: rule.limitTokens }],
  );
  return limits.filter((rule) => left(rule) < tokens).toSorted((one, other) => left(one) - left(other))[0] ?? null;
}

const left = (rule: SpendingState & { limitTokens: number }): number =>
  rule.limitTokens - rule.spentTokens - rule.heldTokens;

const IN_PERIOD: Record<Period, string> = { day: "today", week: "this week", month: "this month" };

function limitReached(rule: SpendingState & { limitTokens: number }, tokens: number, now: Millis): DomainError {
  const where = rule.providerId === null ? "" : ` in ${rule.providerName ?? "this app"}`;
  const used = rule.spentTokens + rule.heldTokens;
  const resetsAt = iso(periodAround(rule.period, now).until);
  return new DomainError(
    "spend_limit_reached",
    `You allow yourself ${rule.limitTokens} tokens ${IN_PERIOD[rule.period]}${where}; ${used} are spent or held, and this would hold ${tokens}. Nothing was held. The limit begins anew at ${resetsAt}; you can change it under Wallet, Automatic.`,
    {
      limit: { providerId: rule.providerId, period: rule.period, limitTokens: rule.limitTokens },
      spentTokens: rule.spentTokens,
      heldTokens: rule.heldTokens,
      requiredTokens: tokens,
      resetsAt,
    },
  );
}

export interface SpendingView {
  balanceAlerts: number[];
  rules: (SpendingState & { resetsAt: string })[];
}

/** All a person set, with what counts toward it now. */
export async function viewSpending(
  db: D1Database,
  person: { userId: string; walletId: string },
  now: Millis,
): Promise<SpendingView> {
  const [rules, balanceAlerts] = await Promise.all([
    readSpending(db, person.userId, now),
    readBalanceAlerts(db, person.walletId),
  ]);
  return {
    balanceAlerts,
    rules: rules.map((rule) => ({ ...rule, resetsAt: iso(periodAround(rule.period, now).until) })),
  };
}

/**
 * Put these limits and alerts in the place of those there were. They hold from the next start or extension on; what runs
 * goes on.
 * @throws DomainError `invalid_request` for two rules about the same, a rule that says nothing, or an app there is not.
 */
export async function changeSpending(
  db: D1Database,
  person: { userId: string; walletId: string },
  wish: { rules: SpendingRule[]; balanceAlerts: number[] },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ saved: true }> {
  await assertSensible(db, wish.rules);
  const answer = { saved: true as const };
  await db.batch([
    ...replaceSpending(db, person, wish.rules, [...new Set(wish.balanceAlerts)], now),
    ...(await recordAnswer(db, claim, { status: 200, body: answer }, now)),
  ]);
  return answer;
}

async function assertSensible(db: D1Database, rules: SpendingRule[]): Promise<void> {
  const apps = rules.flatMap(({ providerId }) => providerId ?? []);
  const known = apps.length > 0 ? await knownApps(db, apps) : new Set<string>();
  const seen = new Set<string>();
  const errors = rules.flatMap(({ providerId, period, limitTokens, alertTokens }, index) => {
    const place = `${providerId} ${period}`;
    const problem = seen.has(place)
      ? "there is a rule for this app and period already"
      : providerId !== null && !known.has(providerId)
        ? "there is no such app"
        : limitTokens === null && alertTokens === null
          ? "give limitTokens, alertTokens or both"
          : null;
    seen.add(place);
    return problem ? [{ field: `rules.${index}`, message: problem }] : [];
  });
  if (errors.length > 0)
    throw new DomainError("invalid_request", `${errors[0]!.field}: ${errors[0]!.message}`, { errors });
}
