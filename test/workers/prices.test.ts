// Which price a person gets and keeps: announced, kept, tried, begun with free minutes, and what a quote says of all that.

import { env } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startAnnouncedPrices } from "../../domain/catalogue/change-price.ts";
import { forgetProvider } from "../../domain/catalogue/load-for-session.ts";
import { armOf } from "../../domain/catalogue/offer.ts";
import { rollUpUsage } from "../../domain/catalogue/usage-stats.ts";
import type { PriceComponent } from "../../domain/pricing/components.ts";
import { LIKELY_SESSIONS_MIN } from "../../domain/pricing/likely.ts";
import type { ReceiptDocument } from "../../sdk/src/protocol/receipt.ts";
import { createQuoteKey, signQuote, type QuoteRequest } from "../../sdk/src/server/quotes.ts";
import { contentsProblem } from "../../sdk/src/receipts/contents.ts";
import { forgetSettings } from "../../domain/settings/read-settings.ts";
import {
  aPerson,
  anApp,
  balanceOf,
  booksAreSound,
  call,
  create,
  freshToken,
  launchTokenOf,
  passSeconds,
  started,
  sync,
  useVirtualClock,
  work,
  type CreatedBody,
  type Person,
  type SyncBody,
  type TestApp,
} from "../support/market.ts";

beforeEach(() => useVirtualClock());
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

const DAY = 24 * 60 * 60;
interface QuoteBody {
  heldTokens: number;
  likelyTokens: number;
  likely: Record<string, unknown>;
  providerShareTokens: number;
  platformFeeTokens: number;
  feeBasisPoints: number;
  rebateTokens: number;
  trialSeconds: number;
  priceVersionId: string;
  usageTokens?: number;
  offer: {
    because: string;
    keptUntil: string | null;
    trial: { seconds: number; leftSeconds: number | null } | null;
    experiment: { id: string; arm: string | null; prices: { arm: string; priceVersionId: string }[] } | null;
    next: { effectiveAt: string; priceVersionId: string } | null;
  };
}
/** Tokens of a person live 15 minutes; here days pass. */
const asked = async (app: TestApp, person: Person | null, more: Record<string, unknown> = {}) =>
  (
    await call<QuoteBody>("POST", `/v1/providers/${app.id}/quote`, person && (await freshToken(person)), {
      durationSeconds: 3600,
      ...more,
    })
  ).body;
const owning = (app: TestApp): Person => ({ userId: app.ownerUserId, walletId: crypto.randomUUID(), token: "" });
const byOwner = async <Body = Record<string, never>>(app: TestApp, method: string, path: string, body?: unknown) =>
  call<Body>(method, `/v1/provider/apps/${app.id}/${path}`, await freshToken(owning(app)), body);
const published = async (app: TestApp, wish: Record<string, unknown>) => {
  passSeconds(1);
  const answer = await byOwner<{ price: { priceVersionId: string; effectiveAt: string; keepUntil: string } }>(
    app,
    "POST",
    "prices",
    wish,
  );
  expect(answer.status).toBe(201);
  return answer.body.price;
};
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
const again = async (person: Person): Promise<Person> => ({ ...person, token: await freshToken(person) });
/** Runs a session for so long and ends it. */
async function used(person: Person, app: TestApp, seconds: number, minutes = 60): Promise<number> {
  const session = await started(await again(person), app, minutes);
  await work(session, seconds);
  const { body } = await sync(session.token, { action: "complete" });
  return body.session.tokensConsumed;
}

