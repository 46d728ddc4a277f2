// Sessions for later. A plan is an intention, not a contract: nothing is held before the start, the price is the one of the
// moment of the start, and only the person's own click in the window starts it. Where tokens are short by then, the reminder
// says so and the start refuses as any other.

import { DURATION_MAX_SECONDS, DURATION_MIN_SECONDS } from "../../sdk/src/protocol/session.ts";
import { loadForSession } from "../catalogue/load-for-session.ts";
import { termsFor } from "../catalogue/terms.ts";
import { iso, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { readWallet } from "../ledger/store.ts";
import { holdAndCaps } from "./bill.ts";
import { readPlanLeft } from "./plan-store.ts";
import { createSession, type CreatedSession, type WriteSession } from "./create-session.ts";
import {
  cancelScheduled,
  findScheduled,
  insertScheduled,
  listScheduled,
  listUnreminded,
  missPassed,
  remindStatement,
  type ScheduledSession,
} from "./schedule-store.ts";
import type { TokenEnv } from "./tokens.ts";

/** Also written in the trigger of migrations/0039_scheduled_sessions.sql. */
export const PLANNED_MAX = 20;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
export const AHEAD_MAX_DAYS = 90;
/** Reminded, and startable, from so long before ... */
export const OPENS_BEFORE_MS = 5 * MINUTE_MS;
/** ... until so long after; then it is missed. */
export const CLOSES_AFTER_MS = 30 * MINUTE_MS;
/** Missed ones are shown for so long. */
const MISSED_SHOWN_MS = 7 * DAY_MS;
/** Afterwards it is nobody's plan any more. */
export const SCHEDULED_KEPT_MS = 30 * DAY_MS;
const REMINDERS_PER_RUN = 200;

export interface PlanInput {
  userId: string;
  walletId: string;
  providerId: string;
  startsAt: Millis;
  durationSeconds: number;
  autoExtendSeconds: number;
}

export const scheduledView = (plan: ScheduledSession) => ({
  id: plan.id,
  providerId: plan.providerId,
  providerName: plan.providerName,
  durationSeconds: plan.durationSeconds,
  durationMinutes: plan.durationSeconds / 60,
  autoExtendSeconds: plan.autoExtendSeconds,
  startsAt: iso(plan.startsAt),
  opensAt: iso(plan.opensAt),
  closesAt: iso(plan.closesAt),
  status: plan.status,
  sessionId: plan.sessionId,
});
export interface PlanAnswer {
  scheduled: ReturnType<typeof scheduledView>;
}

/**
 * Plan a session. Holds nothing. Idempotent by `claim`.
 * @throws DomainError `provider_not_found`, `duration_out_of_range`, `invalid_request` for a time that is past or too far
 *   ahead, `scheduled_sessions_limit`.
 */
export async function planSession(
  db: D1Database,
  input: PlanInput,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<PlanAnswer> {
  if (input.durationSeconds < DURATION_MIN_SECONDS || input.durationSeconds > DURATION_MAX_SECONDS)
    throw new DomainError("duration_out_of_range", "A session lasts from 5 to 180 minutes.");
  if (input.startsAt <= now || input.startsAt > now + AHEAD_MAX_DAYS * DAY_MS) {
    const message = `give a time from now to ${AHEAD_MAX_DAYS} days ahead`;
    throw new DomainError("invalid_request", `startsAt: ${message}`, { errors: [{ field: "startsAt", message }] });
  }
  const provider = await loadForSession(db, input.providerId, now);
  if (!provider || provider.review !== "approved")
    throw new DomainError("provider_not_found", "There is no such app in the catalogue.");
  const plan: ScheduledSession = {
    id: newId(now),
    ...input,
    providerName: provider.name,
    opensAt: input.startsAt - OPENS_BEFORE_MS,
    closesAt: input.startsAt + CLOSES_AFTER_MS,
    status: "planned",
    sessionId: null,
  };
  const answer = { scheduled: scheduledView(plan) };
  try {
    await db.batch([
      insertScheduled(db, plan, now),
      ...(await recordAnswer(db, claim, { status: 200, body: answer }, now)),
    ]);
  } catch (error) {
    if (!String((error as Error)?.message).includes("scheduled_sessions_limit")) throw error;
    throw new DomainError(
      "scheduled_sessions_limit",
      `You have ${PLANNED_MAX} sessions planned, which is the most. Start or cancel one first.`,
    );
  }
  return answer;
}

export const plannedSessions = async (db: D1Database, userId: string, now: Millis): Promise<ScheduledSession[]> =>
  (await listScheduled(db, userId, now - MISSED_SHOWN_MS)).map((plan) => asOf(plan, now));

/** The cron marks what was missed within a minute; until then it is missed all the same. */
const asOf = (plan: ScheduledSession, now: Millis): ScheduledSession =>
  plan.status === "planned" && now > plan.closesAt ? { ...plan, status: "missed" } : plan;

/** @throws DomainError `scheduled_session_not_found`. */
async function ownPlan(db: D1Database, userId: string, id: string, now: Millis): Promise<ScheduledSession> {
  const plan = await findScheduled(db, id);
  if (!plan || plan.userId !== userId)
    throw new DomainError("scheduled_session_not_found", "You have no planned session with this id.");
  return asOf(plan, now);
}

/** Take a plan back; one that is not planned any more stays what it is. @throws DomainError `scheduled_session_not_found`. */
export async function cancelPlan(db: D1Database, userId: string, id: string, now: Millis): Promise<PlanAnswer> {
  const plan = await ownPlan(db, userId, id, now);
  if (plan.status !== "planned") return { scheduled: scheduledView(plan) };
  await cancelScheduled(db, id, now).run();
  return { scheduled: scheduledView(await ownPlan(db, userId, id, now)) };
}

/**
 * Start a planned session: from here on it is any other session.
 * @throws DomainError `scheduled_session_not_found`, `scheduled_session_not_due` (with `opensAt`), `scheduled_session_over`, and
 *   all of `createSession`: `insufficient_tokens` where the balance is short by now.
 */
export async function startPlan(
  env: TokenEnv & { DB: D1Database },
  write: WriteSession,
  person: { userId: string; walletId: string },
  id: string,
  consent: {
    maxTokens?: number | null;
    includedTokens?: number | null;
    fixedDuration?: boolean;
    claim: IdempotencyClaim | null;
  },
  now: Millis,
): Promise<CreatedSession> {
  const plan = await ownPlan(env.DB, person.userId, id, now);
  if (plan.status !== "planned") throw over(plan);
  if (now < plan.opensAt)
    throw new DomainError(
      "scheduled_session_not_due",
      `This session is planned for ${iso(plan.startsAt)} and can be started from ${iso(plan.opensAt)}. Start one now without the plan if you like.`,
      { opensAt: iso(plan.opensAt) },
    );
  const { providerId, durationSeconds, autoExtendSeconds } = plan;
  const input = { mode: "live" as const, ...person, providerId, durationSeconds, autoExtendSeconds, tags: [] };
  try {
    return await createSession(env, write, { ...input, ...consent, scheduleId: id }, now);
  } catch (error) {
    // Two clicks at once: the other one started it.
    if (!(error instanceof DomainError) || error.code !== "session_changed") throw error;
    const meanwhile = await ownPlan(env.DB, person.userId, id, now);
    throw meanwhile.status === "planned" ? error : over(meanwhile);
  }
}

const over = (plan: ScheduledSession): DomainError =>
  new DomainError(
    "scheduled_session_over",
    `This planned session was ${plan.status === "missed" ? "not started in its time" : plan.status} already; nothing was held.`,
    { status: plan.status, sessionId: plan.sessionId },
  );

/** What the cron does every minute: remind, saying what it needs and what is there, and note what was missed. */
export async function tendPlans(db: D1Database, now: Millis): Promise<void> {
  for (const plan of await listUnreminded(db, now, REMINDERS_PER_RUN))
    await remindStatement(db, plan.id, await reminderFor(db, plan, now), now).run();
  await missPassed(db, now).run();
}

async function reminderFor(db: D1Database, plan: ScheduledSession, now: Millis) {
  const provider = await loadForSession(db, plan.providerId, now);
  const offered = provider && (await termsFor(db, provider, { userId: plan.userId }, now));
  const heldTokens = offered ? holdAndCaps(offered.terms, plan.durationSeconds).heldTokens : null;
  const requiredTokens = heldTokens && Math.max(0, heldTokens - (await readPlanLeft(db, plan, now)));
  const balanceTokens = (await readWallet(db, plan.walletId))?.available ?? 0;
  return {
    scheduledId: plan.id,
    providerId: plan.providerId,
    providerName: plan.providerName,
    startsAt: iso(plan.startsAt),
    closesAt: iso(plan.closesAt),
    isStartable: provider?.status === "active" && offered !== null,
    requiredTokens,
    balanceTokens,
    missingTokens: Math.max(0, (requiredTokens ?? 0) - balanceTokens),
  };
}
