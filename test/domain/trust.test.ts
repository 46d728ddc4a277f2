// Card testing, held purchases and linked accounts: what is stopped, who decides, and that the books stay right.

import { env } from "cloudflare:test";
import { findAccountOf } from "../../domain/payouts/account-store.ts";
import { beginOnboarding } from "../../domain/payouts/connect-account.ts";
import { ownCards, whereOwnersArePaid } from "../../workers/cron/own-cards.ts";
import { describe, expect, it } from "vitest";
import { newId } from "../../domain/ids.ts";
import { monthStatement } from "../../domain/payouts/statement.ts";
import { takeBack } from "../support/payouts.ts";
import { sumEarnings } from "../../domain/payouts/earnings-store.ts";
import { issueStatement } from "../../domain/ledger/store.ts";
import { forgetSettings } from "../../domain/settings/read-settings.ts";
import { releaseDue } from "../../domain/trust/store.ts";
import { anApp, balanceOf, booksAreSound, call, create } from "../support/market.ts";
import { newPerson, type TestPerson } from "../support/people.ts";
import { checkoutIdOf, DECLINED, installStripe } from "../support/stripe.ts";

const stripe = installStripe();

const buy = (person: TestPerson, tokenAmount = 600) =>
  call<{ checkoutUrl: string; orderId: string }>("POST", "/v1/tokens/purchase", person.token, { tokenAmount });
async function declines(person: TestPerson, times: number) {
  const { body } = await buy(person);
  for (let i = 0; i < times; i++)
    await stripe.dev(`/checkout/${checkoutIdOf(body.checkoutUrl)}/pay`, { card: DECLINED });
  await stripe.deliver();
  return body;
}
const available = async (person: TestPerson) => (await balanceOf(person)).available;
const reviewOf = (orderId: string) =>
  env.DB.prepare("SELECT status, reasons, tokens, release_at FROM purchase_reviews WHERE order_id = ?")
    .bind(orderId)
    .first<{ status: string; reasons: string; tokens: number; release_at: number }>();

describe("declined cards", () => {
  it("stop a person after five within an hour, however often their events come, and nobody else", async () => {
    const person = await newPerson();
    await declines(person, 4);
    const first = stripe.world.state.all("event").findLast(({ type }) => type === "charge.failed")!;
    await stripe.deliveries.replay(first.id, 5);
    expect((await buy(person)).status).toBe(200);
    await declines(person, 1);
    const stopped = await buy(person);
    expect(stopped).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(stopped.headers.get("Retry-After")).toBe("3600");
    expect((await buy(await newPerson())).status).toBe(200);
  });

  it("hold the purchase that follows three, which an operator lets go or gives back, and which time releases", async () => {
    const operator = await newPerson({ role: "operator" });
    const decide = (id: string, decision: string) =>
      call("POST", `/v1/operator/reviews/${id}/decide`, operator.token, { decision, reason: "I rang them." });
    const held = async () => {
      const person = await newPerson();
      const { checkoutUrl, orderId } = await declines(person, 3);
      await stripe.pay(checkoutUrl);
      expect(await available(person)).toBe(0);
      expect(await reviewOf(orderId)).toMatchObject({ status: "held", reasons: "many_declines", tokens: 600 });
      return { person, orderId };
    };
    const good = await held();
    const list = await call<{ reviews: { orderId: string }[] }>("GET", "/v1/operator/reviews", operator.token);
    expect(list.body.reviews.map(({ orderId }) => orderId)).toContain(good.orderId);
    expect((await decide(good.orderId, "release")).status).toBe(200);
    expect((await decide(good.orderId, "refund")).status).toBe(409);
    expect(await available(good.person)).toBe(600);

    const bad = await held();
    expect((await decide(bad.orderId, "refund")).status).toBe(200);
    await stripe.deliver();
    expect(await available(bad.person)).toBe(0);
    expect(await env.DB.prepare("SELECT status FROM orders WHERE id = ?").bind(bad.orderId).first()).toEqual({
      status: "refunded",
    });

    const left = await held();
    const { release_at } = (await reviewOf(left.orderId))!;
    await releaseDue(env.DB, release_at - 1).run();
    expect(await available(left.person)).toBe(0);
    await releaseDue(env.DB, release_at).run();
    expect(await available(left.person)).toBe(600);
    await booksAreSound();
  });

  it("and a dispute of a held purchase leave nothing to spend when the hold is over", async () => {
    const person = await newPerson();
    const { checkoutUrl, orderId } = await declines(person, 3);
    await stripe.pay(checkoutUrl);
    await stripe.dev(`/dispute/${checkoutIdOf(checkoutUrl)}`, { step: "opened" });
    await stripe.deliver();
    await releaseDue(env.DB, (await reviewOf(orderId))!.release_at).run();
    expect(await available(person)).toBe(0);
    await booksAreSound();
  });
});

