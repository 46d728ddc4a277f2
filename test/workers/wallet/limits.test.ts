// Limits that refuse at the hold, alerts that tell once a crossing, and notifications that wait until they are read.

import { env } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { commitTogether } from "../../../domain/sessions/commit-together.ts";
import type { CreateOperation } from "../../../domain/sessions/store.ts";
import { periodAround } from "../../../domain/spending/periods.ts";
import {
  anApp,
  balanceOf,
  booksAreSound,
  call,
  create,
  passSeconds,
  setClock,
  started,
  useVirtualClock,
  work,
  freshToken,
} from "../../support/market.ts";
import { newPerson, type TestPerson } from "../../support/people.ts";

beforeEach(() => useVirtualClock(Date.UTC(2030, 4, 15, 22)));
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

interface RuleBody {
  providerId: string | null;
  period: string;
  limitTokens: number | null;
  alertTokens: number | null;
  spentTokens: number;
  heldTokens: number;
  resetsAt: string;
}
const rule = (over: Partial<RuleBody>) => ({
  providerId: null,
  period: "day",
  limitTokens: null,
  alertTokens: null,
  ...over,
});
const set = (person: TestPerson, rules: object[], balanceAlerts: number[] = []) =>
  call<{ rules: RuleBody[]; balanceAlerts: number[] }>("PUT", "/v1/me/spending", person.token, {
    rules,
    balanceAlerts,
  });
const told = async (person: TestPerson) =>
  (
    await call<{ unread: number; notifications: { id: string; kind: string; data: Record<string, unknown> }[] }>(
      "GET",
      "/v1/me/notifications?unread=true",
      await freshToken(person),
    )
  ).body;

describe("spend limits", () => {
  it("refuse a start that could go beyond, say which limit it is and when it begins anew, and hold nothing", async () => {
    const person = await newPerson({ tokens: 5000 });
    const app = await anApp(600);
    await set(person, [rule({ limitTokens: 1000 })]);
    expect((await create(person, app)).status).toBe(200);
    const refused = await create(person, app);
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: "spend_limit_reached",
        limit: { providerId: null, period: "day", limitTokens: 1000 },
        heldTokens: 600,
        requiredTokens: 600,
        resetsAt: "2030-05-16T00:00:00.000Z",
      },
    });
    expect(await balanceOf(person)).toEqual({ available: 4400, held: 600 });
    expect((await create(person, app, 40)).status, "400 more is the limit itself").toBe(200);
  });

  it("let one of two starts at once through, grouped into one statement or not", async () => {
    const person = await newPerson({ tokens: 5000 });
    const app = await anApp(600);
    await set(person, [rule({ limitTokens: 1000 })]);
    const answers = await Promise.all([create(person, app), create(person, app), create(person, app)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422, 422]);
    const [row] = (await env.DB.prepare("SELECT * FROM sessions WHERE user_id = ?").bind(person.userId).all()).results;
    // The same in the very same INSERT: each row sees those before it.
    const other = await newPerson({ tokens: 5000 });
    await set(other, [rule({ limitTokens: 1000 })]);
    const operation = (id: string): CreateOperation => ({
      session: {
        id,
        mode: "live",
        userId: other.userId,
        walletId: other.walletId,
        subject: id,
        providerId: app.id,
        providerName: "A",
        appUrl: "https://a.example.com",
        priceVersionId: String(row!.price_version_id),
        components: [],
        feeBasisPoints: 2000,
        payable: true,
        status: "pending",
        durationSeconds: 3600,
        autoExtendSeconds: 0,
        heldTokens: 600,
        tags: [],
        state: "s",
        jti: id,
        launchDeadline: Date.now(),
        createdAt: Date.now(),
      } as unknown as CreateOperation["session"],
      caps: {},
      idempotency: null,
      events: [],
    });
    const writes = ["one", "two"].map((name) => ({
      kind: "create" as const,
      operation: operation(`${name}-${other.userId}`),
    }));
    expect(await commitTogether(env.DB, writes)).toEqual([true, false]);
  });

  it("count what was charged, not what came back, and begin anew with the next day", async () => {
    const person = await newPerson({ tokens: 5000 });
    const app = await anApp(600);
    await set(person, [rule({ limitTokens: 700 }), rule({ period: "month", limitTokens: 100_000, alertTokens: 90 })]);
    const session = await started(person, app);
    await work(session, 600);
    await call("POST", `/v1/sessions/${session.id}/complete`, await freshToken(person), {});
    const { body } = await call<{ rules: RuleBody[] }>("GET", "/v1/me/spending", await freshToken(person));
    expect(body.rules[0]).toMatchObject({ spentTokens: 100, heldTokens: 0, resetsAt: "2030-05-16T00:00:00.000Z" });
    expect(body.rules[1]).toMatchObject({ period: "month", spentTokens: 100, resetsAt: "2030-06-01T00:00:00.000Z" });
    const token = await freshToken(person);
    expect((await create({ ...person, token }, app, 61)).status).toBe(422);
    expect((await create({ ...person, token }, app, 60)).status).toBe(200);
    setClock(Date.UTC(2030, 4, 16, 0, 30));
    const tomorrow = { ...person, token: await freshToken(person) };
    // The hold of before midnight is still open and counts; 100 spent yesterday does not.
    expect((await create(tomorrow, app, 11)).status).toBe(422);
    expect((await create(tomorrow, app, 10)).status).toBe(200);
  });

  it("hold for one app alone, and for extensions too", async () => {
    const person = await newPerson({ tokens: 5000 });
    const [limited, free] = [await anApp(600), await anApp(600)];
    await set(person, [rule({ providerId: limited.id, period: "week", limitTokens: 650 })]);
    const session = await started(person, limited);
    expect((await create(person, free)).status).toBe(200);
    const extended = await call("POST", `/v1/sessions/${session.id}/extend`, person.token, { minutes: 6 });
    expect(extended).toMatchObject({
      status: 422,
      body: {
        code: "spend_limit_reached",
        limit: { providerId: limited.id, period: "week" },
        resetsAt: "2030-05-20T00:00:00.000Z",
      },
    });
    expect((await call("POST", `/v1/sessions/${session.id}/extend`, person.token, { minutes: 5 })).status).toBe(200);
  });

  it("are refused when they say nothing, say the same twice or name no app", async () => {
    const person = await newPerson();
    for (const rules of [
      [rule({})],
      [rule({ limitTokens: 1 }), rule({ limitTokens: 2 })],
      [rule({ providerId: "nobody", limitTokens: 1 })],
    ])
      expect((await set(person, rules)).status).toBe(400);
  });
});

