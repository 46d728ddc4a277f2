// What cron finds out when Stripe's events never came.

import { env } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { checkOpenOrders } from "../../../domain/payments/check-open-orders.ts";
import { catchUpEvents } from "../../../domain/payments/stripe-events.ts";
import { balanceOf, booksAreSound, call } from "../../support/market.ts";
import { newPerson, type TestPerson } from "../../support/people.ts";
import { checkoutIdOf, installStripe, VISA } from "../../support/stripe.ts";

const stripe = installStripe();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

// Nothing is delivered in this file, and no order is left over from the test before.
beforeEach(async () => {
  stripe.deliveries.hold();
  await env.DB.prepare("UPDATE orders SET status = 'expired' WHERE status = 'open'").run();
});

async function opened(person: TestPerson, tokenAmount = 600) {
  const { body } = await call<{ checkoutUrl: string; orderId: string }>("POST", "/v1/tokens/purchase", person.token, {
    tokenAmount,
  });
  const row = await env.DB.prepare("SELECT created_at FROM orders WHERE id = ?")
    .bind(body.orderId)
    .first<{ created_at: number }>();
  return { id: body.orderId, checkout: checkoutIdOf(body.checkoutUrl), at: row!.created_at };
}
const pay = (checkout: string) => stripe.dev(`/checkout/${checkout}/pay`, { card: VISA });
const available = async (person: TestPerson): Promise<number> => (await balanceOf(person)).available;
const order = (id: string) =>
  env.DB.prepare("SELECT status, problem, next_check_at FROM orders WHERE id = ?")
    .bind(id)
    .first<{ status: string; problem: string | null; next_check_at: number }>();

describe("open orders", () => {
  it("are credited two minutes later even when no event ever comes", async () => {
    const person = await newPerson();
    const { checkout, at } = await opened(person);
    await pay(checkout);
    await checkOpenOrders(env, at + 2 * MINUTE - 1);
    expect(await available(person)).toBe(0);
    await checkOpenOrders(env, at + 2 * MINUTE);
    expect(await available(person)).toBe(600);
    await checkOpenOrders(env, at + HOUR);
    expect(await available(person)).toBe(600);
    await booksAreSound();
  });

  it("are asked for less often the older they are, and hourly in the end", async () => {
    const { id, at } = await opened(await newPerson());
    const pauses: number[] = [];
    for (let now = at + 2 * MINUTE; pauses.length < 8;) {
      await checkOpenOrders(env, now);
      const { next_check_at } = (await order(id))!;
      pauses.push((next_check_at - now) / MINUTE);
      now = next_check_at;
    }
    expect(pauses).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it("are closed when their page has expired at Stripe", async () => {
    const { id, checkout, at } = await opened(await newPerson());
    await stripe.dev(`/checkout/${checkout}/expire`);
    await checkOpenOrders(env, at + 25 * HOUR);
    expect(await order(id)).toMatchObject({ status: "expired", problem: null });
  });

  it("that never got a page are closed a day later, not before", async () => {
    const person = await newPerson();
    await stripe.dev("/fail-next", { kind: "rate_limit", path: "/v1/customers" });
    expect((await call("POST", "/v1/tokens/purchase", person.token, { tokenAmount: 600 })).status).toBe(502);
    const row = (await env.DB.prepare("SELECT id, created_at FROM orders WHERE user_id = ?")
      .bind(person.userId)
      .first<{ id: string; created_at: number }>())!;
    await checkOpenOrders(env, row.created_at + 24 * HOUR);
    expect(await order(row.id)).toMatchObject({ status: "open" });
    await checkOpenOrders(env, row.created_at + 26 * HOUR);
    expect(await order(row.id)).toMatchObject({ status: "expired" });
  });

  it("whose page Stripe does not know are closed with the reason kept", async () => {
    const { id, checkout, at } = await opened(await newPerson());
    stripe.world.state.remove("checkout.session", checkout);
    const { notices } = await checkOpenOrders(env, at + 2 * MINUTE);
    expect(notices).toEqual([{ message: "order not credited", orderId: id, problem: "checkout_missing" }]);
    expect(await order(id)).toMatchObject({ status: "failed", problem: "checkout_missing" });
  });

  it("wait while Stripe is out of reach", async () => {
    const person = await newPerson();
    const { id, checkout, at } = await opened(person);
    await pay(checkout);
    await stripe.dev("/fail-next", { kind: "rate_limit", path: checkout });
    await expect(checkOpenOrders(env, at + 2 * MINUTE)).rejects.toMatchObject({ code: "payment_provider_unavailable" });
    expect(await order(id)).toMatchObject({ status: "open" });
    await checkOpenOrders(env, at + 3 * MINUTE);
    expect(await available(person)).toBe(600);
  });
});

describe("missed events", () => {
  it("are fetched and acted on, the oldest first, and only once", async () => {
    const person = await newPerson();
    const { checkout } = await opened(person);
    await pay(checkout);
    await stripe.dev("/refund", { checkout, amount: 100 });
    await catchUpEvents(env, Date.now());
    expect(await available(person)).toBe(500);
    const calls = stripe.seen.length;
    await catchUpEvents(env, Date.now());
    // The lists of events (of twenty types each), and nothing else.
    const asked = stripe.seen.slice(calls).flatMap((one) => (one.kind === "request" ? [one.endpoint] : []));
    expect(new Set(asked)).toEqual(new Set(["GET /v1/events"]));
    await booksAreSound();
  });

  it("are fetched however long nobody looked, as long as Stripe has them, and after an outage of Stripe's", async () => {
    const DAY = 24 * HOUR;
    await catchUpEvents(env, Date.now());
    const person = await newPerson();
    const { checkout } = await opened(person);
    await pay(checkout);
    await stripe.dev("/fail-next", { kind: "rate_limit", path: checkout });
    await expect(catchUpEvents(env, Date.now() + 28 * DAY)).rejects.toMatchObject({
      code: "payment_provider_unavailable",
    });
    expect(await available(person)).toBe(0);
    expect((await catchUpEvents(env, Date.now() + 29 * DAY)).failures).toEqual([]);
    expect(await available(person)).toBe(600);
    await booksAreSound();
  });

  it("are fetched in shorter stretches where one list does not hold them all", async () => {
    const [now, people] = [Date.now(), [await newPerson(), await newPerson(), await newPerson()]];
    const orders = await Promise.all(people.map((person) => opened(person)));
    for (const [index, { checkout }] of orders.entries()) {
      stripe.world.wall = () => now + (2 + 5 * index) * HOUR;
      await pay(checkout);
    }
    stripe.world.wall = () => Date.now();
    const lists = async (listedMax: number) => {
      await env.DB.prepare("UPDATE stripe_catch_up SET through = ?")
        .bind(now + 4 * HOUR)
        .run();
      const before = stripe.seen.length;
      expect((await catchUpEvents(env, now + 20 * HOUR, listedMax)).failures).toEqual([]);
      return stripe.seen.slice(before).filter((one) => one.kind === "request" && one.endpoint === "GET /v1/events")
        .length;
    };
    const narrow = await lists(3);
    expect(await Promise.all(people.map(available))).toEqual([600, 600, 600]);
    expect(narrow).toBeGreaterThan(await lists(10_000));
  });
});
