// Money going back at Stripe, and what it does to tokens and books.

import { env } from "cloudflare:test";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stripeClient, refundPayment } from "../../../domain/gateways/stripe.ts";
import { anApp, balanceOf, booksAreSound, call, create } from "../../support/market.ts";
import { newPerson, type TestPerson } from "../../support/people.ts";
import { checkoutIdOf, installStripe } from "../../support/stripe.ts";

const stripe = installStripe();

async function bought(person: TestPerson, tokenAmount: number) {
  const { body } = await call<{ checkoutUrl: string; orderId: string }>("POST", "/v1/tokens/purchase", person.token, {
    tokenAmount,
  });
  await stripe.pay(body.checkoutUrl);
  return { orderId: body.orderId, checkout: checkoutIdOf(body.checkoutUrl) };
}
async function refund(checkout: string, amount?: number): Promise<{ id: string }> {
  const { body } = await stripe.dev<{ id: string }>("/refund", { checkout, amount });
  await stripe.deliver();
  return body;
}
const available = async (person: TestPerson): Promise<number> => (await balanceOf(person)).available;
const order = (id: string) =>
  env.DB.prepare("SELECT status, refunded_cents FROM orders WHERE id = ?")
    .bind(id)
    .first<{ status: string; refunded_cents: number }>();
const account = async (id: string): Promise<number> =>
  (await env.DB.prepare(
    "SELECT CASE normal WHEN 'debit' THEN debits - credits ELSE credits - debits END AS n FROM accounts WHERE id = ?",
  )
    .bind(id)
    .first<{ n: number }>())!.n;
const shortfalls = async (orderId: string) =>
  (await env.DB.prepare("SELECT tokens, loss_cents FROM refund_shortfalls WHERE order_id = ?").bind(orderId).all())
    .results;
/** What we hold at Stripe is what came in less what went back, whatever became of the tokens. */
async function clearingIsStripe(): Promise<void> {
  const moved = await env.DB.prepare(
    `SELECT (SELECT coalesce(sum(amount_cents), 0) FROM orders WHERE paid_at IS NOT NULL)
          - (SELECT coalesce(sum(amount_cents), 0) FROM refunds WHERE undone_at IS NULL) AS cents`,
  ).first<{ cents: number }>();
  expect(await account("stripe_clearing")).toBe(moved!.cents);
}

describe("a refund of unspent tokens", () => {
  it("takes all of them back for all of the money", async () => {
    const person = await newPerson();
    const { orderId, checkout } = await bought(person, 600);
    await refund(checkout);
    expect(await available(person)).toBe(0);
    expect(await order(orderId)).toEqual({ status: "refunded", refunded_cents: 600 });
    await booksAreSound();
    await clearingIsStripe();
  });

  it("takes its part back for a part, and the parts make the whole", async () => {
    const person = await newPerson();
    const { orderId, checkout } = await bought(person, 600);
    await refund(checkout, 250);
    expect(await available(person)).toBe(350);
    expect(await order(orderId)).toEqual({ status: "paid", refunded_cents: 250 });
    await refund(checkout, 1);
    await refund(checkout, 349);
    expect(await available(person)).toBe(0);
    expect(await order(orderId)).toEqual({ status: "refunded", refunded_cents: 600 });
    await booksAreSound();
  });

  it("stands in the history as a refund of that payment", async () => {
    const person = await newPerson();
    const { checkout } = await bought(person, 600);
    await refund(checkout, 200);
    const { body } = await call<{ transactions: { type: string; amount: number; paymentIntentId: string }[] }>(
      "GET",
      "/v1/tokens/transactions",
      person.token,
    );
    expect(body.transactions.map(({ type, amount }) => [type, amount])).toEqual([
      ["refund", -200],
      ["purchase", 600],
    ]);
    expect(body.transactions[0]!.paymentIntentId).toBe(body.transactions[1]!.paymentIntentId);
  });

  it("made through the gateway is made once for one refund id", async () => {
    const person = await newPerson();
    const { checkout } = await bought(person, 600);
    const paymentIntentId = stripe.world.state.find("checkout.session", checkout)!.payment_intent as string;
    const ask = async () =>
      refundPayment(await stripeClient(env), { refundId: "r-1", paymentIntentId, amountCents: 100 });
    expect((await ask()).id).toBe((await ask()).id);
    await stripe.deliver();
    expect(await available(person)).toBe(500);
  });
});

describe("a refund of more than is unspent", () => {
  it("takes what is there, posts the rest as a loss and shows it to an operator, once", async () => {
    const person = await newPerson();
    const { orderId, checkout } = await bought(person, 600);
    const lossBefore = await account("refund_loss");
    expect((await create(person, await anApp(500), 60)).status).toBe(200);
    expect(await available(person)).toBe(100);
    const made = await refund(checkout);
    expect(await balanceOf(person)).toEqual({ available: 0, held: 500 });
    expect(await shortfalls(orderId)).toEqual([{ tokens: 500, loss_cents: 500 }]);
    expect((await account("refund_loss")) - lossBefore).toBe(500);
    const event = stripe.world.state
      .all("event")
      .find((one) => one.type === "refund.created" && (one.data.object as { id: string }).id === made.id)!;
    await stripe.deliveries.replay(event.id, 5);
    expect(await shortfalls(orderId)).toEqual([{ tokens: 500, loss_cents: 500 }]);
    expect((await account("refund_loss")) - lossBefore).toBe(500);
    await booksAreSound();
    await clearingIsStripe();
  });
});

