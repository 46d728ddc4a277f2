// SQL of the catalogue. Reads go through drizzle (typed, and as fast as plain statements on D1); writes are statements that
// their callers put into one batch.

import { and, asc, eq, gt, ne, or, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Millis } from "../clock.ts";
import { appHealth, priceVersions, providers } from "../schema.ts";
import type { App, AppStatus } from "./app.ts";
import { EXPERIMENT_OF_P, firstVersionOf, insertPriceVersion, pricesFromJson, VERSIONS_OF_P } from "./price-store.ts";
import type { AppPrices } from "./offer.ts";
import { STATS_OF_P, type VersionStats } from "./usage-stats-store.ts";

const APP_COLUMNS = {
  id: providers.id,
  ownerUserId: providers.ownerUserId,
  name: providers.name,
  description: providers.description,
  category: providers.category,
  tags: providers.tags,
  useCases: providers.useCases,
  appUrl: providers.appUrl,
  appOrigin: providers.appOrigin,
  logoUrl: providers.logoUrl,
  dataReceived: providers.dataReceived,
  refundTerms: providers.refundTerms,
  regions: providers.regions,
  fixedDuration: providers.fixedDuration,
  status: providers.status,
  review: providers.review,
  priceVersionId: providers.priceVersionId,
  components: priceVersions.components,
  feeBasisPoints: priceVersions.feeBasisPoints,
  tokenRatePerHour: providers.tokenRatePerHour,
  rating: providers.rating,
  ratingCount: providers.ratingCount,
  createdAt: providers.createdAt,
  updatedAt: providers.updatedAt,
  unreachableSince: appHealth.openSince,
};

const selectApps = (db: D1Database) =>
  drizzle(db)
    .select(APP_COLUMNS)
    .from(providers)
    .innerJoin(priceVersions, eq(priceVersions.id, providers.priceVersionId))
    .leftJoin(appHealth, eq(appHealth.providerId, providers.id));

export const findApp = async (db: D1Database, id: string): Promise<App | null> =>
  (await selectApps(db).where(eq(providers.id, id)))[0] ?? null;

/** These apps, in no order. One parameter, however many: D1 takes a hundred at most. */
export const appsById = (db: D1Database, ids: readonly string[]): Promise<App[]> =>
  selectApps(db).where(sql`${providers.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`);

/** What starting a session needs of an app, its prices included, in one read. */
export type ProviderForSession = Pick<
  App,
  "id" | "name" | "ownerUserId" | "appUrl" | "appOrigin" | "status" | "review" | "unreachableSince"
> & {
  fixedDuration: boolean;
  prices: AppPrices;
  stats: VersionStats[];
};
export async function findForSession(db: D1Database, id: string): Promise<ProviderForSession | null> {
  const row = await db
    .prepare(
      `SELECT p.id, p.name, p.owner_user_id AS ownerUserId, p.app_url AS appUrl, p.app_origin AS appOrigin, p.status, p.review,
         p.fixed_duration AS fixedDuration,
         (SELECT h.open_since FROM app_health h WHERE h.provider_id = p.id) AS unreachableSince, ${VERSIONS_OF_P} AS versions, ${EXPERIMENT_OF_P} AS experiment,
         ${STATS_OF_P} AS stats FROM providers p WHERE p.id = ?`,
    )
    .bind(id)
    .first<
      Omit<ProviderForSession, "prices" | "stats" | "fixedDuration"> & {
        fixedDuration: number;
        versions: string;
        experiment: string | null;
        stats: string;
      }
    >();
  if (!row) return null;
  const { versions, experiment, stats, fixedDuration, ...provider } = row;
  return {
    ...provider,
    fixedDuration: fixedDuration === 1,
    prices: pricesFromJson({ versions, experiment }),
    stats: JSON.parse(stats) as VersionStats[],
  };
}

/** Approved apps that are not inactive, oldest first: the order never moves under a cursor when an app is added. */
export const listedApps = (
  db: D1Database,
  after: { createdAt: Millis; id: string } | null,
  limit: number,
): Promise<App[]> =>
  selectApps(db)
    .where(
      and(
        eq(providers.review, "approved"),
        ne(providers.status, "inactive"),
        after
          ? or(
              gt(providers.createdAt, after.createdAt),
              and(eq(providers.createdAt, after.createdAt), gt(providers.id, after.id)),
            )
          : undefined,
      ),
    )
    .orderBy(asc(providers.createdAt), asc(providers.id))
    .limit(limit);

