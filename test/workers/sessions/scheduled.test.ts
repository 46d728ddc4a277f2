// Sessions planned for later: nothing is held before the person's own click, in the window, at that moment's price.

import { env } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { tendPlans } from "../../../domain/sessions/schedule.ts";
import {
  anApp,
  aPerson,
  balanceOf,
  booksAreSound,
  call,
  freshToken,
  setClock,
  useVirtualClock,
  type CreatedBody,
  type Person,
  type TestApp,
} from "../../support/market.ts";

const NOON = Date.UTC(2030, 0, 1, 12);
const at = (minutes: number): number => NOON + minutes * 60_000;
beforeEach(() => useVirtualClock());
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

interface Plan {
  id: string;
  status: string;
  opensAt: string;
  closesAt: string;
  sessionId: string | null;
}
const plan = async (person: Person, app: TestApp, startsAt = NOON, key = "plan") =>
  call<{ scheduled: Plan }>(
    "POST",
    "/v1/scheduled-sessions",
    await freshToken(person),
    { providerId: app.id, startsAt: new Date(startsAt).toISOString(), durationMinutes: 30 },
    { "Idempotency-Key": key },
  );
const start = async (person: Person, id: string, key = "start") =>
  call<CreatedBody & { code: string }>(
    "POST",
    `/v1/scheduled-sessions/${id}/start`,
    await freshToken(person),
    {},
    { "Idempotency-Key": key },
  );
const plansOf = async (person: Person) =>
  (await call<{ scheduled: Plan[] }>("GET", "/v1/scheduled-sessions", await freshToken(person))).body.scheduled;
const remindersOf = async (person: Person) =>
  (
    await call<{ notifications: { kind: string; data: Record<string, unknown> }[] }>(
      "GET",
      "/v1/me/notifications",
      await freshToken(person),
    )
  ).body.notifications.filter(({ kind }) => kind === "session_due");

it("holds nothing, reminds once when the window opens, and starts by the person's click, once", async () => {
  const [person, app] = [await aPerson(1_000), await anApp(600)];
  const planned = (await plan(person, app)).body.scheduled;
  expect((await plan(person, app)).body.scheduled.id).toBe(planned.id);
  expect(planned).toMatchObject({
    status: "planned",
    opensAt: "2030-01-01T11:55:00.000Z",
    closesAt: "2030-01-01T12:30:00.000Z",
  });
  expect(await balanceOf(person)).toEqual({ available: 1_000, held: 0 });

  setClock(at(-6));
  await tendPlans(env.DB, Date.now());
  expect(await remindersOf(person)).toEqual([]);
  const early = await start(person, planned.id, "early");
  expect([early.status, early.body]).toMatchObject([
    409,
    { code: "scheduled_session_not_due", opensAt: planned.opensAt },
  ]);

  setClock(at(-5));
  await tendPlans(env.DB, Date.now());
  await tendPlans(env.DB, Date.now() + 60_000);
  expect((await remindersOf(person)).map(({ data }) => data)).toMatchObject([
    { scheduledId: planned.id, requiredTokens: 300, balanceTokens: 1_000, missingTokens: 0, isStartable: true },
  ]);

  const clicks = await Promise.all([start(person, planned.id, "one"), start(person, planned.id, "two")]);
  expect(clicks.map(({ status }) => status).toSorted()).toEqual([200, 410]);
  const { id, tokensAllocated } = clicks.find(({ status }) => status === 200)!.body.session;
  expect(tokensAllocated).toBe(300);
  expect(await balanceOf(person)).toEqual({ available: 700, held: 300 });
  expect(await plansOf(person)).toEqual([]);
  expect((await start(person, planned.id, "later")).body).toMatchObject({
    code: "scheduled_session_over",
    sessionId: id,
  });
});

it("says in the reminder and at the start that tokens are short, and can be started once they are there", async () => {
  const [person, app] = [await aPerson(120), await anApp(600)];
  const { id } = (await plan(person, app)).body.scheduled;
  setClock(at(-5));
  await tendPlans(env.DB, Date.now());
  expect((await remindersOf(person))[0]!.data).toMatchObject({ requiredTokens: 300, missingTokens: 180 });
  const short = await start(person, id, "short");
  expect([short.status, short.body]).toMatchObject([402, { code: "insufficient_tokens", requiredTokens: 300 }]);
  expect((await plansOf(person))[0]).toMatchObject({ status: "planned" });
});

it("is missed half an hour after its time, and can be taken back before", async () => {
  const [person, app] = [await aPerson(1_000), await anApp(600)];
  const missed = (await plan(person, app)).body.scheduled;
  const dropped = (await plan(person, app, at(60), "other")).body.scheduled;
  const cancel = await call<{ scheduled: Plan }>(
    "DELETE",
    `/v1/scheduled-sessions/${dropped.id}`,
    await freshToken(person),
  );
  expect(cancel.body.scheduled.status).toBe("cancelled");
  setClock(at(30) + 1);
  expect((await start(person, missed.id)).body).toMatchObject({ code: "scheduled_session_over" });
  await tendPlans(env.DB, Date.now());
  expect((await plansOf(person)).map(({ id, status }) => [id, status])).toEqual([[missed.id, "missed"]]);
  setClock(at(65));
  expect((await start(person, dropped.id, "gone")).status).toBe(410);
  setClock(at(8 * 24 * 60));
  expect(await plansOf(person)).toEqual([]);
});

it("is one's own, not in the past, not beyond 90 days, and at most twenty", async () => {
  const [person, other, app] = [await aPerson(), await aPerson(), await anApp()];
  const { id } = (await plan(person, app)).body.scheduled;
  expect((await call("DELETE", `/v1/scheduled-sessions/${id}`, other.token)).status).toBe(404);
  expect((await start(other, id)).status).toBe(404);
  expect((await plan(person, app, Date.now(), "past")).status).toBe(400);
  expect((await plan(person, app, Date.now() + 91 * 86_400_000, "far")).status).toBe(400);
  for (let more = 1; more < 20; more++) await plan(person, app, NOON, `plan ${more}`);
  const tooMany = await plan(person, app, NOON, "one more");
  expect([tooMany.status, tooMany.body]).toMatchObject([422, { code: "scheduled_sessions_limit" }]);
});
