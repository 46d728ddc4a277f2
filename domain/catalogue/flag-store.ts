// SQL of flags on listings: what an operator should look at, until one has decided about the app.

import type { Millis } from "../clock.ts";
import type { FlagKind, ListingFlag } from "./listing-flags.ts";

/** Make the flags of an app those that were found now. A place that was looked at before stays looked at. */
export const putFlags = (
  db: D1Database,
  providerId: string,
  flags: readonly ListingFlag[],
  now: Millis,
): D1PreparedStatement[] => [
  db
    .prepare(
      `DELETE FROM listing_flags WHERE provider_id = ?1 AND NOT EXISTS (SELECT 1 FROM json_each(?2) f
         WHERE f.value->>'field' = field AND f.value->>'kind' = kind AND f.value->>'excerpt' = excerpt)`,
    )
    .bind(providerId, JSON.stringify(flags)),
  db
    .prepare(
      `INSERT OR IGNORE INTO listing_flags (provider_id, field, kind, excerpt, at)
       SELECT ?1, value->>'field', value->>'kind', value->>'excerpt', ?3 FROM json_each(?2)`,
    )
    .bind(providerId, JSON.stringify(flags), now),
];

export interface OpenFlag {
  providerId: string;
  field: string;
  kind: FlagKind;
  excerpt: string;
}
/** Of these apps, those nobody has looked at yet. */
export const openFlagsOf = async (db: D1Database, providerIds: readonly string[]): Promise<OpenFlag[]> =>
  (
    await db
      .prepare(
        `SELECT provider_id AS providerId, field, kind, excerpt FROM listing_flags
         WHERE seen_at IS NULL AND provider_id IN (SELECT value FROM json_each(?)) ORDER BY at, field, kind`,
      )
      .bind(JSON.stringify(providerIds))
      .all<OpenFlag>()
  ).results;

/** Which places of an app's words an operator has let pass. */
export const seenExcerpts = async (db: D1Database, providerId: string): Promise<Set<string>> =>
  new Set(
    (
      await db
        .prepare("SELECT excerpt FROM listing_flags WHERE provider_id = ? AND seen_at IS NOT NULL")
        .bind(providerId)
        .all<{ excerpt: string }>()
    ).results.map(({ excerpt }) => excerpt),
  );

/** With a decision about the app. */
export const markFlagsSeen = (db: D1Database, providerId: string, now: Millis): D1PreparedStatement =>
  db.prepare("UPDATE listing_flags SET seen_at = ? WHERE provider_id = ? AND seen_at IS NULL").bind(now, providerId);