export const appsOfOwner = (db: D1Database, ownerUserId: string, limit: number): Promise<App[]> =>
  selectApps(db)
    .where(eq(providers.ownerUserId, ownerUserId))
    .orderBy(asc(providers.createdAt), asc(providers.id))
    .limit(limit);

/** Another owner's app at this origin, if there is one. A rejected app holds no origin. */
export const originTakenBy = async (db: D1Database, appOrigin: string, ownerUserId: string): Promise<string | null> =>
  (
    await drizzle(db)
      .select({ id: providers.id })
      .from(providers)
      .where(
        and(
          eq(providers.appOrigin, appOrigin),
          ne(providers.ownerUserId, ownerUserId),
          ne(providers.review, "rejected"),
        ),
      )
      .limit(1)
  )[0]?.id ?? null;

/** A new app with its first price version. An origin of another owner fails the batch with `origin_taken` (trigger). */
export function insertApp(db: D1Database, app: Omit<App, "unreachableSince">): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `INSERT INTO providers (id, owner_user_id, name, description, category, tags, use_cases, app_url, app_origin, logo_url,
           data_received, refund_terms, regions, fixed_duration, status, review, price_version_id, token_rate_per_hour, rating, rating_count,
           created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .bind(
        app.id,
        app.ownerUserId,
        app.name,
        app.description,
        app.category,
        JSON.stringify(app.tags),
        JSON.stringify(app.useCases),
        app.appUrl,
        app.appOrigin,
        app.logoUrl,
        JSON.stringify(app.dataReceived),
        app.refundTerms,
        JSON.stringify(app.regions),
        app.fixedDuration ? 1 : 0,
        app.status,
        app.review,
        app.priceVersionId,
        app.tokenRatePerHour,
        app.rating,
        app.ratingCount,
        app.createdAt,
        app.updatedAt,
      ),
    insertPriceVersion(db, firstVersionOf(app), app.createdAt),
  ];
}

export const updateStatus = (db: D1Database, id: string, status: AppStatus, now: Millis): D1PreparedStatement =>
  db.prepare("UPDATE providers SET status = ?, updated_at = ? WHERE id = ?").bind(status, now, id);

/** All that its owner may write on an app's page, and its review. */
export const updateListing = (db: D1Database, app: App): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE providers SET name = ?, description = ?, category = ?, tags = ?, use_cases = ?, app_url = ?, app_origin = ?,
         logo_url = ?, data_received = ?, refund_terms = ?, regions = ?, fixed_duration = ?, review = ?, updated_at = ? WHERE id = ?`,
    )
    .bind(
      app.name,
      app.description,
      app.category,
      JSON.stringify(app.tags),
      JSON.stringify(app.useCases),
      app.appUrl,
      app.appOrigin,
      app.logoUrl,
      JSON.stringify(app.dataReceived),
      app.refundTerms,
      JSON.stringify(app.regions),
      app.fixedDuration ? 1 : 0,
      app.review,
      app.updatedAt,
      app.id,
    );

/** Another address for an app. */
export const moveApp = (
  db: D1Database,
  app: Pick<App, "id" | "appUrl" | "appOrigin" | "logoUrl">,
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare("UPDATE providers SET app_url = ?, app_origin = ?, logo_url = ?, updated_at = ? WHERE id = ?")
    .bind(app.appUrl, app.appOrigin, app.logoUrl, now, app.id);

/** The event for the app's webhooks, in the batch of its cause. */
export const announceAvailability = (
  db: D1Database,
  event: { id: string; providerId: string; isAvailable: boolean; status: AppStatus },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare("INSERT INTO outbox (id, type, provider_id, data, at) VALUES (?, ?, ?, ?, ?)")
    .bind(
      event.id,
      event.isAvailable ? "provider.available" : "provider.unavailable",
      event.providerId,
      JSON.stringify({ providerId: event.providerId, status: event.status }),
      now,
    );
