// SQL of what a plan covers of a session. Reserving, using and giving back is done by the triggers of
// migrations/0065_included_reservations.sql, in the statements that hold and settle.

import type { Millis } from "../clock.ts";

/** What a person's plan for an app still includes at a moment: a scalar subquery of these SQL expressions. 0 without one. */
export const planLeft = (userId: string, providerId: string, at: string): string =>
  `coalesce((SELECT t.left_tokens FROM plan_terms t WHERE t.user_id = ${userId} AND t.provider_id = ${providerId}
    AND t.term_from <= ${at} AND t.term_until > ${at} ORDER BY t.term_until LIMIT 1), 0)`;

/** The same for one person and app. */
export const readPlanLeft = async (
  db: D1Database,
  who: { userId: string; providerId: string },
  now: Millis,
): Promise<number> =>
  (await db
    .prepare(`SELECT ${planLeft("?1", "?2", "?3")} AS tokens`)
    .bind(who.userId, who.providerId, now)
    .first<{ tokens: number }>())!.tokens;
