// SQL of price versions and price tests: what is on offer, the history, and what a person has had of free minutes.

import type { Millis } from "../clock.ts";
import type { App } from "./app.ts";
import type { AppPrices, PriceTest, PriceVersion, Trial } from "./offer.ts";

/** So many list prices back and ahead decide what is on offer; older ones nobody can keep any more. */
export const VERSIONS_READ_MAX = 20;

const VERSION_JSON = `json_object('id', v.id, 'components', json(v.components), 'feeBasisPoints', v.fee_basis_points,
  'trialSeconds', v.trial_seconds, 'effectiveAt', v.effective_at, 'keepUntil', v.keep_until)`;

/** Subqueries over `p` (a row of providers) that make an `AppPrices` as JSON text. */
export const VERSIONS_OF_P = `(SELECT json_group_array(json(version)) FROM (SELECT ${VERSION_JSON} AS version FROM price_versions v
  WHERE v.provider_id = p.id AND v.purpose = 'list' AND v.withdrawn_at IS NULL
  ORDER BY v.effective_at DESC, v.id DESC LIMIT ${VERSIONS_READ_MAX}))`;
export const EXPERIMENT_OF_P = `(SELECT json_object('id', e.id, 'baseVersionId', e.base_version_id,
  'testShareBasisPoints', e.test_share_basis_points, 'startedAt', e.started_at, 'test', json(${VERSION_JSON}))
  FROM price_experiments e JOIN price_versions v ON v.id = e.test_version_id WHERE e.provider_id = p.id AND e.stopped_at IS NULL)`;

export const pricesFromJson = (row: { versions: string; experiment: string | null }): AppPrices => ({
  versions: (JSON.parse(row.versions) as PriceVersion[]).sort(newestFirst),
  experiment: row.experiment === null ? null : (JSON.parse(row.experiment) as PriceTest),
});

const newestFirst = (a: PriceVersion, b: PriceVersion): number =>
  b.effectiveAt - a.effectiveAt || (a.id < b.id ? 1 : -1);

/** When a person first used an app; null: never. */
export const readSince = async (db: D1Database, userId: string, providerId: string): Promise<Millis | null> =>
  (
    await db
      .prepare("SELECT created_at AS since FROM subjects WHERE user_id = ? AND provider_id = ?")
      .bind(userId, providerId)
      .first<{ since: Millis | null }>()
  )?.since ?? null;

/** What the app knows a person by; null before their first session there. */
export const readSubject = async (db: D1Database, userId: string, providerId: string): Promise<string | null> =>
  (
    await db
      .prepare("SELECT subject FROM subjects WHERE user_id = ? AND provider_id = ?")
      .bind(userId, providerId)
      .first<{ subject: string }>()
  )?.subject ?? null;

export const readTrial = (db: D1Database, userId: string, providerId: string): Promise<Trial | null> =>
  db
    .prepare(
      `SELECT granted_seconds AS grantedSeconds, used_seconds AS usedSeconds, session_id AS sessionId
       FROM trials WHERE user_id = ? AND provider_id = ?`,
    )
    .bind(userId, providerId)
    .first<Trial>();

/** Price versions are rows that never change (trigger); a session keeps the one it was made with. */
export const insertPriceVersion = (
  db: D1Database,
  version: PriceVersion & { providerId: string; purpose: "list" | "experiment" },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO price_versions (id, provider_id, components, fee_basis_points, created_at, effective_at, keep_until,
         trial_seconds, purpose) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      version.id,
      version.providerId,
      JSON.stringify(version.components),
      version.feeBasisPoints,
      now,
      version.effectiveAt,
      version.keepUntil,
      version.trialSeconds,
      version.purpose,
    );

/** The first price of an app, from the moment it is there. */
export const firstVersionOf = (app: Omit<App, "unreachableSince">) => ({
  id: app.priceVersionId,
  providerId: app.id,
  purpose: "list" as const,
  components: app.components,
  feeBasisPoints: app.feeBasisPoints,
  trialSeconds: 0,
  effectiveAt: app.createdAt,
  keepUntil: null,
});