describe("a refund that fails at the bank", () => {
  it("gives the tokens back", async () => {
    const person = await newPerson();
    const { orderId, checkout } = await bought(person, 600);
    const { id } = await refund(checkout, 250);
    await stripe.dev(`/refund/${id}/fail`);
    await stripe.deliver();
    expect(await available(person)).toBe(600);
    expect(await order(orderId)).toEqual({ status: "paid", refunded_cents: 0 });
    await booksAreSound();
    await clearingIsStripe();
  });

  it("takes its loss back too", async () => {
    const person = await newPerson();
    const { orderId, checkout } = await bought(person, 600);
    const lossBefore = await account("refund_loss");
    await create(person, await anApp(500), 60);
    const { id } = await refund(checkout);
    await stripe.dev(`/refund/${id}/fail`);
    await stripe.deliver();
    expect(await balanceOf(person)).toEqual({ available: 100, held: 500 });
    expect(await shortfalls(orderId)).toEqual([]);
    expect(await account("refund_loss")).toBe(lossBefore);
    await booksAreSound();
    await clearingIsStripe();
  });

  it("before we heard of it changes nothing", async () => {
    const person = await newPerson();
    const { orderId, checkout } = await bought(person, 600);
    stripe.deliveries.hold();
    const { body } = await stripe.dev<{ id: string }>("/refund", { checkout });
    await stripe.dev(`/refund/${body.id}/fail`);
    await stripe.deliveries.release("reverse");
    expect(await available(person)).toBe(600);
    expect(await order(orderId)).toEqual({ status: "paid", refunded_cents: 0 });
    await booksAreSound();
  });
});

describe("the rule for parts", () => {
  it("takes floor(tokens x given back / price) at every step, whatever the price, and everything at the end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 100, max: 5_000 }),
        fc.integer({ min: 60, max: 5_000 }),
        fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 6 }),
        async (tokens, cents, parts) => {
          const person = await newPerson();
          const id = await paidOrder(person, tokens, cents);
          let given = 0;
          for (const [i, part] of [...parts, cents].entries()) {
            const amount = Math.min(part, cents - given);
            if (amount === 0) break;
            given += amount;
            await env.DB.prepare("INSERT INTO refunds (id, order_id, amount_cents, at) VALUES (?, ?, ?, 1)")
              .bind(`re_${id}_${i}`, id, amount)
              .run();
            expect(await available(person)).toBe(tokens - Math.floor((tokens * given) / cents));
          }
          expect(await order(id)).toEqual({ status: "refunded", refunded_cents: cents });
          expect(await shortfalls(id)).toEqual([]);
        },
      ),
      { numRuns: 12 },
    );
    await booksAreSound();
    await clearingIsStripe();
  });

  async function paidOrder(person: TestPerson, tokens: number, cents: number): Promise<string> {
    const id = crypto.randomUUID();
    await env.DB.batch([
      env.DB.prepare(
        `INSERT INTO orders (id, user_id, wallet_id, tokens, amount_cents, currency, status, checkout_id, created_at, next_check_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 'usd', 'open', ?1, 1, 1)`,
      ).bind(id, person.userId, person.walletId, tokens, cents),
      env.DB.prepare("UPDATE orders SET status = 'paid', paid_at = 1 WHERE id = ?").bind(id),
    ]);
    return id;
  }
});

describe("tax that came with a payment", () => {
  it("goes back with its part of the money, to the cent in the end, and comes back when the refund fails", async () => {
    const person = await newPerson();
    const id = crypto.randomUUID();
    const taxBefore = await account("tax_payable");
    await env.DB.batch([
      env.DB.prepare(
        `INSERT INTO orders (id, user_id, wallet_id, tokens, amount_cents, tax_mode, currency, status, checkout_id, created_at, next_check_at)
         VALUES (?1, ?2, ?3, 1000, 1000, 'added', 'usd', 'open', ?1, 1, 1)`,
      ).bind(id, person.userId, person.walletId),
      env.DB.prepare("UPDATE orders SET status = 'paid', tax_cents = 190, paid_at = 1 WHERE id = ?").bind(id),
    ]);
    const give = (n: number, cents: number) =>
      env.DB.prepare("INSERT INTO refunds (id, order_id, amount_cents, at) VALUES (?, ?, ?, 1)")
        .bind(`re_${id}_${n}`, id, cents)
        .run();
    await give(1, 595);
    expect(await available(person)).toBe(500);
    expect((await account("tax_payable")) - taxBefore).toBe(95);
    await give(2, 595);
    expect(await available(person)).toBe(0);
    expect(await account("tax_payable")).toBe(taxBefore);
    expect(await order(id)).toEqual({ status: "refunded", refunded_cents: 1_190 });
    await env.DB.prepare("UPDATE refunds SET undone_at = 2 WHERE id = ?").bind(`re_${id}_2`).run();
    expect(await available(person)).toBe(500);
    expect((await account("tax_payable")) - taxBefore).toBe(95);
    await booksAreSound();
  });
});

describe("an order", () => {
  it("cannot be paid twice, repriced or moved to another wallet", async () => {
    const person = await newPerson();
    const { orderId } = await bought(person, 600);
    for (const change of [
      "paid_at = 5",
      "paid_at = NULL, status = 'open'",
      "tokens = 700",
      "amount_cents = 1",
      "wallet_id = 'w'",
      "checkout_id = 'cs'",
    ])
      await expect(env.DB.prepare(`UPDATE orders SET ${change} WHERE id = ?`).bind(orderId).run()).rejects.toThrow(
        /order_immutable/,
      );
    expect(await available(person)).toBe(600);
  });
});