describe("a price that is announced", () => {
  it("starts at its moment, and running sessions with their extensions keep the one before", async () => {
    const app = await anApp(600);
    const person = await aPerson(10_000);
    const next = await published(app, { tokenRatePerHour: 900, effectiveAt: inSeconds(301) });
    const before = await asked(app, person);
    expect(before).toMatchObject({ heldTokens: 600, offer: { next: { priceVersionId: next.priceVersionId } } });
    const session = await started(person, app, 60);
    await work(session, 299);
    expect((await asked(app, person)).heldTokens).toBe(600);
    passSeconds(1);
    // Nothing but the clock moved: no cron has run, and the app is still remembered with both prices.
    expect(await asked(app, person)).toMatchObject({ heldTokens: 900, priceVersionId: next.priceVersionId });
    expect((await create(await again(person), app)).body.session.tokensAllocated).toBe(900);
    await sync(session.token, { action: "heartbeat", active: true });
    const extended = await call<{ session: { tokensAllocated: number; pricing: { price: { unit: string } }[] } }>(
      "POST",
      `/v1/sessions/${session.id}/extend`,
      await freshToken(person),
      { minutes: 30 },
    );
    expect(extended.body.session.tokensAllocated).toBe(900);
    expect(extended.body.session.pricing[0]!.price.unit).toBe("600");
    await startAnnouncedPrices(env.DB, Date.now());
    const card = await call<{ provider: { tokenRatePerHour: number } }>("GET", `/v1/providers/${app.id}`, null);
    expect(card.body.provider.tokenRatePerHour).toBe(900);
    await sync(session.token, { action: "complete" });
  });

  it("can be taken back before it starts, never after, and stays in the public history", async () => {
    const app = await anApp(600);
    const stranger = await aPerson();
    const announced = await published(app, { tokenRatePerHour: 900, effectiveAt: inSeconds(DAY) });
    expect((await call("POST", `/v1/provider/apps/${app.id}/prices/withdraw`, stranger.token, announced)).status).toBe(
      404,
    );
    expect((await byOwner(app, "POST", "prices/withdraw", announced)).status).toBe(200);
    expect((await byOwner(app, "POST", "prices/withdraw", announced)).status).toBe(200);
    passSeconds(2 * DAY);
    forgetProvider(app.id);
    expect((await asked(app, null)).heldTokens).toBe(600);
    const now = await published(app, { tokenRatePerHour: 700 });
    expect((await byOwner<{ code: string }>(app, "POST", "prices/withdraw", now)).body.code).toBe("price_started");
    const history = await call<{
      prices: { state: string; pricing: { price: { unit: string } }[]; until: string | null }[];
    }>("GET", `/v1/providers/${app.id}/prices`, null);
    expect(history.body.prices.map(({ state, pricing }) => [state, pricing[0]!.price.unit])).toEqual([
      ["current", "700"],
      ["withdrawn", "900"],
      ["past", "600"],
    ]);
    expect(history.body.prices[2]!.until).toBe(new Date(Date.now()).toISOString());
  });

  it("is announced at most five times, within a year", async () => {
    const app = await anApp(600);
    for (let count = 1; count <= 5; count++)
      await published(app, { tokenRatePerHour: 600 + count, effectiveAt: inSeconds(count * DAY) });
    const sixth = await byOwner<{ code: string }>(app, "POST", "prices", {
      tokenRatePerHour: 1,
      effectiveAt: inSeconds(6 * DAY),
    });
    expect([sixth.status, sixth.body.code]).toEqual([409, "price_schedule_full"]);
    const far = await byOwner(app, "POST", "prices", { tokenRatePerHour: 1, effectiveAt: inSeconds(400 * DAY) });
    expect(far.status).toBe(400);
  });
});

describe("an older price", () => {
  it("stays with people who used the app before, until the day it was promised for", async () => {
    const app = await anApp(600);
    const [old, fresh] = [await aPerson(5_000), await aPerson(5_000)];
    await used(old, app, 60);
    passSeconds(DAY);
    await published(app, { tokenRatePerHour: 900, keepOldPriceDays: 10 });
    passSeconds(DAY);
    expect(await asked(app, old)).toMatchObject({ heldTokens: 600, offer: { because: "kept" } });
    expect(await asked(app, fresh)).toMatchObject({ heldTokens: 900, offer: { because: "list" } });
    expect((await create(await again(old), app)).body.session.tokensAllocated).toBe(600);
    expect((await create(await again(fresh), app)).body.session.tokensAllocated).toBe(900);
    passSeconds(9 * DAY);
    expect(await asked(app, old)).toMatchObject({ heldTokens: 900, offer: { because: "list" } });
    expect((await create(await again(old), app)).body.session.tokensAllocated).toBe(900);
  });

  it("is not admitted for anybody else, whatever the code in front of the books believed", async () => {
    const app = await anApp(600);
    const person = await aPerson(5_000);
    const first = (await asked(app, person)).priceVersionId;
    await published(app, { tokenRatePerHour: 900 });
    const insert = env.DB.prepare(
      `INSERT INTO sessions (id, mode, user_id, wallet_id, subject, provider_id, provider_name, app_url, price_version_id,
         components, fee_basis_points, payable, status, duration_seconds, held_tokens, caps, state, jti, launch_deadline, created_at)
       VALUES (?1, 'live', ?2, ?3, 's', ?4, 'W', 'https://x', ?5, '[]', 0, 1, 'pending', 600, 0, '{}', 's', ?1, ?6, ?6)`,
    );
    const row = await insert.bind(crypto.randomUUID(), person.userId, person.walletId, app.id, first, Date.now()).run();
    expect(row.meta.changes).toBe(0);
  });
});

