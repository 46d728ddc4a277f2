// Deleting an account: what ends, what is forgotten, who is told, and what is refused before anything happens.

import { env } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { call, anApp, booksAreSound, started, useVirtualClock, work } from "../support/market.ts";
import { reconcile } from "../../domain/payments/reconcile.ts";
import { findOrder } from "../../domain/payments/store.ts";
import { beginOnboarding } from "../../domain/payouts/connect-account.ts";
import { purgePayees } from "../../domain/payouts/erasure-store.ts";
import { makeScheduledPayouts, sendDuePayouts } from "../../domain/payouts/run-payouts.ts";
import { eraseStatements } from "../../domain/privacy/store.ts";
import { finishRefundsOnRequest, reconcileStripe } from "../../workers/cron/reconcile-stripe.ts";
import type { Env } from "../../workers/env.ts";
import { DAY, earn, movedTo } from "../support/payouts.ts";
import { newPerson } from "../support/people.ts";
import { checkoutIdOf, failing, installStripe, VISA } from "../support/stripe.ts";

beforeEach(() => useVirtualClock());
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

const erase = (person: { token: string }, body: unknown) => call("POST", "/v1/me/erase", person.token, body);
const count = (table: string, column: string, value: string) =>
  env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${column} = ?`).bind(value).first<number>("n");

const purge = () => env.DB.batch(purgePayees(env.DB, Date.now()));

describe("deleting an account", () => {
  it("ends what runs as user_erased, forgets the person, and tells every app that knew them by its own id for them", async () => {
    const person = await newPerson({ tokens: 1_000 });
    const app = await anApp(500);
    const session = await started(person, app, 60);
    await work(session, 360);
    const row = () =>
      env.DB.prepare("SELECT status, end_reason, consumed_tokens, subject, tags FROM sessions WHERE id = ?")
        .bind(session.id)
        .first<Record<string, unknown>>();
    const { subject } = (await row())!;
    await env.DB.batch([
      env.DB.prepare("INSERT INTO user_plans (user_id, plan, since, set_by) VALUES (?, 'plus', 0, 'o')").bind(
        person.userId,
      ),
      env.DB.prepare("INSERT INTO trials (user_id, provider_id, granted_seconds) VALUES (?, ?, 60)").bind(
        person.userId,
        app.id,
      ),
    ]);

    expect((await erase(person, { email: ` ${person.email.toUpperCase()}`, giveUpTokens: true })).status).toBe(204);

    expect(await row()).toMatchObject({
      status: "completed",
      end_reason: "user_erased",
      consumed_tokens: 50,
      tags: "[]",
    });
    for (const [table, column] of [
      ["users", "id"],
      ["sign_ins", "user_id"],
      ["subjects", "user_id"],
      ["trials", "user_id"],
      ["user_plans", "user_id"],
    ] as const)
      expect(await count(table, column, person.userId), table).toBe(0);
    const { results } = await env.DB.prepare("SELECT provider_id, data FROM outbox WHERE type = 'user.erased'").all();
    expect(results).toHaveLength(1);
    expect(results[0]!.provider_id).toBe(app.id);
    expect(JSON.parse(String(results[0]!.data))).toMatchObject({ userId: subject });
    expect(String(results[0]!.data)).not.toContain(person.userId);
    // Whoever still holds the access token meets nobody.
    expect((await call("GET", "/v1/me", person.token)).status).toBe(401);
    expect((await erase(person, { email: person.email, giveUpTokens: true })).status).toBe(401);
  });

  it("asks before tokens are lost, and ends nothing until then", async () => {
    const person = await newPerson({ tokens: 800 });
    const session = await started(person, await anApp(500), 60);
    const answer = await erase(person, { email: person.email });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ code: "account_not_empty", balanceTokens: 300, heldTokens: 500 });
    expect(
      (await call<{ session: { status: string } }>("GET", `/v1/sessions/${session.id}`, person.token)).body.session
        .status,
    ).toBe("active");
  });

  it("wants the account's own address, and no app of theirs in the catalogue", async () => {
    const person = await newPerson();
    expect((await erase(person, { email: "somebody@example.com" })).body.code).toBe("erasure_not_confirmed");
    const app = await anApp(500);
    await env.DB.prepare("UPDATE providers SET owner_user_id = ? WHERE id = ?").bind(person.userId, app.id).run();
    expect((await erase(person, { email: person.email })).body).toMatchObject({
      code: "account_owns_apps",
      openApps: 1,
    });
    await env.DB.prepare("UPDATE providers SET status = 'inactive' WHERE id = ?").bind(app.id).run();
    expect((await erase(person, { email: person.email })).status).toBe(204);
  });
});

const stripe = installStripe();

describe("a purchase they left open", () => {
  const minute = async () => {
    vi.setSystemTime(Date.now() + 60_000);
    await reconcileStripe(env as unknown as Env, Date.now());
    await finishRefundsOnRequest(env as unknown as Env, Date.now());
  };
  /** Somebody without tokens, on Stripe's page. */
  async function onPage() {
    const person = await newPerson();
    const { body } = await call<{ checkoutUrl: string; orderId: string }>("POST", "/v1/tokens/purchase", person.token, {
      tokenAmount: 500,
    });
    const page = () => stripe.world.state.find("checkout.session", checkoutIdOf(body.checkoutUrl))!;
    const order = () =>
      env.DB.prepare("SELECT status, refunded_cents AS refunded FROM orders WHERE id = ?").bind(body.orderId).first();
    const tokens = () =>
      env.DB.prepare("SELECT available FROM wallets WHERE id = ?").bind(person.walletId).first<number>("available");
    const leave = () => erase(person, { email: person.email });
    return { person, ...body, page, order, tokens, leave };
  }
  const moneyWentBack = async (it: Awaited<ReturnType<typeof onPage>>) => {
    expect(await it.order()).toEqual({ status: "refunded", refunded: 500 });
    expect(await it.tokens()).toBe(0);
    const refunds = stripe.world.state
      .all("refund")
      .filter((refund) => refund.payment_intent === it.page().payment_intent);
    expect(refunds.map(({ amount, status }) => ({ amount, status }))).toEqual([{ amount: 500, status: "succeeded" }]);
  };

  it("is closed at Stripe by the deletion itself, so that nobody can pay there", async () => {
    const left = await onPage();
    expect((await left.leave()).status).toBe(204);
    expect(left.page().status).toBe("expired");
    expect(await left.order()).toEqual({ status: "expired", refunded: 0 });
  });

  it("is closed a minute later where Stripe did not answer, also when it had done it", async () => {
    const left = await onPage();
    for (const fault of ["before", "after"] as const) {
      const other = await onPage();
      failing(`/v1/checkout/sessions/${checkoutIdOf(other.checkoutUrl)}/expire`, fault);
      expect((await other.leave()).status).toBe(204);
      expect(other.page().status).toBe(fault === "before" ? "open" : "expired");
      await minute();
      expect(other.page().status).toBe("expired");
      expect(await other.order()).toEqual({ status: "expired", refunded: 0 });
    }
    // Somebody else's is theirs to pay.
    expect(left.page().status).toBe("open");
  });

  it("is given back when it was paid in that moment, once, however late and often we hear of it", async () => {
    const left = await onPage();
    await stripe.dev(`/checkout/${checkoutIdOf(left.checkoutUrl)}/pay`, { card: VISA });
    expect((await left.leave()).status).toBe(204);
    await stripe.deliver();
    await minute();
    await minute();
    await moneyWentBack(left);
  });

  it("is given back when it turned paid between our look and the deletion, and when the bank's money comes days later", async () => {
    const [seen, bank] = [await onPage(), await onPage()];
    const order = (await findOrder(env.DB, seen.orderId))!;
    await stripe.dev(`/checkout/${checkoutIdOf(seen.checkoutUrl)}/pay`, { card: VISA });
    await stripe.dev(`/checkout/${checkoutIdOf(bank.checkoutUrl)}/pay`, { method: "us_bank_account" });
    for (const { leave } of [seen, bank]) expect((await leave()).status).toBe(204);
    // A look that began before they left, and read the order as it was then.
    await reconcile(env, order, Date.now());
    vi.setSystemTime(Date.now() + 3 * DAY);
    await stripe.dev(`/checkout/${checkoutIdOf(bank.checkoutUrl)}/settle`, { outcome: "succeeded" });
    await stripe.deliver();
    await minute();
    for (const left of [seen, bank]) await moneyWentBack(left);
  });

  it("is given back when it was credited while the deletion was under way, and not when it was theirs before", async () => {
    const [during, before] = [await onPage(), await onPage()];
    await stripe.pay(before.checkoutUrl);
    vi.setSystemTime(Date.now() + 1000);
    expect((await before.leave()).status).toBe(409);
    const began = Date.now();
    await stripe.pay(during.checkoutUrl);
    await env.DB.batch(eraseStatements(env.DB, during.person.userId, [], began));
    await minute();
    await moneyWentBack(during);
    expect((await erase(before.person, { email: before.person.email, giveUpTokens: true })).status).toBe(204);
    await minute();
    expect(await before.order()).toEqual({ status: "paid", refunded: 0 });
  });
});

describe("an owner who was paid", () => {
  const accountOf = (userId: string) =>
    env.DB.prepare("SELECT stripe_account_id AS id, erased_at AS erasedAt FROM payout_accounts WHERE owner_user_id = ?")
      .bind(userId)
      .first<{ id: string; erasedAt: number | null }>();
  /** An inactive app of a person who is ready to be paid. */
  async function owner() {
    const [person, app] = [await newPerson(), await anApp()];
    await env.DB.prepare("UPDATE providers SET owner_user_id = ?1, status = 'inactive' WHERE id = ?2")
      .bind(person.userId, app.id)
      .run();
    await beginOnboarding(env, { userId: person.userId, country: "US" }, Date.now());
    await stripe.dev(`/accounts/${(await accountOf(person.userId))!.id}/stage`, { stage: "complete" });
    await stripe.deliver();
    return { person, app };
  }

  it("leaves nothing of where they are paid when nothing is owed", async () => {
    const { person } = await owner();
    expect(await count("payout_destinations", "user_id", person.userId)).toBe(1);
    expect((await erase(person, { email: person.email })).status).toBe(204);
    expect(await accountOf(person.userId)).toBeNull();
    expect(await count("payout_destinations", "user_id", person.userId)).toBe(0);
  });

  it("is still paid what is owed, then forgotten; the books say who was paid for ten more years", async () => {
    const { person, app } = await owner();
    await env.DB.prepare("UPDATE providers SET status = 'active' WHERE id = ?").bind(app.id).run();
    await earn(app, 5_000, Date.now());
    await env.DB.prepare("UPDATE providers SET status = 'inactive' WHERE id = ?").bind(app.id).run();
    const { id: account } = (await accountOf(person.userId))!;
    expect((await erase(person, { email: person.email })).status).toBe(204);
    expect(await accountOf(person.userId)).toMatchObject({ id: account, erasedAt: Date.now() });
    await purge();
    expect(await accountOf(person.userId), "4,000 cents are owed").not.toBeNull();

    vi.setSystemTime(Date.now() + 40 * DAY);
    await makeScheduledPayouts(env, Date.now());
    await sendDuePayouts(env, Date.now());
    expect(movedTo(stripe, account)).toBe(4_000);
    await purge();
    expect(await accountOf(person.userId)).toBeNull();

    const paidTo = async () =>
      (await env.DB.prepare("SELECT stripe_account_id AS id FROM payouts WHERE provider_id = ?").bind(app.id).first())
        ?.id;
    const year = new Date().getUTCFullYear();
    vi.setSystemTime(Date.UTC(year + 10, 11, 31, 23));
    await purge();
    expect(await paidTo()).toBe(account);
    vi.setSystemTime(Date.UTC(year + 11, 0, 1));
    await purge();
    expect(await paidTo()).toBe("forgotten");
  });

  it("who is not gone keeps their records", async () => {
    const { person, app } = await owner();
    await env.DB.prepare("UPDATE providers SET status = 'active' WHERE id = ?").bind(app.id).run();
    await earn(app, 5_000, Date.now());
    vi.setSystemTime(Date.now() + 40 * DAY);
    await makeScheduledPayouts(env, Date.now());
    await sendDuePayouts(env, Date.now());
    vi.setSystemTime(Date.UTC(new Date().getUTCFullYear() + 12, 0, 1));
    await purge();
    expect(await accountOf(person.userId)).toMatchObject({ erasedAt: null });
    const row = await env.DB.prepare("SELECT stripe_account_id AS id FROM payouts WHERE provider_id = ?")
      .bind(app.id)
      .first();
    expect(row!.id).toMatch(/^acct_/);
  });
});
