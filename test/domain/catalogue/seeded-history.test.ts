// The past of a fresh clone is in the books by the rules of every session, once.

import { env } from "cloudflare:test";
import { expect, it } from "vitest";
import { readAnalytics } from "../../../domain/catalogue/analytics.ts";
import { findDiscrepancies } from "../../../domain/ledger/store.ts";
import { LIKELY_SESSIONS_MIN } from "../../../domain/pricing/likely.ts";
import { SEEDED_APPS } from "../../../scripts/seed/apps.ts";
import { seedCatalogue, seededAppId } from "../../../scripts/seed/catalogue.ts";
import { seedHistory } from "../../../scripts/seed/history.ts";
import { newPerson } from "../../support/people.ts";

it("fills the dashboard of the seeded provider, keeps the books sound, and is written once", async () => {
  const now = Date.UTC(2031, 8, 18, 15);
  const { userId: ownerUserId } = await newPerson();
  await seedCatalogue(env.DB, { ownerUserId, demoOrigin: "http://localhost:4000", keySecret: "s", now });
  await seedHistory(env.DB, { ownerUserId, now });
  expect(await findDiscrepancies(env.DB)).toEqual([]);

  const writer = seededAppId(SEEDED_APPS[0]!);
  const { conversion, retention, days, meters } = await readAnalytics(env.DB, { providerId: writer, days: 28 }, now);
  expect(conversion.views).toBeGreaterThan(conversion.created);
  expect(conversion.finished).toBeGreaterThan(50);
  expect(conversion.open).toBe(0);
  expect(days.reduce((sum, { netTokens }) => sum + netTokens, 0)).toBeGreaterThan(1_000);
  expect(retention.filter(({ people }) => people !== null && people >= 5).length).toBeGreaterThan(5);
  expect(meters.map(({ meter }) => meter)).toEqual(["second"]);
  const eraser = await readAnalytics(env.DB, { providerId: seededAppId(SEEDED_APPS[2]!), days: 28 }, now);
  expect(eraser.meters.map(({ meter }) => meter)).toEqual(["second", "image"]);
  const likely = await env.DB.prepare("SELECT max(sessions) AS most FROM app_usage_stats WHERE provider_id = ?")
    .bind(writer)
    .first<number>("most");
  expect(likely).toBeGreaterThanOrEqual(LIKELY_SESSIONS_MIN);

  const count = () => env.DB.prepare("SELECT count(*) AS n FROM sessions").first<number>("n");
  const before = await count();
  await seedHistory(env.DB, { ownerUserId, now: now + 24 * 60 * 60 * 1000 });
  expect(await count()).toBe(before);
});
