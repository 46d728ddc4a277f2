// What a clock goes by beside the contract's rules: a fixed duration that was agreed to, and a person's own auto-pause rules.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { contentsProblem } from "../../../sdk/src/receipts/contents.ts";
import type { ReceiptDocument } from "../../../sdk/src/protocol/receipt.ts";
import type { SessionState } from "../../../sdk/src/protocol/session.ts";
import {
  anApp,
  aPerson,
  balanceOf,
  booksAreSound,
  call,
  create,
  freshToken,
  launchTokenOf,
  passSeconds,
  ring,
  started,
  sync,
  useVirtualClock,
  work,
  type CreatedBody,
  type Person,
  type TestApp,
} from "../../support/market.ts";

beforeEach(() => useVirtualClock());
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

const show = async (person: Person, id: string) =>
  (await call<{ session: SessionState }>("GET", `/v1/sessions/${id}`, await freshToken(person))).body.session;

describe("a fixed duration", () => {
  /** 600 tokens an hour: ten a minute. */
  async function aFixedApp(): Promise<TestApp> {
    const app = await anApp(600);
    const owner = await freshToken({ userId: app.ownerUserId, walletId: app.ownerUserId });
    const { body } = await call<{ provider: { fixedDuration: boolean } }>(
      "PATCH",
      `/v1/provider/apps/${app.id}/listing`,
      owner,
      { fixedDuration: true },
    );
    expect(body.provider.fixedDuration).toBe(true);
    return app;
  }
  const agree = (person: Person, app: TestApp) =>
    call<CreatedBody>("POST", "/v1/sessions/create", person.token, {
      providerId: app.id,
      durationMinutes: 30,
      fixedDuration: true,
    });
  /** Redeemed by the app's server; nobody beats afterwards. */
  async function begun(person: Person, app: TestApp): Promise<{ id: string; token: string }> {
    const { id, redirectUrl } = (await agree(person, app)).body.session;
    const start = await sync(launchTokenOf(redirectUrl), { action: "start", nonce: `nonce-${id}` });
    return { id, token: start.body.sessionToken };
  }

  it("is refused without consent, and off unless a listing says so", async () => {
    const person = await aPerson(1_000);
    const refused = await create(person, await aFixedApp(), 30);
    expect([refused.status, refused.body]).toMatchObject([422, { code: "fixed_duration" }]);
    expect(await balanceOf(person)).toEqual({ available: 1_000, held: 0 });
    // Consent to it in an ordinary app changes nothing: the clock decides there.
    const metered = await begun(person, await anApp(600));
    passSeconds(1_700);
    await ring(metered.id);
    expect(await show(person, metered.id)).toMatchObject({ status: "paused", activeSeconds: 0 });
  });

  it("runs through without a beat, cannot be paused, is paid as a whole, and its receipt says so", async () => {
    const person = await aPerson(1_000);
    const { id, token } = await begun(person, await aFixedApp());
    expect(await balanceOf(person)).toEqual({ available: 700, held: 300 });
    passSeconds(900);
    for (const pause of [
      async () => call("POST", `/v1/sessions/${id}/pause`, await freshToken(person)),
      () => sync(token, { action: "pause" }),
    ])
      expect((await pause()).body).toMatchObject({ code: "fixed_duration" });
    await ring(id);
    expect(await show(person, id)).toMatchObject({ status: "active", fixedDuration: true, tokensConsumed: 300 });
    passSeconds(900);
    await ring(id);
    expect(await show(person, id)).toMatchObject({
      endReason: "time_expired",
      activeSeconds: 1_800,
      tokensConsumed: 300,
      tokensRefunded: 0,
    });
    const { body } = await call<{ signed: string; receipt: { fixedDuration: boolean } }>(
      "GET",
      `/v1/sessions/${id}/receipt`,
      await freshToken(person),
    );
    expect(body.receipt.fixedDuration).toBe(true);
    const document = JSON.parse(atob(body.signed.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/")));
    expect((document as ReceiptDocument).session.fixedDuration).toBe(true);
    expect(contentsProblem(document as ReceiptDocument)).toBeNull();
    const shorter = { ...document, time: { ...document.time, activeSeconds: 1_799 } };
    expect(contentsProblem(shorter as ReceiptDocument)).toContain("active seconds");
  });

  it.each([
    ["the person leaves early: they agreed to all of it", "user", 1_800, 300],
    ["the provider ends it early: the minutes that passed", "provider_ended", 600, 100],
    ["the provider failed: nothing", "provider_error", 600, 0],
  ])("when %s", async (_name, by, activeSeconds, tokensConsumed) => {
    const person = await aPerson(1_000);
    const app = await aFixedApp();
    const { id } = await begun(person, app);
    passSeconds(600);
    if (by === "user") await call("POST", `/v1/sessions/${id}/complete`, person.token);
    else await sync(app.key, { action: "complete", sessionId: id, reason: by, final: true });
    expect(await show(person, id)).toMatchObject({ settlement: "settled", activeSeconds, tokensConsumed });
    expect(await balanceOf(person)).toEqual({ available: 1_000 - tokensConsumed, held: 0 });
  });
});

describe("a person's own rules", () => {
  const setRules = (person: Person, rules: unknown[], key = "rules") =>
    call("PUT", "/v1/me/auto-pause", person.token, { rules }, { "Idempotency-Key": key });

  it("stop the clock when idle for the chosen time, in that app and for that person only", async () => {
    const [app, other] = [await anApp(600), await anApp(600)];
    const [person, somebody] = [await aPerson(2_000), await aPerson(2_000)];
    expect((await setRules(person, [{ providerId: app.id, idleSeconds: 60, dailyMinutes: null }])).status).toBe(200);
    const lives = [await started(person, app), await started(person, other), await started(somebody, app)];
    const after = await Promise.all(
      lives.map(async (session) => {
        await sync(session.token, { action: "heartbeat", active: true });
        return session;
      }),
    );
    for (let beat = 0; beat < 3; beat++) {
      passSeconds(30);
      for (const session of after) await sync(session.token, { action: "heartbeat" });
    }
    const states = await Promise.all(
      after.map(async (session) => (await sync(session.token, { action: "get" })).body.session),
    );
    expect(states.map(({ pauseCause, activeSeconds }) => [pauseCause, activeSeconds])).toEqual([
      ["idle", 60],
      [null, 90],
      [null, 90],
    ]);
    expect(states[0]).toMatchObject({ idleSeconds: 60 });
    expect(states[1]).not.toHaveProperty("idleSeconds");
  });

  it("stop a session when the day's minutes are used up; going on is the person's own word, starting again is not", async () => {
    const [person, app] = [await aPerson(1_000), await anApp(600)];
    await setRules(person, [{ providerId: app.id, idleSeconds: null, dailyMinutes: 10 }]);
    const first = await started(person, app, 30);
    await work(first, 300);
    await call("POST", `/v1/sessions/${first.id}/complete`, person.token);
    // Half of the day's minutes are gone; this one stops after the other half.
    const second = await started(person, app, 30);
    await work(second, 420);
    expect(await show(person, second.id)).toMatchObject({ pauseCause: "daily_limit", activeSeconds: 300 });
    expect((await sync(second.token, { action: "resume" })).body).toMatchObject({ code: "user_pause_only" });
    const refused = await create(person, app, 30);
    expect([refused.status, refused.body]).toMatchObject([
      422,
      { code: "daily_limit_reached", limit: { dailyMinutes: 10 }, resetsAt: "2030-01-02T00:00:00.000Z" },
    ]);
    expect((await create(person, await anApp(600), 30)).status).toBe(200);
    await call("POST", `/v1/sessions/${second.id}/resume`, await freshToken(person));
    await work(second, 60);
    expect(await show(person, second.id)).toMatchObject({ status: "active", activeSeconds: 360 });
    passSeconds(24 * 3600);
    expect((await create({ ...person, token: await freshToken(person) }, app, 30)).status).toBe(200);
  });

  it("are at most as long as the contract's, one an app, and kept until they are changed", async () => {
    const [person, app] = [await aPerson(), await anApp()];
    const rule = { providerId: app.id, idleSeconds: 90, dailyMinutes: 45 };
    for (const [key, rules] of Object.entries({
      long: [{ ...rule, idleSeconds: 121 }],
      short: [{ ...rule, idleSeconds: 59 }],
      empty: [{ ...rule, idleSeconds: null, dailyMinutes: null }],
      twice: [rule, rule],
      unknown: [{ ...rule, providerId: "0199c3f0-0000-7000-8000-00000000a001" }],
    }))
      expect([key, (await setRules(person, rules, key)).status]).toEqual([key, 400]);
    await setRules(person, [rule]);
    const { body } = await call<{ rules: unknown[] }>("GET", "/v1/me/auto-pause", person.token);
    expect(body.rules).toEqual([{ ...rule, providerName: "AI Writer Pro", usedSeconds: 0 }]);
  });
});