describe("accounts that share a card", () => {
  it("earn nothing payable from promotional tokens of each other, and are held beyond three", async () => {
    await env.DB.prepare(
      "INSERT INTO settings (key, value, updated_at, updated_by) VALUES ('cardSharingRules', 'true', 1, 'test')",
    ).run();
    // The people of the tests before paid with the same test card.
    await env.DB.prepare("DELETE FROM card_uses").run();
    forgetSettings();
    const app = await anApp(500);
    const owner = await newPerson();
    await env.DB.prepare("UPDATE providers SET owner_user_id = ? WHERE id = ?").bind(owner.userId, app.id).run();
    const friend = await newPerson();
    for (const person of [owner, friend]) await stripe.pay((await buy(person, 100)).body.checkoutUrl);
    const stranger = await newPerson({ tokens: 200 });
    const now = Date.now();
    for (const { walletId } of [friend, stranger])
      await issueStatement(env.DB, {
        id: `promo:${walletId}`,
        lotId: newId(now),
        walletId,
        kind: "promo",
        tokens: 150,
        paidCents: 0,
        at: now,
      }).run();
    const sessions: string[] = [];
    for (const person of [friend, stranger]) {
      const { body } = await create(person, app, 30);
      sessions.push(body.session.id);
      await env.DB.batch([
        env.DB.prepare("UPDATE sessions SET status = 'active', started_at = ?2 WHERE id = ?1").bind(
          body.session.id,
          now,
        ),
        env.DB.prepare(
          `INSERT INTO closings (session_id, status, end_reason, ended_at, active_seconds, reports, used_tokens, fee_tokens,
             token_cents, lines, at) VALUES (?1, 'completed', 'user_ended', ?2, 60, 0, 200, 40, 1, '[]', ?2)`,
        ).bind(body.session.id, now),
      ]);
    }
    const account = async (id: string) =>
      (await env.DB.prepare("SELECT credits - debits AS n FROM accounts WHERE id = ?").bind(id).first<{ n: number }>())
        ?.n;
    // Of 160 cents each: the friend's 150 promotional of 200 tokens are 120 of it.
    expect(await account(`unpayable:${app.id}`)).toBe(120);
    expect(await account(`provider:${app.id}`)).toBe(200);
    const earned = await sumEarnings(env.DB, { providerId: app.id, from: 0, to: Date.now() + 1 });
    expect(earned.sessions).toMatchObject({ netCents: 320, unpayableCents: 120 });
    // Taken back bit by bit: the provider loses what it was given of it, and nothing that was withheld.
    for (const left of [80, 0]) {
      await takeBack(sessions[0]!, 100, now);
      expect(await account(`unpayable:${app.id}`)).toBe(left);
      expect(await account(`provider:${app.id}`)).toBe(160);
      const { sessions: sums } = await sumEarnings(env.DB, { providerId: app.id, from: 0, to: now + 1 });
      expect(sums).toMatchObject({ netCents: 160 + left, unpayableCents: left });
    }
    const statement = await monthStatement(env.DB, app.id, new Date(now).toISOString().slice(0, 7));
    expect(statement.trim().split("\r\n").at(-1)).toContain(",160,usd");
    await booksAreSound();

    for (let i = 0; i < 2; i++) {
      const { body } = await buy(await newPerson(), 100);
      await stripe.pay(body.checkoutUrl);
      expect((await reviewOf(body.orderId))?.reasons).toBe(i === 0 ? undefined : "shared_card");
    }
    await env.DB.prepare("UPDATE settings SET value = NULL WHERE key = 'cardSharingRules'").run();
    forgetSettings();
    await booksAreSound();
  });
});

describe("owners who are paid to the same bank account", () => {
  const owners = async (bank: string | undefined) => {
    const people = [await newPerson(), await newPerson()];
    for (const { userId } of people) {
      await beginOnboarding(env, { userId, country: "US" }, Date.now());
      const { stripeAccountId } = (await findAccountOf(env.DB, userId))!;
      await stripe.dev(`/accounts/${stripeAccountId}/stage`, { stage: "complete", ...(bank && { bank }) });
      await stripe.deliver();
    }
    return people as [TestPerson, TestPerson];
  };
  const linksOf = async ({ userId }: TestPerson) =>
    (
      await env.DB.prepare("SELECT other_user_id AS other, reason FROM account_links WHERE user_id = ?")
        .bind(userId)
        .all()
    ).results;

  it("are linked with live payments, also for what was seen before, and strangers are not", async () => {
    const [one, two] = await owners("000123456789");
    const [alone] = await owners(undefined);
    expect(await linksOf(one), "everybody shares test accounts").toEqual([]);
    const production = { DB: env.DB, ENVIRONMENT: "production", STRIPE_SECRET_KEY: "sk_live_x" } as const;
    await ownCards({ ...production, ENVIRONMENT: "local" }, Date.now());
    await ownCards({ ...production, STRIPE_SECRET_KEY: "sk_test_x" }, Date.now());
    expect(await linksOf(one)).toEqual([]);
    await ownCards(production, Date.now());
    expect(await linksOf(one)).toEqual([{ other: two.userId, reason: "payout" }]);
    expect(await linksOf(two)).toEqual([{ other: one.userId, reason: "payout" }]);
    expect(await linksOf(alone)).toEqual([]);
    const [third] = await owners("000123456789");
    expect((await linksOf(third)).length).toBeGreaterThan(1);
    // Whoever was ready before this was looked at is asked for at Stripe.
    await env.DB.prepare("DELETE FROM payout_destinations WHERE user_id = ?").bind(alone.userId).run();
    await whereOwnersArePaid(env, Date.now());
    const known = await env.DB.prepare("SELECT count(*) AS n FROM payout_destinations WHERE user_id = ?")
      .bind(alone.userId)
      .first();
    expect(known).toEqual({ n: 1 });
    // An operator has the last word.
    await env.DB.prepare("UPDATE settings SET value = 'false' WHERE key = 'cardSharingRules'").run();
    await ownCards(production, Date.now());
    const row = await env.DB.prepare("SELECT value FROM settings WHERE key = 'cardSharingRules'").first();
    expect(row).toEqual({ value: "false" });
  });
});
