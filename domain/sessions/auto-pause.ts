// A person's own auto-pause rules: idle sooner than after two minutes, or so many minutes a day. They can only make a
// session stop earlier than the contract's rules would, and hold from the next start on.

import { IDLE_SECONDS } from "../../sdk/src/protocol/session.ts";
import { iso, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { knownApps } from "../spending/store.ts";
import { dayOf, readAutoPause, replaceAutoPause, type AutoPauseRule, type AutoPauseState } from "./auto-pause-store.ts";

export type { AutoPauseRule };

/** Pages tell of activity every 30 s; below a minute an active person would be paused between two beats. */
export const IDLE_MIN_SECONDS = 60;
export const IDLE_MAX_SECONDS = IDLE_SECONDS;
/** No session is shorter. */
export const DAILY_MIN_MINUTES = 5;
export const DAILY_MAX_MINUTES = 24 * 60;
/** Bounds what a start has to look at. */
export const AUTO_PAUSE_RULES_MAX = 30;

export interface AutoPauseView {
  rules: AutoPauseState[];
  /** When the minutes of a day begin anew. */
  resetsAt: string;
}
export const viewAutoPause = async (db: D1Database, userId: string, now: Millis): Promise<AutoPauseView> => ({
  rules: await readAutoPause(db, userId, now),
  resetsAt: iso(dayOf(now).until),
});

/**
 * Put these rules in the place of those there were.
 * @throws DomainError `invalid_request` for two rules about the same, a rule that says nothing, or an app there is not.
 */
export async function changeAutoPause(
  db: D1Database,
  userId: string,
  rules: AutoPauseRule[],
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ saved: true }> {
  await assertSensible(db, rules);
  const answer = { saved: true as const };
  await db.batch([
    ...replaceAutoPause(db, userId, rules, now),
    ...(await recordAnswer(db, claim, { status: 200, body: answer }, now)),
  ]);
  return answer;
}

async function assertSensible(db: D1Database, rules: AutoPauseRule[]): Promise<void> {
  const apps = rules.flatMap(({ providerId }) => providerId ?? []);
  const known = apps.length > 0 ? await knownApps(db, apps) : new Set<string>();
  const seen = new Set<string | null>();
  const errors = rules.flatMap(({ providerId, idleSeconds, dailyMinutes }, index) => {
    const problem = seen.has(providerId)
      ? "there is a rule for this app already"
      : providerId !== null && !known.has(providerId)
        ? "there is no such app"
        : idleSeconds === null && dailyMinutes === null
          ? "give idleSeconds, dailyMinutes or both"
          : null;
    seen.add(providerId);
    return problem ? [{ field: `rules.${index}`, message: problem }] : [];
  });
  if (errors.length > 0)
    throw new DomainError("invalid_request", `${errors[0]!.field}: ${errors[0]!.message}`, { errors });
}

/** The daily limit that stands in the way of another start today; null when none does. */
export async function findSpentDay(
  db: D1Database,
  start: { userId: string; providerId: string },
  now: Millis,
): Promise<DomainError | null> {
  const rules = await readAutoPause(db, start.userId, now, start.providerId);
  const spent = rules.find(
    ({ dailyMinutes, usedSeconds }) => dailyMinutes !== null && usedSeconds >= dailyMinutes * 60,
  );
  if (!spent) return null;
  const where = spent.providerId === null ? "" : ` in ${spent.providerName ?? "this app"}`;
  const resetsAt = iso(dayOf(now).until);
  return new DomainError(
    "daily_limit_reached",
    `You allow yourself ${spent.dailyMinutes} minutes a day${where}, and they are used up. Nothing was held. The next day begins at ${resetsAt}; you can change the rule under Account, Pauses.`,
    {
      limit: { providerId: spent.providerId, dailyMinutes: spent.dailyMinutes },
      usedSeconds: spent.usedSeconds,
      resetsAt,
    },
  );
}
