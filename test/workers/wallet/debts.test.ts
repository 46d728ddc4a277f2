// What an operator sees of debts: who owes what of which dispute, what purchases paid, and what was settled without one.

import { env } from "cloudflare:test";
import { expect, it } from "vitest";
import { anApp, booksAreSound, call, create } from "../../support/market.ts";
import { newPerson, type TestPerson } from "../../support/people.ts";
import { checkoutIdOf, installStripe } from "../../support/stripe.ts";

const stripe = installStripe();

async function bought(person: TestPerson, tokenAmount: number): Promise<{ orderId: string; checkout: string }> {
  const { body } = await call<{ checkoutUrl: string; orderId: string }>("POST", "/v1/tokens/purchase", person.token, {
    tokenAmount,
  });
  await stripe.pay(body.checkoutUrl);
  return { orderId: body.orderId, checkout: checkoutIdOf(body.checkoutUrl) };
}
/** Buys 600, spends so many of them, and loses a dispute about all. @returns the dispute's id. */
async function lostOf(person: TestPerson, spent: number): Promise<string> {
  const { checkout } = await bought(person, 600);
  const { session } = (await create(person, await anApp(500), 60)).body;
  const now = Date.now();
  await env.DB.batch([
    env.DB.prepare("UPDATE sessions SET status = 'active', started_at = ?2 WHERE id = ?1").bind(session.id, now),
    env.DB.prepare(
      `INSERT INTO closings (session_id, status, end_reason, ended_at, active_seconds, reports, used_tokens, fee_tokens,
         token_cents, lines, at) VALUES (?1, 'completed', 'user_ended', ?3, 60, 0, ?2, ?4, 1, '[]', ?3)`,
    ).bind(session.id, spent, now, Math.floor(spent / 5)),
  ]);
  let id = "";
  for (const step of ["opened", "lost"])
    ({ id } = (await stripe.dev<{ id: string }>(`/dispute/${checkout}`, { step })).body);
  await stripe.deliver();
  return id;
}
interface Answer {
  owedCents: number;
  debts: { disputeId: string; repayments: { orderId: string }[] }[];
  nextCursor: string | null;
}

it("lists who owes what, what a purchase paid of it, and how each was settled", async () => {
  const [operator, ana, ben] = [await newPerson({ role: "operator" }), await newPerson(), await newPerson()];
  const list = async (query = "") => (await call<Answer>("GET", `/v1/operator/debts${query}`, operator.token)).body;
  const [anas, bens] = [await lostOf(ana, 350), await lostOf(ben, 200)];
  const { orderId } = await bought(ana, 100);

  const owed = await list();
  expect(owed.owedCents).toBe(450);
  expect(owed.debts).toMatchObject([
    {
      disputeId: anas,
      email: ana.email,
      disputedCents: 600,
      lostCents: 350,
      returnedCents: 0,
      repaidCents: 100,
      owedCents: 250,
      repayments: [{ orderId, tokens: 100, cents: 100 }],
      settled: null,
    },
    { disputeId: bens, email: ben.email, lostCents: 200, repaidCents: 0, owedCents: 200, repayments: [] },
  ]);
  const first = await list("?limit=1");
  expect(first.debts.map(({ disputeId }) => disputeId)).toEqual([anas]);
  const second = await list(`?limit=1&cursor=${first.nextCursor}`);
  expect([second.debts.map(({ disputeId }) => disputeId), second.nextCursor]).toEqual([[bens], null]);

  await bought(ana, 800);
  const lift = await call("POST", `/v1/operator/disputes/${bens}/lift`, operator.token, { reason: "Bank transfer" });
  expect(lift.status).toBe(200);
  expect(await list()).toEqual({ owedCents: 0, debts: [], nextCursor: null });
  const settled = (await list("?state=settled")).debts.toSorted((a) => (a.disputeId === anas ? -1 : 1));
  expect(settled).toMatchObject([
    { disputeId: anas, repaidCents: 350, owedCents: 0, settled: { by: "repayment", email: null, reason: null } },
    {
      disputeId: bens,
      repaidCents: 0,
      owedCents: 0,
      settled: { by: "operator", email: operator.email, reason: "Bank transfer" },
    },
  ]);
  expect(settled[0]!.repayments).toHaveLength(2);
  await booksAreSound();
});

it("answers operators alone, and refuses what is no state, no size and no cursor of its own", async () => {
  const [operator, person] = [await newPerson({ role: "operator" }), await newPerson()];
  expect((await call("GET", "/v1/operator/debts", person.token)).status).toBe(403);
  expect((await call("GET", "/v1/operator/debts", "")).status).toBe(401);
  for (const [query, code] of [
    ["state=all", "invalid_request"],
    ["limit=0", "invalid_request"],
    ["limit=201", "invalid_request"],
    ["limit=1e3", "invalid_request"],
    ["cursor=nonsense", "invalid_cursor"],
    ["cursor=1:dp_1'%20OR%201=1", "invalid_cursor"],
    ["cursor=99999999999999999:dp", "invalid_cursor"],
    [`cursor=${"9".repeat(81)}`, "invalid_request"],
  ] as const)
    expect(await call("GET", `/v1/operator/debts?${query}`, operator.token), query).toMatchObject({
      status: 400,
      body: { code },
    });
});
