// SQL of recommendations: the counted pairs and their making, what a person uses, what they do not want to see again.

import type { Millis } from "../clock.ts";
import type { Pair } from "./together.ts";

/** No count of fewer people is kept or shown: it would say what single people do. */
export const PEOPLE_MIN = 5;
/** The newest people of an app; more say nothing new. */
const PEOPLE_MAX = 2_000;
const PAIRS_OF_APP_MAX = 50;

/**
 * Use that counts: settled, paid, with somebody else's app, and by people who still have an account. `s` is a row of sessions.
 */
const COUNTS = `s.mode = 'live' AND s.payable = 1 AND s.settled_at IS NOT NULL AND s.consumed_tokens > 0
  AND s.created_at >= ?2 AND EXISTS (SELECT 1 FROM users u WHERE u.id = s.user_id)`;

/** Work the pairs of one app out anew. */
export const countPairs = (db: D1Database, providerId: string, since: Millis, now: Millis): Promise<unknown> =>
  db.batch([
    db.prepare("DELETE FROM app_pairs WHERE provider_id = ?").bind(providerId),
    db
      .prepare(
        `INSERT INTO app_pairs (provider_id, other_id, people_both, people)
         WITH own AS MATERIALIZED (SELECT s.user_id FROM sessions s WHERE s.provider_id = ?1 AND ${COUNTS}
           GROUP BY s.user_id ORDER BY max(s.created_at) DESC LIMIT ${PEOPLE_MAX})
         SELECT ?1, s.provider_id, count(DISTINCT s.user_id), (SELECT count(*) FROM own)
         FROM own JOIN sessions s ON s.user_id = own.user_id WHERE ${COUNTS}
         GROUP BY s.provider_id HAVING count(DISTINCT s.user_id) >= ${PEOPLE_MIN}
         ORDER BY s.provider_id = ?1 DESC, count(DISTINCT s.user_id) DESC LIMIT ${PAIRS_OF_APP_MAX + 1}`,
      )
      .bind(providerId, since),
    db.prepare("INSERT OR REPLACE INTO app_pair_runs (provider_id, at) VALUES (?, ?)").bind(providerId, now),
  ]);

/** Apps of which something was settled since `since` and not counted after it, and those counted before `stale`; oldest first. */
export const appsToCount = async (db: D1Database, since: Millis, stale: Millis, limit: number): Promise<string[]> =>
  (
    await db
      .prepare(
        `SELECT p.id FROM providers p LEFT JOIN app_pair_runs r ON r.provider_id = p.id
         WHERE r.at < ?2 OR (coalesce(r.at, 0) < ?1 AND EXISTS (SELECT 1 FROM settlements t WHERE t.provider_id = p.id AND t.at >= ?1))
         ORDER BY coalesce(r.at, 0), p.id LIMIT ?3`,
      )
      .bind(since, stale, limit)
      .all<{ id: string }>()
  ).results.map(({ id }) => id);

/** An app a person uses. */
export interface OwnUse {
  appId: string;
  name: string;
  sessions: number;
  /** Paid, what was given back later taken off. */
  tokens: number;
}
export interface Known {
  /** Newest use first. */
  used: OwnUse[];
  pairs: Pair[];
  dismissed: Set<string>;
}
const APPS_USED_MAX = 20;

