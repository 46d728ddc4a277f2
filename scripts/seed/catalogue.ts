// Puts the seeded apps into D1, with keys the demo provider can work out for itself. Runs at every start: what is there
// stays, what is missing is added, and a moved demo port moves the addresses.

import { createHmac } from "node:crypto";
import type { App } from "../../domain/catalogue/app.ts";
import { appsOfOwner, insertApp, moveApp } from "../../domain/catalogue/store.ts";
import type { Millis } from "../../domain/clock.ts";
import type { KeyMode, NewApiKey } from "../../domain/identity/new-key.ts";
import { insertApiKey } from "../../domain/identity/store.ts";
import { sha256Hex } from "../../domain/ids.ts";
import { DEFAULT_FEE_BASIS_POINTS } from "../../domain/money.ts";
import { tokenRatePerHour } from "../../domain/pricing/components.ts";
import { parsePricing } from "../../domain/pricing/parse-pricing.ts";
import { SEEDED_APPS, type SeededApp } from "./apps.ts";
import { seedVectors } from "./vectors.ts";

/** As keys made by the API show it. */
const KEY_PREFIX_LENGTH = "mk_live_".length + 4;

/** Seeded apps stand among those the owner registers by hand; nobody registers more than this. */
const OWNED_APPS_MAX = 1_000;

/** The apps are older than their seeded history (history.ts). */
const SEEDED_AGE_MS = 84 * 24 * 60 * 60 * 1000;

/** What the demo provider needs to serve an app. */
export interface SeededKeys {
  slug: string;
  providerId: string;
  apiKey: string;
  testApiKey: string;
}

/**
 * Seed the catalogue for its owner. A second run with the same input changes nothing.
 *
 * @param it.demoOrigin Origin of the demo provider, no slash at the end.
 * @param it.keySecret A secret of this state folder; API keys derive from it, so every start knows them again.
 */
export async function seedCatalogue(
  db: D1Database,
  it: { ownerUserId: string; demoOrigin: string; keySecret: string; now: Millis },
): Promise<SeededKeys[]> {
  await seedVectors(db, it.now);
  const there = await appsOfOwner(db, it.ownerUserId, OWNED_APPS_MAX);
  return Promise.all(
    SEEDED_APPS.map(async (app) => {
      const row = appRow(app, it);
      const [live, test] = await Promise.all([keyOf(it.keySecret, app, "live"), keyOf(it.keySecret, app, "test")]);
      const known = there.find((one) => one.id === row.id);
      if (!known)
        await db.batch([
          ...insertApp(db, row),
          insertApiKey(db, row.id, live, it.now),
          insertApiKey(db, row.id, test, it.now),
        ]);
      else if (known.appUrl !== row.appUrl) await moveApp(db, row, it.now).run();
      return { slug: app.slug, providerId: row.id, apiKey: live.key, testApiKey: test.key };
    }),
  );
}

/** Where the demo provider serves an app and its logo. */
export const appPath = (slug: string): string => `/apps/${slug}`;
export const logoPath = (slug: string): string => `/logos/${slug}.svg`;

function appRow(
  app: SeededApp,
  it: { ownerUserId: string; demoOrigin: string; now: Millis },
): Omit<App, "unreachableSince"> {
  const components = parsePricing(app.pricing);
  return {
    id: seedId(0, app),
    ownerUserId: it.ownerUserId,
    name: app.name,
    description: app.description,
    category: app.category,
    tags: app.tags,
    useCases: app.useCases,
    appUrl: it.demoOrigin + appPath(app.slug),
    appOrigin: it.demoOrigin,
    logoUrl: it.demoOrigin + logoPath(app.slug),
    dataReceived: app.dataReceived ?? [],
    refundTerms: app.refundTerms ?? null,
    regions: app.regions ?? [],
    status: "active",
    review: "approved",
    priceVersionId: seedId(1, app),
    components,
    feeBasisPoints: DEFAULT_FEE_BASIS_POINTS,
    tokenRatePerHour: tokenRatePerHour(components),
    rating: null,
    ratingCount: 0,
    createdAt: it.now - SEEDED_AGE_MS,
    updatedAt: it.now,
  };
}

/** A seeded app's own id. */
export const seededAppId = (app: SeededApp): string => seedId(0, app);

/** A fixed UUIDv7 of each thing of a seeded app: 0 the app, 1 its first price, 2 its live key, 3 its test key. */
const seedId = (thing: 0 | 1 | 2 | 3, app: SeededApp): string =>
  `019a0000-0000-7000-800${thing}-${String(app.number).padStart(12, "0")}`;

async function keyOf(secret: string, app: SeededApp, mode: KeyMode): Promise<NewApiKey> {
  const derived = createHmac("sha256", secret).update(`seeded ${mode} key of ${app.slug}`).digest("base64url");
  const key = `mk_${mode}_${derived}`;
  return {
    id: seedId(mode === "live" ? 2 : 3, app),
    mode,
    key,
    hash: await sha256Hex(key),
    prefix: key.slice(0, KEY_PREFIX_LENGTH),
  };
}
