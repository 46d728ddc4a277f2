// The very first money of a marketplace may be a plan's, of which we hear hours later. A file of its own: its books begin empty.

import { env } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { proveBooks } from "../../../domain/books/prove-books.ts";
import { anApp, call, freshToken, setClock, useVirtualClock } from "../../support/market.ts";
import { newPerson } from "../../support/people.ts";
import { checkoutIdOf, installStripe, VISA } from "../../support/stripe.ts";

const stripe = installStripe();
const BEGIN = Date.UTC(2030, 2, 4, 9);
const HOUR = 60 * 60 * 1000;
beforeEach(() => useVirtualClock(BEGIN));
afterEach(() => void vi.useRealTimers());

it("finds Stripe's fee of a first payment that was a plan's, though we heard of it hours after Stripe took it", async () => {
  const app = await anApp(600);
  const owner = await freshToken({ userId: app.ownerUserId, walletId: app.ownerUserId });
  const offer = { name: "Monthly", monthCents: 901, includedTokens: 150 };
  const { body } = await call<{ plan: { id: string } }>("POST", `/v1/provider/apps/${app.id}/plans`, owner, offer);
  const person = await newPerson();
  const { body: page } = await call<{ checkoutUrl: string }>("POST", "/v1/subscriptions", person.token, {
    planId: body.plan.id,
  });
  await stripe.dev("/hold");
  await stripe.dev(`/checkout/${checkoutIdOf(page.checkoutUrl)}/pay`, { card: VISA });
  setClock(BEGIN + 5 * HOUR);
  await stripe.dev("/release");
  await stripe.deliver();
  setClock(BEGIN + 8 * HOUR);

  const { report } = await proveBooks(env, "cron", Date.now());
  expect(report.checks.filter(({ findings }) => findings > 0)).toEqual([]);
  const [movement, ...others] = stripe.world.state.all("balance_transaction");
  expect(others).toEqual([]);
  expect(movement).toMatchObject({ amount: 901, created: BEGIN / 1000 });
  expect(movement!.fee).toBeGreaterThan(0);
  const kept = await env.DB.prepare("SELECT id, fee_cents AS fee FROM stripe_movements").all();
  expect(kept.results).toEqual([{ id: movement!.id, fee: movement!.fee }]);
  const balances = await env.DB.prepare(
    "SELECT id, debits - credits AS cents FROM accounts WHERE id IN ('stripe_clearing', 'stripe_fees') ORDER BY id",
  ).all();
  expect(balances.results).toEqual([
    { id: "stripe_clearing", cents: movement!.net },
    { id: "stripe_fees", cents: movement!.fee },
  ]);
});