describe("free minutes", () => {
  it("are free once, carry over what an early end left, and the quote says what the settlement charges", async () => {
    const app = await anApp(600);
    await published(app, { tokenRatePerHour: 600, trialMinutes: 10 });
    const person = await aPerson(5_000);
    expect(await asked(app, null)).toMatchObject({
      heldTokens: 600,
      trialSeconds: 0,
      offer: { trial: { seconds: 600, leftSeconds: null } },
    });
    const first = await asked(app, person, { usage: { hour: "0.25" } });
    expect(first).toMatchObject({ heldTokens: 500, trialSeconds: 600, usageTokens: 50 });
    // A quarter of an hour: 5 of 15 minutes are paid, 300 s at 600 an hour.
    const session = await started(person, app, 60);
    expect(session.allocated).toBe(500);
    // The open session has all of them: a second start is told the price has changed instead of holding more silently.
    expect(await asked(app, person)).toMatchObject({ heldTokens: 600, offer: { trial: { leftSeconds: 0 } } });
    await work(session, 240);
    expect((await sync(session.token, { action: "complete" })).body.session.tokensConsumed).toBe(0);
    expect(await asked(app, person)).toMatchObject({ trialSeconds: 360 });
    const quoted = await asked(app, person, { usage: { hour: "0.2" } });
    expect(await used(person, app, 720)).toBe(quoted.usageTokens);
    expect(quoted.usageTokens).toBe(60);
    expect(await asked(app, person)).toMatchObject({ heldTokens: 600, offer: { trial: { leftSeconds: 0 } } });
    expect((await create(await again(person), app)).body.session.tokensAllocated).toBe(600);
  });

  it("cannot be used by two starts at once", async () => {
    const app = await anApp(600);
    await published(app, { tokenRatePerHour: 600, trialMinutes: 30 });
    const person = await aPerson(5_000);
    const body = { providerId: app.id, durationMinutes: 60, maxTokens: 300 };
    const answers = await Promise.all(
      [1, 2, 3].map(() => call<{ code?: string }>("POST", "/v1/sessions/create", person.token, body)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422]);
    expect(answers.filter(({ status }) => status === 422).map((answer) => answer.body.code)).toEqual([
      "price_changed",
      "price_changed",
    ]);
    expect(await balanceOf(person)).toEqual({ available: 4_700, held: 300 });
  });

  it("come back when the session never started or the provider spoilt it", async () => {
    const app = await anApp(600);
    await published(app, { tokenRatePerHour: 600, trialMinutes: 10 });
    const person = await aPerson(5_000);
    const session = await started(person, app, 60);
    await work(session, 300);
    const operator = await freshToken(person, "operator");
    await call("POST", `/v1/operator/sessions/${session.id}/end`, operator, { reason: "provider_error" });
    expect((await asked(app, person)).trialSeconds).toBe(600);
  });

  it("need a price of time", async () => {
    const app = await anApp([{ meter: "page", price: { model: "per_unit", unit: "1" }, holdPerHour: 5 }]);
    const answer = await byOwner(app, "POST", "prices", {
      pricing: [{ meter: "page", price: { model: "per_unit", unit: "1" }, holdPerHour: 5 }],
      trialMinutes: 5,
    });
    expect(answer.status).toBe(400);
  });
});

