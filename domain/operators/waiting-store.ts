// SQL of how much waits for an operator in each area of their pages. Every count reads an index of what waits and nothing
// else, so that it stays cheap when much is done.

import { HELD } from "../referrals/held-store.ts";

/** Area of the operators' pages to the count of what its page lists first. */
export const WAITING = {
  books: "SELECT count(*) AS n FROM alerts WHERE acknowledged_at IS NULL",
  complaints: "SELECT count(*) AS n FROM complaints WHERE status = 'open'",
  disputes: "SELECT count(*) AS n FROM disputes WHERE status IN ('inquiry', 'open')",
  slices: "SELECT count(*) AS n FROM slices WHERE status = 'contested'",
  reviews: "SELECT count(*) AS n FROM purchase_reviews WHERE status = 'held'",
  listings: `SELECT (SELECT count(*) FROM providers WHERE review = 'pending' AND status <> 'inactive') + (
      SELECT count(DISTINCT f.provider_id) FROM listing_flags f JOIN providers p ON p.id = f.provider_id
      WHERE f.seen_at IS NULL AND p.review = 'approved' AND p.status <> 'inactive') AS n`,
  onboarding: `SELECT count(*) AS n FROM onboarding_requests r WHERE r.answered_at IS NULL
      AND EXISTS (SELECT 1 FROM users u WHERE u.id = r.user_id)`,
  referrals: `SELECT count(*) AS n FROM referrals WHERE ${HELD}`,
} as const;
export type WaitingArea = keyof typeof WAITING;
export const WAITING_AREAS = Object.keys(WAITING) as WaitingArea[];

/** One batch of counts. */
export async function countWaiting(db: D1Database): Promise<Record<WaitingArea, number>> {
  const answers = await db.batch<{ n: number }>(WAITING_AREAS.map((area) => db.prepare(WAITING[area])));
  return Object.fromEntries(WAITING_AREAS.map((area, index) => [area, answers[index]!.results[0]!.n])) as Record<
    WaitingArea,
    number
  >;
}
