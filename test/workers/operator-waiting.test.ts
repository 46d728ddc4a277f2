// What an operator's first page counts: what waits in each area, from indexes alone, and for operators alone.

import { env } from "cloudflare:test";
import { expect, it } from "vitest";
import { WAITING, WAITING_AREAS, type WaitingArea } from "../../domain/operators/waiting-store.ts";
import { call } from "../support/market.ts";
import { newPerson } from "../support/people.ts";

it("counts what waits, and no longer what was decided", async () => {
  const [operator, ada, ben] = [await newPerson({ role: "operator" }), await newPerson(), await newPerson()];
  const counts = async () =>
    (await call<{ waiting: Record<WaitingArea, number> }>("GET", "/v1/operator/waiting", operator.token)).body.waiting;
  const before = await counts();
  expect(Object.keys(before).toSorted()).toEqual(WAITING_AREAS.toSorted());
  await env.DB.batch([
    env.DB.prepare("INSERT INTO referral_codes (code, user_id, created_at) VALUES ('WAITS', ?, 1)").bind(ada.userId),
    env.DB.prepare(
      `INSERT INTO referrals (referred_user_id, referrer_user_id, code, tokens, days, wait_ms, tokens_min, claimed_at, held_reason)
       VALUES (?, ?, 'WAITS', 200, 180, 1, 100, 1, 'many_referrals')`,
    ).bind(ben.userId, ada.userId),
    env.DB.prepare(
      `INSERT INTO alerts (id, key, area, title, rows, row_count, first_at, last_at)
       VALUES ('a1', 'waits', 'books', 'x', '[]', 0, 1, 1)`,
    ),
    env.DB.prepare(
      "INSERT INTO onboarding_requests (id, user_id, provider_id, message, created_at) VALUES ('h1', ?, NULL, 'x', 1)",
    ).bind(ada.userId),
  ]);
  expect(await counts()).toEqual({
    ...before,
    books: before.books + 1,
    onboarding: before.onboarding + 1,
    referrals: before.referrals + 1,
  });
  const decision = { decision: "decline", reason: "One person" };
  const path = `/v1/operator/referrals/${ben.userId}/decide`;
  expect((await call("POST", path, operator.token, decision)).status).toBe(200);
  expect(await counts()).toMatchObject({ referrals: before.referrals, books: before.books + 1 });

  expect((await call("GET", "/v1/operator/waiting", ada.token)).status).toBe(403);
  expect((await call("GET", "/v1/operator/waiting", "")).status).toBe(401);
});

it.each(WAITING_AREAS)("counts %s without reading a whole table", async (area) => {
  const plan = await env.DB.prepare(`EXPLAIN QUERY PLAN ${WAITING[area]}`).all<{ detail: string }>();
  const steps = plan.results.map(({ detail }) => detail);
  // A scan of a partial index reads what waits; a scan of a table reads everything there ever was.
  expect(
    steps.filter((step) => /^SCAN (?!.*USING (?:COVERING )?INDEX|CONSTANT ROW)/.test(step)),
    area,
  ).toEqual([]);
  expect(
    steps.some((step) => /USING (?:COVERING )?INDEX/.test(step)),
    steps.join("\n"),
  ).toBe(true);
});