describe("a price test", () => {
  it("gives each person one price for good, tells everyone there are two, and reports what both brought in", async () => {
    const app = await anApp(600);
    const begun = await byOwner<{ experiment: { id: string } }>(app, "POST", "experiments", {
      tokenRatePerHour: 300,
      testSharePercent: 50,
    });
    expect(begun.status).toBe(201);
    const { id } = begun.body.experiment;
    expect((await byOwner<{ code: string }>(app, "POST", "experiments", { tokenRatePerHour: 1 })).body.code).toBe(
      "experiment_running",
    );
    const people = await Promise.all(Array.from({ length: 12 }, () => aPerson(2_000)));
    const paid = { base: 0, test: 0 };
    for (const person of people) {
      const arm = await armOf({ id, testShareBasisPoints: 5_000 }, person.userId);
      const quoted = await asked(app, person);
      expect(quoted.heldTokens).toBe(arm === "test" ? 300 : 600);
      expect(quoted.offer.experiment).toMatchObject({ id, arm });
      forgetProvider(app.id);
      expect((await asked(app, person)).priceVersionId).toBe(quoted.priceVersionId);
      paid[arm] += await used(person, app, 600);
    }
    const stranger = await asked(app, null);
    expect(stranger.offer.experiment?.arm).toBeNull();
    expect(stranger.offer.experiment?.prices.map(({ arm }) => arm)).toEqual(["base", "test"]);
    const report = await byOwner<{ experiments: { arms: Record<string, number | string>[] }[] }>(
      app,
      "GET",
      "experiments",
    );
    const arms = report.body.experiments[0]!.arms;
    expect(arms.map(({ arm, grossTokens }) => [arm, grossTokens])).toEqual([
      ["base", paid.base],
      ["test", paid.test],
    ]);
    expect(Number(arms[0]!.people) + Number(arms[1]!.people)).toBe(12);
    expect(paid.base + paid.test).toBeGreaterThan(0);
    expect((await byOwner(app, "POST", "experiments/stop")).status).toBe(200);
    for (const person of people) expect((await asked(app, person)).heldTokens).toBe(600);
  });

  it("ends when the app gets another price", async () => {
    const app = await anApp(600);
    await byOwner(app, "POST", "experiments", { tokenRatePerHour: 300, testSharePercent: 99 });
    const person = await aPerson(2_000);
    await published(app, { tokenRatePerHour: 800 });
    expect(await asked(app, person)).toMatchObject({ heldTokens: 800, offer: { because: "list", experiment: null } });
    const report = await byOwner<{ experiments: { stopReason: string }[] }>(app, "GET", "experiments");
    expect(report.body.experiments[0]!.stopReason).toBe("price_changed");
  });
});

