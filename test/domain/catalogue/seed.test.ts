// The catalogue of a fresh clone: believable, complete, and the same after every start.

import { env } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { CATEGORIES } from "../../../domain/catalogue/categories.ts";
import { findApp } from "../../../domain/catalogue/store.ts";
import { wallClock } from "../../../domain/clock.ts";
import type { CatalogueSearch } from "../../../domain/discovery/index-query.ts";
import { searchApps } from "../../../domain/discovery/search.ts";
import { readApiKey } from "../../../domain/identity/api-keys.ts";
import { holdFor } from "../../../domain/pricing/hold.ts";
import { parsePricing } from "../../../domain/pricing/parse-pricing.ts";
import { PRICE_MODELS, type Price } from "../../../domain/pricing/price.ts";
import { SEEDED_APPS } from "../../../scripts/seed/apps.ts";
import { seedCatalogue } from "../../../scripts/seed/catalogue.ts";
import { newPerson } from "../../support/people.ts";
import { catalogueIndex } from "../../../workers/catalogue-index.ts";
import { loadEmbedder } from "../../../workers/embedder.ts";

const SEEDED_TOKENS = 10_000;

const modelsIn = (price: Price): string[] => [
  price.model,
  ...(price.model === "hybrid" ? modelsIn(price.over) : price.model === "bounded" ? modelsIn(price.price) : []),
];

describe("the seeded apps", () => {
  it("are at least 24, with different slugs, names and numbers", () => {
    expect(SEEDED_APPS.length).toBeGreaterThanOrEqual(24);
    for (const key of ["slug", "name", "number"] as const)
      expect(new Set(SEEDED_APPS.map((app) => app[key])).size).toBe(SEEDED_APPS.length);
  });

  it("use every pricing model between them, and prices the registration accepts", () => {
    const used = new Set(SEEDED_APPS.flatMap((app) => app.pricing.flatMap(({ price }) => modelsIn(price))));
    expect([...used].sort()).toEqual([...PRICE_MODELS].sort());
    for (const app of SEEDED_APPS) expect(parsePricing(JSON.parse(JSON.stringify(app.pricing)))).toEqual(app.pricing);
  });

  it("stand in many categories and can all be started for an hour with the seeded balance", () => {
    expect(new Set(SEEDED_APPS.map((app) => app.category)).size).toBeGreaterThanOrEqual(CATEGORIES.length - 2);
    for (const app of SEEDED_APPS) {
      const { heldTokens } = holdFor(app.pricing, 3600);
      expect(heldTokens).toBeGreaterThan(0);
      expect(heldTokens).toBeLessThanOrEqual(SEEDED_TOKENS);
    }
  });

  it("have AI Writer Pro at 500 tokens an hour, and one that fails on purpose", () => {
    expect(SEEDED_APPS.find((app) => app.slug === "ai-writer-pro")).toMatchObject({
      name: "AI Writer Pro",
      pricing: [{ meter: "hour", price: { model: "per_unit", unit: "500" } }],
    });
    expect(SEEDED_APPS.filter((app) => app.fails).map((app) => app.slug)).toEqual(["flaky-lab"]);
  });
});

const { userId } = await newPerson();

it("is found by what a person would say", async () => {
  const now = wallClock();
  await seedCatalogue(env.DB, { ownerUserId: userId, demoOrigin: "http://localhost:4000", keySecret: "s", now });
  // By words and meaning, as a person's search goes; the seed brings the vectors of its apps.
  const on = { ...env, EMBEDDINGS: "on" as const };
  const embedder = await loadEmbedder(on, now);
  const index = catalogueIndex(on) as unknown as CatalogueSearch;
  expect(await catalogueIndex(on).withoutVector(embedder!.model, 10)).toEqual([]);
  const best = async (query: string) => {
    const { hits, engine } = await searchApps(env.DB, index, embedder, { query, filters: {}, from: 0, limit: 1 });
    expect(engine).toBe("hybrid");
    return hits[0]?.app.name;
  };
  expect(await best("AI Writer Pro")).toBe("AI Writer Pro");
  expect(await best("I need help writing a blog post")).toBe("AI Writer Pro");
  expect(await best("remove the background from product photos")).toBe("Background Eraser");
  expect(await best("subtitles for a video please")).toBe("Subtitle Mill");
  expect(await best("someone to help with maths homework")).toBe("Tutor Time");
  expect(await best("check a rental contract before I sign it")).toBe("Contract Lens");
  expect(await best("translate a letter from the tax office")).toBe("Plain Speech");
  expect(await best("podcast noise")).toBe("Hush");
  expect(await best("find bugs in my code")).toBe("Second Pair");
});

it("seeds once: a second start changes nothing, and its keys are the same", async () => {
  const it = { ownerUserId: userId, demoOrigin: "http://localhost:4000", keySecret: "s", now: wallClock() };
  const first = await seedCatalogue(env.DB, it);
  const rows = async () =>
    JSON.stringify([
      await env.DB.prepare("SELECT * FROM providers ORDER BY id").all(),
      await env.DB.prepare("SELECT * FROM price_versions ORDER BY id").all(),
      await env.DB.prepare("SELECT * FROM api_keys ORDER BY id").all(),
    ]).replaceAll(/"duration":[^,}]*|"meta":\{[^}]*\}/g, "");
  const before = await rows();
  expect(await seedCatalogue(env.DB, { ...it, now: it.now + 1000 })).toEqual(first);
  expect(await rows()).toBe(before);
  expect(first).toHaveLength(SEEDED_APPS.length);

  const writer = first.find((app) => app.slug === "ai-writer-pro")!;
  expect(await findApp(env.DB, writer.providerId)).toMatchObject({
    name: "AI Writer Pro",
    tokenRatePerHour: 500,
    appUrl: "http://localhost:4000/apps/ai-writer-pro",
    logoUrl: "http://localhost:4000/logos/ai-writer-pro.svg",
    status: "active",
    review: "approved",
  });
  expect(await readApiKey(env.DB, writer.apiKey, it.now)).toMatchObject({
    providerId: writer.providerId,
    mode: "live",
  });
  expect(await readApiKey(env.DB, writer.testApiKey, it.now)).toMatchObject({ mode: "test" });

  await seedCatalogue(env.DB, { ...it, demoOrigin: "http://localhost:4100" });
  expect((await findApp(env.DB, writer.providerId))!.appUrl).toBe("http://localhost:4100/apps/ai-writer-pro");
});
