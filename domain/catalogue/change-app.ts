// What an owner changes on a registered app: whether it can be started, and its price (always a new version).

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { tokenRatePerHour } from "../pricing/components.ts";
import { ownedDetailOf, type App, type AppStatus } from "./app.ts";
import { forgetCatalogue } from "./listing.ts";
import { forgetProvider } from "./load-for-session.ts";
import { readPrice, type PriceInput } from "./register-app.ts";
import { announceAvailability, findApp, insertPriceVersion, pointToPriceVersion, updateStatus } from "./store.ts";

export interface ChangedApp {
  provider: ReturnType<typeof ownedDetailOf>;
}

/**
 * Set whether an app can be started. Running sessions go on. Setting what is already set changes nothing and tells nobody.
 * @throws DomainError `provider_not_found` when it is not there or not yours.
 */
export async function setStatus(
  db: D1Database,
  owner: { userId: string },
  appId: string,
  status: AppStatus,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<ChangedApp> {
  const app = await ownedApp(db, owner.userId, appId);
  const changed: App = app.status === status ? app : { ...app, status, updatedAt: now };
  const answer = { provider: ownedDetailOf(changed) };
  const wasAvailable = app.status === "active";
  const isAvailable = status === "active";
  const statements = [
    ...(changed === app ? [] : [updateStatus(db, app.id, status, now)]),
    ...(wasAvailable === isAvailable
      ? []
      : [announceAvailability(db, { id: newId(now), providerId: app.id, isAvailable, status }, now)]),
    ...(await recordAnswer(db, claim, { status: 200, body: answer }, now)),
  ];
  if (statements.length > 0) await db.batch(statements);
  forgetCatalogue();
  forgetProvider(app.id);
  return answer;
}

/**
 * Give an app a new price: a new immutable version, and the app points to it. Running sessions and their extensions keep
 * the version they were made with.
 * @throws DomainError `provider_not_found`, `invalid_request`, `pricing_unsupported`.
 */
export async function publishPrice(
  db: D1Database,
  owner: { userId: string },
  appId: string,
  price: PriceInput,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<ChangedApp> {
  const components = readPrice(price);
  const app = await ownedApp(db, owner.userId, appId);
  const changed: App = {
    ...app,
    components,
    priceVersionId: newId(now),
    tokenRatePerHour: tokenRatePerHour(components),
    updatedAt: now,
  };
  const answer = { provider: ownedDetailOf(changed) };
  await db.batch([
    insertPriceVersion(db, changed, now),
    pointToPriceVersion(db, changed, now),
    ...(await recordAnswer(db, claim, { status: 201, body: answer }, now)),
  ]);
  forgetCatalogue();
  forgetProvider(app.id);
  return answer;
}

async function ownedApp(db: D1Database, userId: string, appId: string): Promise<App> {
  const app = await findApp(db, appId);
  if (!app || app.ownerUserId !== userId) throw new DomainError("provider_not_found", "You have no app with this id.");
  return app;
}