/** What recommendations to a person are made of, in one read. */
export async function readKnown(db: D1Database, userId: string, since: Millis): Promise<Known> {
  const own = `SELECT s.provider_id FROM sessions s WHERE s.user_id = ?1 AND s.created_at >= ?2 AND s.mode = 'live'
    AND s.settled_at IS NOT NULL AND s.started_at IS NOT NULL`;
  const [used, pairs, dismissed] = await db.batch([
    db
      .prepare(
        `SELECT s.provider_id AS appId, max(s.provider_name) AS name, count(*) AS sessions,
           sum(s.consumed_tokens - s.included_tokens - coalesce((SELECT sum(v.tokens) FROM reversals v WHERE v.session_id = s.id), 0)) AS tokens
         FROM sessions s WHERE s.user_id = ?1 AND s.created_at >= ?2 AND s.mode = 'live' AND s.settled_at IS NOT NULL
           AND s.started_at IS NOT NULL
         GROUP BY s.provider_id ORDER BY max(s.created_at) DESC LIMIT ${APPS_USED_MAX}`,
      )
      .bind(userId, since),
    db
      .prepare(
        `SELECT a.provider_id AS appId, a.other_id AS otherId, a.people_both AS peopleBoth, a.people, o.people AS otherPeople
         FROM app_pairs a LEFT JOIN app_pairs o ON o.provider_id = a.other_id AND o.other_id = a.other_id
         WHERE a.provider_id IN (${own}) AND a.other_id <> a.provider_id`,
      )
      .bind(userId, since),
    db.prepare("SELECT recommendation FROM dismissed_recommendations WHERE user_id = ?").bind(userId),
  ]);
  return {
    used: used!.results as OwnUse[],
    pairs: pairs!.results as Pair[],
    dismissed: new Set(
      (dismissed!.results as { recommendation: string }[]).map(({ recommendation }) => recommendation),
    ),
  };
}

/** Who dismisses more than anyone reads loses the oldest. */
const DISMISSED_MAX = 500;
export const dismissStatements = (
  db: D1Database,
  userId: string,
  recommendation: string,
  now: Millis,
): D1PreparedStatement[] => [
  db
    .prepare("INSERT OR REPLACE INTO dismissed_recommendations (user_id, recommendation, at) VALUES (?, ?, ?)")
    .bind(userId, recommendation, now),
  db
    .prepare(
      `DELETE FROM dismissed_recommendations WHERE user_id = ?1 AND recommendation IN (SELECT recommendation
         FROM dismissed_recommendations WHERE user_id = ?1 ORDER BY at DESC LIMIT -1 OFFSET ${DISMISSED_MAX})`,
    )
    .bind(userId),
];

export interface OfferedPlan {
  id: string;
  providerId: string;
  name: string;
  monthCents: number;
  includedTokens: number;
}
/** Plans of some apps that a person could take: offered, and no plan of that app is theirs already. */
export const plansToTake = async (db: D1Database, userId: string, appIds: readonly string[]): Promise<OfferedPlan[]> =>
  (
    await db
      .prepare(
        `SELECT l.id, l.provider_id AS providerId, l.name, l.month_cents AS monthCents, l.included_tokens AS includedTokens
         FROM plans l JOIN json_each(?2) one ON one.value = l.provider_id
         WHERE l.retired_at IS NULL AND NOT EXISTS (SELECT 1 FROM subscriptions b WHERE b.user_id = ?1
           AND b.provider_id = l.provider_id AND b.status IN ('active', 'past_due'))
         ORDER BY l.created_at LIMIT 100`,
      )
      .bind(userId, JSON.stringify(appIds))
      .all<OfferedPlan>()
  ).results;

/** Tokens a person spent in each app since a moment, what was given back taken off. */
export const spentSince = async (
  db: D1Database,
  userId: string,
  since: Millis,
): Promise<{ appId: string; tokens: number; sessions: number }[]> =>
  (
    await db
      .prepare(
        `SELECT s.provider_id AS appId, count(*) AS sessions,
           sum(s.consumed_tokens - s.included_tokens - coalesce((SELECT sum(v.tokens) FROM reversals v WHERE v.session_id = s.id), 0)) AS tokens
         FROM sessions s WHERE s.user_id = ?1 AND s.created_at >= ?2 AND s.mode = 'live' AND s.settled_at IS NOT NULL
         GROUP BY s.provider_id`,
      )
      .bind(userId, since)
      .all<{ appId: string; tokens: number; sessions: number }>()
  ).results;