export const pointToPriceVersion = (
  db: D1Database,
  app: Pick<App, "id" | "priceVersionId" | "tokenRatePerHour">,
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare("UPDATE providers SET price_version_id = ?, token_rate_per_hour = ?, updated_at = ? WHERE id = ?")
    .bind(app.priceVersionId, app.tokenRatePerHour, now, app.id);

/** Only a version that has not started can be withdrawn; once. */
export const withdrawVersion = (
  db: D1Database,
  version: { id: string; providerId: string },
  now: Millis,
): Promise<D1Result> =>
  db
    .prepare(
      `UPDATE price_versions SET withdrawn_at = ?3 WHERE id = ?1 AND provider_id = ?2 AND purpose = 'list'
         AND withdrawn_at IS NULL AND effective_at > ?3`,
    )
    .bind(version.id, version.providerId, now)
    .run();

export interface HistoryRow extends PriceVersion {
  createdAt: Millis;
  purpose: "list" | "experiment";
  withdrawnAt: Millis | null;
  /** Of the test the version was made for. */
  testedFrom: Millis | null;
  testedUntil: Millis | null;
}

/** Every version of an app, newest start first. */
export async function priceHistory(db: D1Database, providerId: string, limit: number): Promise<HistoryRow[]> {
  const { results } = await db
    .prepare(
      `SELECT v.id, v.components, v.fee_basis_points AS feeBasisPoints, v.trial_seconds AS trialSeconds,
         v.effective_at AS effectiveAt, v.keep_until AS keepUntil, v.created_at AS createdAt, v.purpose,
         v.withdrawn_at AS withdrawnAt, e.started_at AS testedFrom, e.stopped_at AS testedUntil
       FROM price_versions v LEFT JOIN price_experiments e ON e.test_version_id = v.id AND v.purpose = 'experiment'
       WHERE v.provider_id = ? ORDER BY v.effective_at DESC, v.id DESC LIMIT ?`,
    )
    .bind(providerId, limit)
    .all<Omit<HistoryRow, "components"> & { components: string }>();
  return results.map((row) => ({ ...row, components: JSON.parse(row.components) as HistoryRow["components"] }));
}

/** One version of any app, also of an ended test: receipts and what-if name versions by id. */
export async function findVersion(db: D1Database, id: string): Promise<(PriceVersion & { providerId: string }) | null> {
  const row = await db
    .prepare(
      `SELECT v.id, v.provider_id AS providerId, v.components, v.fee_basis_points AS feeBasisPoints,
         v.trial_seconds AS trialSeconds, v.effective_at AS effectiveAt, v.keep_until AS keepUntil
       FROM price_versions v WHERE v.id = ?`,
    )
    .bind(id)
    .first<Omit<PriceVersion, "components"> & { providerId: string; components: string }>();
  return row && { ...row, components: JSON.parse(row.components) as PriceVersion["components"] };
}

/** Apps whose announced price has started while their row still points to the one before. */
export async function startedVersions(
  db: D1Database,
  since: Millis,
  now: Millis,
  limit: number,
): Promise<{ providerId: string; version: PriceVersion }[]> {
  const { results } = await db
    .prepare(
      `SELECT p.id AS providerId, ${VERSION_JSON} AS version FROM price_versions v JOIN providers p ON p.id = v.provider_id
       WHERE v.purpose = 'list' AND v.withdrawn_at IS NULL AND v.effective_at BETWEEN ?1 AND ?2 AND v.id <> p.price_version_id
         AND NOT EXISTS (SELECT 1 FROM price_versions w WHERE w.provider_id = v.provider_id AND w.purpose = 'list'
           AND w.withdrawn_at IS NULL AND w.effective_at BETWEEN v.effective_at AND ?2
           AND (w.effective_at > v.effective_at OR w.id > v.id))
       LIMIT ?3`,
    )
    .bind(since, now, limit)
    .all<{ providerId: string; version: string }>();
  return results.map((row) => ({ ...row, version: JSON.parse(row.version) as PriceVersion }));
}
