// What an owner does with the price of an app: publish a new version, now or announced for later, take an announced one
// back, and try a second price beside the first. A version's own price never changes.

import { isoOrNull, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { hasTimeComponent, tokenRatePerHour, type PriceComponent } from "../pricing/components.ts";
import { ownedDetailOf, type App } from "./app.ts";
import { ownedApp, type ChangedApp } from "./change-app.ts";
import { insertExperiment, stopExperimentStatement } from "./experiment-store.ts";
import { forgetCatalogue } from "./listing.ts";
import { forgetProvider, loadForSession } from "./load-for-session.ts";
import { listPriceAt, type PriceVersion } from "./offer.ts";
import {
  findVersion,
  insertPriceVersion,
  pointToPriceVersion,
  startedVersions,
  withdrawVersion,
} from "./price-store.ts";
import { readPrice, type PriceInput } from "./register-app.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** An announced price lies at most this far ahead; further nobody plans, and nobody could count on it. */
export const ANNOUNCED_DAYS_MAX = 366;
export const ANNOUNCED_MAX = 5;
export const KEEP_DAYS_MAX = 1_100;
/** A trial as long as the longest session. */
export const TRIAL_MINUTES_MAX = 180;

/** When and for whom a new price counts. */
export interface PriceOffer {
  /** Absent: at once. */
  effectiveAt?: Millis | null;
  /** So long after its start people who used the app before keep the older price. */
  keepOldPriceDays?: number | null;
  trialMinutes?: number | null;
}
export interface PublishedPrice extends ChangedApp {
  price: { priceVersionId: string; effectiveAt: string | null; keepUntil: string | null; trialSeconds: number };
}

/**
 * Give an app a new price: a new immutable version that starts now or at `effectiveAt`. Running sessions and their
 * extensions keep the version they were made with. One that starts at once ends a running test.
 * @throws DomainError `provider_not_found`, `invalid_request`, `pricing_unsupported`, `price_schedule_full`.
 */
export async function publishPrice(
  db: D1Database,
  owner: { userId: string },
  appId: string,
  price: PriceInput & PriceOffer,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<PublishedPrice> {
  const components = readPrice(price);
  const app = await ownedApp(db, owner.userId, appId);
  const effectiveAt = readStart(price.effectiveAt ?? null, now);
  const isNow = effectiveAt <= now;
  if (!isNow) await assertRoomAhead(db, appId, now);
  const version = {
    id: newId(now),
    components,
    feeBasisPoints: app.feeBasisPoints,
    trialSeconds: readTrialSeconds(components, price.trialMinutes ?? 0),
    effectiveAt,
    keepUntil: price.keepOldPriceDays ? effectiveAt + price.keepOldPriceDays * DAY_MS : null,
  };
  const changed = isNow ? withPrice(app, version, now) : app;
  const answer: PublishedPrice = { provider: ownedDetailOf(changed), price: publishedView(version) };
  await db.batch([
    insertPriceVersion(db, { ...version, providerId: app.id, purpose: "list" }, now),
    ...(isNow ? [pointToPriceVersion(db, changed, now)] : []),
    ...(await recordAnswer(db, claim, { status: 201, body: answer }, now)),
  ]);
  forgetCatalogue();
  forgetProvider(app.id);
  return answer;
}

/**
 * Take an announced price back before it starts. Repeating it changes nothing.
 * @throws DomainError `provider_not_found`, `price_not_found`, `price_started`.
 */
export async function withdrawPrice(
  db: D1Database,
  owner: { userId: string },
  appId: string,
  versionId: string,
  now: Millis,
): Promise<{ priceVersionId: string; withdrawn: true }> {
  await ownedApp(db, owner.userId, appId);
  const version = await findVersion(db, versionId);
  if (version?.providerId !== appId) throw new DomainError("price_not_found", "This app has no such price.");
  const isAnnounced = version.effectiveAt > now;
  if (isAnnounced) await withdrawVersion(db, { id: versionId, providerId: appId }, now);
  else
    throw new DomainError(
      "price_started",
      "This price has started and stands in the history for good. Publish another one instead.",
    );
  forgetProvider(appId);
  return { priceVersionId: versionId, withdrawn: true };
}

export interface StartedExperiment {
  experiment: { id: string; basePriceVersionId: string; testPriceVersionId: string; testSharePercent: number };
}

/**
 * Offer a second price to a part of the people. Who gets which is fixed by the ids (offer.ts) and disclosed to everyone.
 * @throws DomainError `provider_not_found`, `invalid_request`, `pricing_unsupported`, `experiment_running`.
 */
export async function startExperiment(
  db: D1Database,
  owner: { userId: string },
  appId: string,
  wish: PriceInput & { trialMinutes?: number | null; testSharePercent: number },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<StartedExperiment> {
  const components = readPrice(wish);
  const app = await ownedApp(db, owner.userId, appId);
  forgetProvider(appId);
  const prices = (await loadForSession(db, appId, now))?.prices;
  const base = prices && listPriceAt(prices.versions, now);
  if (!base) throw new DomainError("provider_unavailable", `${app.name} has no price that has started.`);
  if (prices.experiment) throw experimentRunning();
  const test = {
    id: newId(now),
    providerId: appId,
    purpose: "experiment" as const,
    components,
    feeBasisPoints: base.feeBasisPoints,
    trialSeconds: readTrialSeconds(components, wish.trialMinutes ?? base.trialSeconds / 60),
    effectiveAt: now,
    keepUntil: null,
  };
  const id = newId(now);
  const answer: StartedExperiment = {
    experiment: {
      id,
      basePriceVersionId: base.id,
      testPriceVersionId: test.id,
      testSharePercent: wish.testSharePercent,
    },
  };
  try {
    await db.batch([
      insertPriceVersion(db, test, now),
      insertExperiment(db, {
        id,
        providerId: appId,
        baseVersionId: base.id,
        testVersionId: test.id,
        testShareBasisPoints: Math.round(wish.testSharePercent * 100),
        startedAt: now,
      }),
      ...(await recordAnswer(db, claim, { status: 201, body: answer }, now)),
    ]);
  } catch (error) {
    // Two tests at once: the unique index lets one in.
    if (String((error as Error)?.message).includes("price_experiments")) throw experimentRunning();
    throw error;
  }
  forgetProvider(appId);
  return answer;
}

/** End the running test: everybody gets the list price again. Repeating it changes nothing. */
export async function stopExperiment(
  db: D1Database,
  owner: { userId: string },
  appId: string,
  now: Millis,
): Promise<void> {
  await ownedApp(db, owner.userId, appId);
  await stopExperimentStatement(db, appId, "stopped", now).run();
  forgetProvider(appId);
}

/** A start that was missed for this long (an outage of the cron) is still caught up. */
const CATCH_UP_MS = 30 * DAY_MS;
const STARTS_MAX = 100;

/**
 * Point apps whose announced price has started to it, for lists and search. What a session costs never waits for this: the
 * start of a session reads the moment itself.
 */
export async function startAnnouncedPrices(db: D1Database, now: Millis): Promise<number> {
  const started = await startedVersions(db, now - CATCH_UP_MS, now, STARTS_MAX);
  for (const { providerId, version } of started) {
    const app = { id: providerId, priceVersionId: version.id, tokenRatePerHour: tokenRatePerHour(version.components) };
    await db.batch([
      pointToPriceVersion(db, app, now),
      stopExperimentStatement(db, providerId, "price_changed", version.effectiveAt),
    ]);
    forgetProvider(providerId);
  }
  if (started.length > 0) forgetCatalogue();
  return started.length;
}

const withPrice = (app: App, version: PriceVersion, now: Millis): App => ({
  ...app,
  components: version.components,
  priceVersionId: version.id,
  tokenRatePerHour: tokenRatePerHour(version.components),
  updatedAt: now,
});

const publishedView = (version: PriceVersion): PublishedPrice["price"] => ({
  priceVersionId: version.id,
  effectiveAt: isoOrNull(version.effectiveAt),
  keepUntil: isoOrNull(version.keepUntil),
  trialSeconds: version.trialSeconds,
});

function readStart(effectiveAt: Millis | null, now: Millis): Millis {
  if (effectiveAt === null || effectiveAt <= now) return now;
  if (effectiveAt <= now + ANNOUNCED_DAYS_MAX * DAY_MS) return effectiveAt;
  throw invalid("effectiveAt", `must lie within ${ANNOUNCED_DAYS_MAX} days`);
}

function readTrialSeconds(components: readonly PriceComponent[], minutes: number): number {
  if (minutes > 0 && !hasTimeComponent(components))
    throw invalid("trialMinutes", "needs a price of time: there are no minutes to give away otherwise");
  return minutes * 60;
}

async function assertRoomAhead(db: D1Database, appId: string, now: Millis): Promise<void> {
  forgetProvider(appId);
  const versions = (await loadForSession(db, appId, now))?.prices.versions ?? [];
  if (versions.filter((version) => version.effectiveAt > now).length >= ANNOUNCED_MAX)
    throw new DomainError(
      "price_schedule_full",
      `An app announces at most ${ANNOUNCED_MAX} prices. Take one back before you announce another.`,
    );
}

const invalid = (field: string, message: string): DomainError =>
  new DomainError("invalid_request", `${field}: ${message}`, { errors: [{ field, message }] });

const experimentRunning = (): DomainError =>
  new DomainError(
    "experiment_running",
    "This app already tries a second price. Stop that test before you start another.",
  );