describe("alerts", () => {
  it("tell once when the balance falls below, not at the hold, and again only after it was above", async () => {
    const person = await newPerson({ tokens: 1000 });
    const app = await anApp(600);
    await set(person, [rule({ period: "month", alertTokens: 150 })], [950, 300]);
    const session = await started(person, app);
    expect((await told(person)).notifications).toEqual([]);
    await work(session, 600);
    await call("POST", `/v1/sessions/${session.id}/complete`, await freshToken(person), {});
    expect((await told(person)).notifications).toMatchObject([
      { kind: "balance_low", data: { alertTokens: 950, totalTokens: 900 } },
    ]);
    const again = await started({ ...person, token: await freshToken(person) }, app);
    await work(again, 600);
    await call("POST", `/v1/sessions/${again.id}/complete`, await freshToken(person), {});
    const { notifications, unread } = await told(person);
    expect(unread).toBe(2);
    expect(notifications[0]).toMatchObject({
      kind: "spending_alert",
      data: { period: "month", alertTokens: 150, spentTokens: 200, providerId: null },
    });
    const live = await env.DB.prepare("SELECT count(*) AS n FROM outbox WHERE user_id = ? AND type = 'notification'")
      .bind(person.userId)
      .first<{ n: number }>();
    expect(live).toEqual({ n: 2 });
  });

  it("stay unread until they are marked, by their person only", async () => {
    const person = await newPerson({ tokens: 1000 });
    await env.DB.prepare("INSERT INTO new_notifications (user_id, kind, data, at) VALUES (?, 'balance_low', '{}', ?)")
      .bind(person.userId, Date.now())
      .run();
    const [one] = (await told(person)).notifications;
    const stranger = await newPerson();
    await call("POST", "/v1/me/notifications/read", stranger.token, { ids: [one!.id] });
    expect((await told(person)).unread).toBe(1);
    passSeconds(5);
    await call("POST", "/v1/me/notifications/read", person.token, {});
    expect(await told(person)).toEqual({ notifications: [], nextCursor: null, unread: 0 });
    const all = await call<{ notifications: { readAt: string }[] }>("GET", "/v1/me/notifications", person.token);
    expect(all.body.notifications[0]!.readAt).toBe("2030-05-15T22:00:05.000Z");
  });
});

describe("periods", () => {
  it("begin at midnight, on Monday and on the first, in UTC", () => {
    const at = Date.UTC(2028, 1, 29, 13);
    expect(periodAround("day", at)).toEqual({ from: Date.UTC(2028, 1, 29), until: Date.UTC(2028, 2, 1) });
    expect(periodAround("week", at)).toEqual({ from: Date.UTC(2028, 1, 28), until: Date.UTC(2028, 2, 6) });
    expect(periodAround("month", at)).toEqual({ from: Date.UTC(2028, 1, 1), until: Date.UTC(2028, 2, 1) });
    expect(periodAround("week", Date.UTC(2028, 1, 28)).from).toBe(Date.UTC(2028, 1, 28));
    expect(periodAround("month", Date.UTC(2027, 11, 31, 23, 59))).toEqual({
      from: Date.UTC(2027, 11),
      until: Date.UTC(2028, 0),
    });
  });
});