describe("plans and fee tiers", () => {
  it("a plan gives back a part of the fee: the person pays less, the provider gets the same", async () => {
    const app = await anApp(600);
    const [member, other] = [await aPerson(5_000), await aPerson(5_000)];
    const operator = await freshToken(other, "operator");
    const plans = [{ id: "plus", name: "Plus", feeRebateBasisPoints: 5_000 }];
    await env.DB.prepare("INSERT INTO settings (key, value, updated_at, updated_by) VALUES ('userPlans', ?, 0, 'test')")
      .bind(JSON.stringify(plans))
      .run();
    forgetSettings();
    const path = `/v1/operator/users/${member.userId}/plan`;
    expect((await call("PUT", path, member.token, { plan: "plus" })).status).toBe(403);
    expect((await call("PUT", path, operator, { plan: "gold" })).status).toBe(400);
    expect((await call("PUT", path, operator, { plan: "plus" })).status).toBe(200);
    const quoted = await asked(app, member, { usage: { hour: "0.5" } });
    expect(quoted).toMatchObject({
      heldTokens: 540,
      providerShareTokens: 480,
      platformFeeTokens: 60,
      rebateTokens: 60,
    });
    expect(await asked(app, other)).toMatchObject({
      heldTokens: 600,
      providerShareTokens: 480,
      platformFeeTokens: 120,
    });
    expect(await used(member, app, 1800)).toBe(quoted.usageTokens);
    const row = await env.DB.prepare(
      "SELECT used_tokens, fee_tokens, share_tokens FROM settlements WHERE wallet_id = ?",
    )
      .bind(member.walletId)
      .first();
    expect(row).toEqual({ used_tokens: 270, fee_tokens: 30, share_tokens: 240 });
    const session = await env.DB.prepare("SELECT id FROM sessions WHERE wallet_id = ?")
      .bind(member.walletId)
      .first<{ id: string }>();
    const receiptPath = `/v1/sessions/${session!.id}/receipt`;
    const { signed } = (await call<{ signed: string }>("GET", receiptPath, await freshToken(member))).body;
    const document = JSON.parse(
      atob(signed.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/")),
    ) as ReceiptDocument;
    expect(document.tokens).toMatchObject({ used: 270, platformFee: 30, providerShare: 240, rebate: 30 });
    expect(contentsProblem(document)).toBeNull();
    await env.DB.prepare("UPDATE settings SET value = NULL").run();
    forgetSettings();
  });

  it("a fee tier is a new version of each app's price; sessions already made keep the fee they were shown", async () => {
    const app = await anApp(600);
    const person = await aPerson(5_000);
    const session = await started(person, app, 60);
    await env.DB.prepare("INSERT INTO settings (key, value, updated_at, updated_by) VALUES ('feeTiers', ?, 0, 'test')")
      .bind(JSON.stringify([{ id: "premium", name: "Premium", feeBasisPoints: 1_000 }]))
      .run();
    forgetSettings();
    passSeconds(1);
    const operator = await freshToken(person, "operator");
    const answer = await call("PUT", `/v1/operator/users/${app.ownerUserId}/fee-tier`, operator, { tier: "premium" });
    expect(answer.body).toMatchObject({ feeBasisPoints: 1_000, changedApps: 1 });
    expect(await asked(app, person)).toMatchObject({ heldTokens: 600, feeBasisPoints: 1_000, platformFeeTokens: 60 });
    await sync(session.token, { action: "heartbeat", active: true });
    passSeconds(29);
    await sync(session.token, { action: "complete" });
    const receipt = await call<{ receipt: { feeBasisPoints: number } }>(
      "GET",
      `/v1/sessions/${session.id}/receipt`,
      await freshToken(person),
    );
    expect(receipt.body.receipt.feeBasisPoints).toBe(2_000);
    await env.DB.prepare("UPDATE settings SET value = NULL").run();
    forgetSettings();
  });
});

describe("the likely cost", () => {
  it("is the median of real sessions of this price and length, and says so when there are too few", async () => {
    const app = await anApp(600);
    const person = await aPerson(50_000);
    for (let count = 1; count < LIKELY_SESSIONS_MIN; count++) await used(person, app, 30 * count);
    await rollUpUsage(env.DB, Date.now());
    forgetProvider(app.id);
    expect((await asked(app, null)).likely).toEqual({ basis: "too_few", sessions: 19, sessionsMin: 20 });
    await used(person, app, 30 * LIKELY_SESSIONS_MIN);
    await rollUpUsage(env.DB, Date.now());
    forgetProvider(app.id);
    // 5, 10, ... 100 tokens: the tenth, and the fifth and fifteenth around it.
    const likely = { basis: "sessions", sessions: 20, lowTokens: 25, medianTokens: 50, highTokens: 75 };
    expect(await asked(app, null)).toMatchObject({ likelyTokens: 50, likely });
    expect((await asked(app, null, { durationSeconds: 900 })).likely).toMatchObject({ basis: "too_few", sessions: 0 });
  });
});

describe("a provider's signed quote", () => {
  const DYNAMIC: PriceComponent[] = [
    { meter: "hour", price: { model: "per_unit", unit: "60" } },
    { meter: "token", price: { model: "dynamic" }, holdPerHour: 500 },
  ];
  const marketplace = "http://localhost:5173";
  const report = (app: TestApp, sessionId: string, amount: number, key: string) =>
    call<{ code?: string }>("POST", "/v1/provider/tokens/report", app.key, { sessionId, amount, idempotencyKey: key });
  async function quotingApp() {
    const app = await anApp(DYNAMIC);
    const key = await createQuoteKey();
    expect((await byOwner(app, "PUT", "quote-key", { jwk: key.publicKey })).status).toBe(200);
    return { app, sign: (more: Partial<QuoteRequest> = {}) => signed(key.privateKey, app, more) };
  }
  const signed = (privateKey: JsonWebKey, app: TestApp, more: Partial<QuoteRequest>) =>
    signQuote(privateKey, { providerId: app.id, marketplace, cap: "120", now: Date.now(), ...more });

  it("caps the session: the quote shows it, the start holds it, and every report beyond it is refused", async () => {
    const { app, sign } = await quotingApp();
    const person = await aPerson(5_000);
    expect((await asked(app, person)).heldTokens).toBe(560);
    const providerQuote = await sign({ description: "Proofreading 12 pages" });
    expect(await asked(app, person, { providerQuote })).toMatchObject({
      heldTokens: 180,
      providerQuote: { meter: "token", cap: "120", description: "Proofreading 12 pages" },
    });
    const body = { providerId: app.id, durationMinutes: 60, providerQuote, maxTokens: 180 };
    const created = await call<CreatedBody>("POST", "/v1/sessions/create", person.token, body);
    expect(created.body.session.tokensAllocated).toBe(180);
    const { id, redirectUrl } = created.body.session;
    const start = await sync(launchTokenOf(redirectUrl), { action: "start", nonce: `nonce-${id}` });
    // More time raises the hold of time alone.
    const extended = await call<{ session: { tokensAllocated: number } }>(
      "POST",
      `/v1/sessions/${id}/extend`,
      person.token,
      { minutes: 60 },
    );
    expect(extended.body.session.tokensAllocated).toBe(240);
    expect((await report(app, id, 100, "a")).status).toBe(200);
    expect((await report(app, id, 21, "b")).body.code).toBe("tokens_depleted");
    expect((await report(app, id, 20, "c")).status).toBe(200);
    const ended = await call<SyncBody>("POST", "/v1/provider/sessions/sync", app.key, {
      action: "complete",
      sessionId: id,
      final: true,
    });
    expect(ended.body.session.tokensConsumed).toBe(120);
    expect(start.status).toBe(200);
    const used = await call<{ code: string }>("POST", "/v1/sessions/create", person.token, body);
    expect([used.status, used.body.code]).toEqual([409, "provider_quote_used"]);
  });

  it("counts only as its app signed it: in its time, for its person, with its key", async () => {
    const { app, sign } = await quotingApp();
    const other = await quotingApp();
    const person = await aPerson(5_000);
    const stranger = await createQuoteKey();
    const tampered = (await sign()).replace(/\.[^.]+\./, `.${btoa(JSON.stringify({ cap: "1" })).replaceAll("=", "")}.`);
    const refused = {
      "another key": await signed(stranger.privateKey, app, {}),
      "another app": await other.sign(),
      "another place": await sign({ marketplace: "https://elsewhere.example" }),
      "somebody else": await sign({ userId: "not-me" }),
      "nothing dynamic": await sign({ meter: "hour" }),
      "no cap": await sign({ cap: "0" }),
      expired: await sign({ now: Date.now() - 901_000 }),
      tampered,
      words: "a.b.c",
    };
    for (const [why, providerQuote] of Object.entries(refused)) {
      const body = { providerId: app.id, durationMinutes: 60, providerQuote };
      const answer = await call<{ code: string }>("POST", "/v1/sessions/create", person.token, body);
      expect([why, answer.body.code]).toEqual([why, "provider_quote_invalid"]);
    }
    expect(await balanceOf(person)).toEqual({ available: 5_000, held: 0 });
    await expect(sign({ cap: "1e3" })).rejects.toThrow("cap");
    await expect(sign({ validSeconds: 90_000 })).rejects.toThrow("day");
    const withSecret = { jwk: stranger.privateKey };
    // The private part is never taken: the schema drops it, so only what may be known is kept.
    expect((await byOwner(app, "PUT", "quote-key", withSecret)).status).toBe(200);
    const row = await env.DB.prepare("SELECT jwk FROM quote_keys WHERE provider_id = ?")
      .bind(app.id)
      .first<{ jwk: string }>();
    expect(JSON.parse(row!.jwk)).not.toHaveProperty("d");
  });
});
