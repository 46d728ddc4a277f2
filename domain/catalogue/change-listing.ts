// What the owner of an app changes on its page in the catalogue: words, use cases, terms, addresses. Its price is in
// change-price.ts, whether it can be started in change-app.ts.

import type { Millis } from "../clock.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { assertUrlAllowed } from "../webhooks/url-policy.ts";
import { ownedDetailOf, type App } from "./app.ts";
import { fileUnder } from "./categories.ts";
import { ownedApp, type ChangedApp } from "./change-app.ts";
import { putFlags, seenExcerpts } from "./flag-store.ts";
import { flagsOf, type ListingFlag } from "./listing-flags.ts";
import { forgetCatalogue } from "./listing.ts";
import { forgetProvider } from "./load-for-session.ts";
import { originTaken } from "./register-app.ts";
import { originTakenBy, updateListing } from "./store.ts";

export type ListingChange = Partial<
  Pick<
    App,
    | "name"
    | "description"
    | "category"
    | "tags"
    | "useCases"
    | "appUrl"
    | "logoUrl"
    | "dataReceived"
    | "refundTerms"
    | "regions"
    | "fixedDuration"
  >
>;

interface ListingEnv {
  DB: D1Database;
  ENVIRONMENT: "local" | "production";
}

/**
 * Change what is given; the rest stays. Sessions that were created before keep the address they were made with. Another
 * origin is reviewed again in production (contract section 3), so that an approved page cannot become another one; so are words
 * that speak to a machine, which an approved page could otherwise be given later.
 * @throws DomainError `provider_not_found`, `url_not_allowed`, `origin_taken`.
 */
export async function changeListing(
  env: ListingEnv,
  owner: { userId: string },
  appId: string,
  change: ListingChange,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<ChangedApp> {
  const app = await ownedApp(env.DB, owner.userId, appId);
  const changed = applied(env, app, change, now);
  const flags = flagsOf(changed);
  if (env.ENVIRONMENT === "production" && (await needsALook(env.DB, app.id, flags))) changed.review = "pending";
  if (changed.appOrigin !== app.appOrigin && (await originTakenBy(env.DB, changed.appOrigin, owner.userId)))
    throw originTaken(changed.appOrigin);
  const answer = { provider: ownedDetailOf(changed) };
  try {
    await env.DB.batch([
      updateListing(env.DB, changed),
      ...putFlags(env.DB, app.id, flags, now),
      ...(await recordAnswer(env.DB, claim, { status: 200, body: answer }, now)),
    ]);
  } catch (error) {
    if (String((error as Error)?.message).includes("origin_taken")) throw originTaken(changed.appOrigin);
    throw error;
  }
  forgetCatalogue();
  forgetProvider(app.id);
  return answer;
}

/** Whether there is text meant for machines that no operator has let pass. */
async function needsALook(db: D1Database, appId: string, flags: readonly ListingFlag[]): Promise<boolean> {
  const meant = flags.filter(({ kind }) => kind === "instructions" || kind === "markup");
  if (meant.length === 0) return false;
  const seen = await seenExcerpts(db, appId);
  return meant.some(({ excerpt }) => !seen.has(excerpt));
}

function applied(env: ListingEnv, app: App, change: ListingChange, now: Millis): App {
  const changed: App = { ...app, ...change, updatedAt: now };
  if (change.category !== undefined) {
    const { category, tag } = fileUnder(change.category);
    changed.category = category;
    changed.tags = [...new Set([...changed.tags, ...(tag ? [tag] : [])])];
  }
  if (change.logoUrl !== undefined) assertUrlAllowed(change.logoUrl, { environment: env.ENVIRONMENT, purpose: "logo" });
  if (change.appUrl !== undefined)
    changed.appOrigin = assertUrlAllowed(change.appUrl, { environment: env.ENVIRONMENT, purpose: "app" }).origin;
  if (changed.appOrigin !== app.appOrigin && env.ENVIRONMENT === "production") changed.review = "pending";
  return changed;
}
