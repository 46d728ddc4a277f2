// A signed-in person brings an app: the app, its first price version, both API keys and the idempotency record are one D1
// batch. Locally it is in the catalogue at once, in production after review.

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newApiKey } from "../identity/api-keys.ts";
import { insertApiKey } from "../identity/store.ts";
import { newId } from "../ids.ts";
import { DEFAULT_FEE_BASIS_POINTS } from "../money.ts";
import { hourlyPricing, tokenRatePerHour, type PriceComponent } from "../pricing/components.ts";
import { parsePricing } from "../pricing/parse-pricing.ts";
import { assertUrlAllowed } from "../webhooks/url-policy.ts";
import { ownedDetailOf, type App } from "./app.ts";
import { fileUnder } from "./categories.ts";
import { putFlags } from "./flag-store.ts";
import { flagsOf } from "./listing-flags.ts";
import { feeOf } from "./plans.ts";
import { forgetCatalogue } from "./listing.ts";
import { insertApp, originTakenBy } from "./store.ts";

/** Lengths were checked at the door; addresses and prices are checked here. */
export interface Registration {
  name: string;
  description: string;
  category: string;
  tags: string[];
  useCases: string[];
  appUrl: string;
  logoUrl: string;
  dataReceived: string[];
  refundTerms: string | null;
  regions: string[];
  fixedDuration?: boolean;
  price: PriceInput;
  /** `inactive`: not shown and not startable until its owner opens it; sandbox sessions work. Default `active`. */
  status?: "active" | "inactive";
}
/** One of the two: `tokenRatePerHour: N` is short for one hour component. */
export interface PriceInput {
  tokenRatePerHour?: number | null;
  pricing?: unknown;
}

/** What the owner gets; the keys are shown here and nowhere else. */
export interface RegisteredApp {
  provider: ReturnType<typeof ownedDetailOf>;
  apiKey: string;
  testApiKey: string;
}

interface RegistrationEnv {
  DB: D1Database;
  ENVIRONMENT: "local" | "production";
}

/**
 * Register an app for `ownerUserId`. Idempotent by `claim`.
 * @throws DomainError `invalid_request` (prices that cannot be read), `pricing_unsupported`, `url_not_allowed`,
 *   `origin_taken` when the address belongs to another owner.
 */
export async function registerApp(
  env: RegistrationEnv,
  ownerUserId: string,
  registration: Registration,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<RegisteredApp> {
  const feeBasisPoints = await feeOf(env.DB, ownerUserId, now);
  const app = { ...describeApp(env, ownerUserId, registration, now), feeBasisPoints };
  if (await originTakenBy(env.DB, app.appOrigin, ownerUserId)) throw originTaken(app.appOrigin);
  const [live, test] = await Promise.all([newApiKey("live", now), newApiKey("test", now)]);
  const answer: RegisteredApp = { provider: ownedDetailOf(app), apiKey: live.key, testApiKey: test.key };
  try {
    await env.DB.batch([
      ...insertApp(env.DB, app),
      ...putFlags(env.DB, app.id, flagsOf(app), now),
      insertApiKey(env.DB, app.id, live, now),
      insertApiKey(env.DB, app.id, test, now),
      ...(await recordAnswer(env.DB, claim, { status: 201, body: answer }, now)),
    ]);
  } catch (error) {
    // Two owners at once: the trigger lets one in (migrations/0007_origins.sql).
    if (String((error as Error)?.message).includes("origin_taken")) throw originTaken(app.appOrigin);
    throw error;
  }
  forgetCatalogue();
  return answer;
}

/** @throws DomainError `invalid_request`, `pricing_unsupported`. */
export function readPrice(price: PriceInput): PriceComponent[] {
  const isHourly = price.tokenRatePerHour !== undefined && price.tokenRatePerHour !== null;
  const isListed = price.pricing !== undefined && price.pricing !== null;
  if (isHourly === isListed) {
    const message = "give either tokenRatePerHour or pricing";
    throw new DomainError("invalid_request", `pricing: ${message}`, { errors: [{ field: "pricing", message }] });
  }
  return isHourly
    ? parsePricing(hourlyPricing(price.tokenRatePerHour!), "tokenRatePerHour")
    : parsePricing(price.pricing);
}

function describeApp(env: RegistrationEnv, ownerUserId: string, registration: Registration, now: Millis): App {
  const { price, category: givenCategory, ...described } = registration;
  const components = readPrice(price);
  const appOrigin = assertUrlAllowed(described.appUrl, { environment: env.ENVIRONMENT, purpose: "app" }).origin;
  assertUrlAllowed(described.logoUrl, { environment: env.ENVIRONMENT, purpose: "logo" });
  const { category, tag } = fileUnder(givenCategory);
  return {
    ...described,
    id: newId(now),
    ownerUserId,
    category,
    tags: [...new Set([...described.tags, ...(tag ? [tag] : [])])],
    appOrigin,
    status: registration.status ?? "active",
    review: env.ENVIRONMENT === "local" ? "approved" : "pending",
    priceVersionId: newId(now),
    components,
    feeBasisPoints: DEFAULT_FEE_BASIS_POINTS,
    tokenRatePerHour: tokenRatePerHour(components),
    rating: null,
    ratingCount: 0,
    createdAt: now,
    updatedAt: now,
    unreachableSince: null,
  };
}

export const originTaken = (origin: string): DomainError =>
  new DomainError(
    "origin_taken",
    `${origin} already belongs to another owner's app. Use an address of your own, or ask that owner to add yours.`,
  );
