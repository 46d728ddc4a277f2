// A code of Stripe's, typed on Stripe's page: what it takes off is known only when the page is paid, and the books go by
// what was really paid.

import { env } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { forgetSettings } from "../../../domain/settings/read-settings.ts";
import { balanceOf, booksAreSound, call } from "../../support/market.ts";
import { newPerson, type TestPerson } from "../../support/people.ts";
import { checkoutIdOf, installStripe, VISA } from "../../support/stripe.ts";

const stripe = installStripe();
interface Bought {
  checkoutUrl: string;
  orderId: string;
}
interface OrderBody {
  status: string;
  price: { amount: number };
  tax: { amount: number };
  invoice: { lines: { kind: string; amount: number }[]; net: number; total: number } | null;
}

const account = async (id: string) =>
  (await env.DB.prepare("SELECT debits - credits AS n FROM accounts WHERE id = ?").bind(id).first<{ n: number }>())!.n;
const row = (orderId: string) =>
  env.DB.prepare("SELECT status, problem, amount_cents, stripe_discount_cents FROM orders WHERE id = ?")
    .bind(orderId)
    .first();
const orderOf = async (person: TestPerson, id: string) =>
  (await call<OrderBody>("GET", `/v1/tokens/orders/${id}`, person.token)).body;
async function buy(person: TestPerson, tokenAmount: number): Promise<Bought> {
  return (await call<Bought>("POST", "/v1/tokens/purchase", person.token, { tokenAmount })).body;
}
async function pay(bought: Bought, how: object): Promise<number> {
  const { status } = await stripe.dev(`/checkout/${checkoutIdOf(bought.checkoutUrl)}/pay`, { card: VISA, ...how });
  await stripe.deliver();
  return status;
}
/** A code as an operator makes one in Stripe's dashboard. */
async function codeAtStripe(code: string, coupon: Record<string, string>): Promise<void> {
  const ask = async (path: string, body: Record<string, string>) => {
    const answer = await stripe.fetch(
      new Request(`${env.STRIPE_API_BASE}/v1/${path}`, {
        method: "POST",
        headers: { Authorization: "Bearer sk_test_dashboard" },
        body: new URLSearchParams(body),
      }),
    );
    expect(answer.status).toBe(200);
    return (await answer.json()) as { id: string };
  };
  const { id } = await ask("coupons", coupon);
  await ask("promotion_codes", { code, "promotion[type]": "coupon", "promotion[coupon]": id });
}

let operator: TestPerson;
const turn = async (settings: object) => {
  operator ??= await newPerson({ role: "operator" });
  expect((await call("PUT", "/v1/operator/settings", operator.token, { settings })).status).toBe(200);
};

beforeEach(async () => {
  forgetSettings();
  await turn({ stripePromotionCodes: true, taxEnabled: false });
});

describe("a code of Stripe's", () => {
  it("is off what is credited, owed, invoiced and refunded, and told again it changes nothing", async () => {
    await codeAtStripe("FIFTH", { percent_off: "20" });
    const person = await newPerson();
    const before = [await account("stripe_clearing"), await account("token_liability")];
    const bought = await buy(person, 10_000);
    expect(await pay(bought, { promotionCode: "FIFTH" })).toBe(200);
    expect((await balanceOf(person)).available).toBe(10_000);
    expect((await account("stripe_clearing")) - before[0]!).toBe(8_000);
    expect((await account("token_liability")) - before[1]!).toBe(-8_000);
    const order = await orderOf(person, bought.orderId);
    expect(order).toMatchObject({ status: "paid", price: { amount: 8_000 }, invoice: { net: 8_000, total: 8_000 } });
    expect(order.invoice!.lines.reduce((sum, { amount }) => sum + amount, 0)).toBe(8_000);
    await booksAreSound();

    const { id } = stripe.world.state.all("event").find(({ type }) => type === "checkout.session.completed")!;
    await stripe.dev(`/replay/${id}?times=3`);
    await stripe.dev("/refund", { checkout: checkoutIdOf(bought.checkoutUrl), amount: 4_000 });
    await stripe.deliver();
    expect((await balanceOf(person)).available).toBe(5_000);
    await stripe.dev("/refund", { checkout: checkoutIdOf(bought.checkoutUrl) });
    await stripe.deliver();
    expect((await balanceOf(person)).available).toBe(0);
    expect(await account("stripe_clearing")).toBe(before[0]);
    expect(await row(bought.orderId)).toEqual({
      status: "refunded",
      problem: null,
      amount_cents: 8_000,
      stripe_discount_cents: 2_000,
    });
    await booksAreSound();
  });

  it("comes before tax, and a dispute of the payment freezes what it bought", async () => {
    await turn({ taxEnabled: true });
    await codeAtStripe("TENOFF", { amount_off: "1000", currency: "usd" });
    const person = await newPerson();
    const bought = await buy(person, 5_000);
    expect(await pay(bought, { promotionCode: "TENOFF", country: "DE" })).toBe(200);
    expect(await orderOf(person, bought.orderId)).toMatchObject({
      price: { amount: 4_000 },
      tax: { amount: 760 },
      invoice: { total: 4_760 },
    });
    for (const step of ["opened", "lost"]) {
      await stripe.dev(`/dispute/${checkoutIdOf(bought.checkoutUrl)}`, { step });
      await stripe.deliver();
      await booksAreSound();
    }
    expect((await balanceOf(person)).available).toBe(0);
  });

  it("is believed although the setting is off by now, because the money is what it is", async () => {
    await codeAtStripe("LATE", { percent_off: "10" });
    const person = await newPerson();
    const bought = await buy(person, 1_000);
    await turn({ stripePromotionCodes: false });
    expect(await pay(bought, { promotionCode: "LATE" })).toBe(200);
    expect(await row(bought.orderId)).toMatchObject({ status: "paid", amount_cents: 900 });
    // And a new page takes none.
    expect(await pay(await buy(person, 1_000), { promotionCode: "LATE" })).toBe(400);
    await booksAreSound();
  });

  it("that takes everything off credits nothing and says why", async () => {
    await codeAtStripe("ALLOFF", { percent_off: "100" });
    const person = await newPerson();
    const bought = await buy(person, 1_000);
    expect(await pay(bought, { promotionCode: "ALLOFF", card: undefined })).toBe(200);
    expect(await row(bought.orderId)).toMatchObject({ status: "failed", problem: "nothing_paid", amount_cents: 1_000 });
    expect((await balanceOf(person)).available).toBe(0);
    await booksAreSound();
  });
});

describe("an order", () => {
  it("has its price lowered by nothing else", async () => {
    const bought = await buy(await newPerson(), 1_000);
    const change = (sql: string) => env.DB.prepare(`UPDATE orders SET ${sql} WHERE id = ?`).bind(bought.orderId).run();
    await expect(change("amount_cents = 900")).rejects.toThrow("order_immutable");
    await expect(change("amount_cents = 900, stripe_discount_cents = 100")).rejects.toThrow("order_immutable");
    await pay(bought, {});
    await expect(change("amount_cents = 900, stripe_discount_cents = 100")).rejects.toThrow("order_immutable");
  });
});
