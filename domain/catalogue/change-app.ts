// What an owner changes on a registered app: whether it can be started. Its price: change-price.ts.

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { isAvailable as canBeStarted, ownedDetailOf, type App, type AppStatus } from "./app.ts";
import { forgetCatalogue } from "./listing.ts";
import { forgetProvider } from "./load-for-session.ts";
import { announceAvailability, findApp, updateStatus } from "./store.ts";

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
  const wasAvailable = canBeStarted(app);
  // One that does not answer is announced when it does.
  const isAvailable = canBeStarted(changed);
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

/** @throws DomainError `provider_not_found` when it is not there or not this person's. */
export async function ownedApp(db: D1Database, userId: string, appId: string): Promise<App> {
  const app = await findApp(db, appId);
  if (!app || app.ownerUserId !== userId) throw new DomainError("provider_not_found", "You have no app with this id.");
  return app;
}
