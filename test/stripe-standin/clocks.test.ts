// A clock of its own for a customer: what falls due on the way happens in order, and tells about it.

import Stripe from "stripe";
import { beforeEach, describe, expect, it } from "vitest";
import { createStandin, type Standin } from "./app.ts";

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
const START = Date.UTC(2030, 0, 31) / 1000;
const at = (month: number, day: number, hour = 0) => Date.UTC(2030, month - 1, day, hour) / 1000;

let standin: Standin;
let stripe: Stripe;
let clock: Stripe.TestHelpers.TestClock;
let customer: string;
const now = Date.UTC(2026, 0, 1);
let toldUpTo: number;

beforeEach(async () => {
  toldUpTo = 0;
  const origin = "http://localhost:12111";
  standin = createStandin({
    origin,
    webhookUrl: "http://localhost:3000/hook",
    webhookSecret: "whsec_test",
    subscribed: "all",
    now: () => now,
  });
  stripe = new Stripe("sk_test_clocks", {
    httpClient: Stripe.createFetchHttpClient((url, init) =>
      standin.fetch(new Request(String(url).replace("https://api.stripe.com", origin), init)),
    ),
  });
  clock = await stripe.testHelpers.testClocks.create({ frozen_time: START });
  customer = (await stripe.customers.create({ email: "ada@example.com", test_clock: clock.id })).id;
});

const dev = (path: string, body: object) =>
  standin.fetch(new Request(`http://localhost:12111/_dev${path}`, { method: "POST", body: JSON.stringify(body) }));
const advance = (to: number) => stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: to });
const page = (more: Partial<Stripe.Checkout.SessionCreateParams> = {}) =>
  stripe.checkout.sessions.create({
    mode: "payment",
    customer,
    line_items: [{ price_data: { currency: "usd", unit_amount: 900, product_data: { name: "Tokens" } } }],
    success_url: "http://localhost:5173/done",
    ...more,
  });
async function subscribe(): Promise<{ id: string; card: string }> {
  const recurring = { interval: "month" } as const;
  const { id } = await page({
    mode: "subscription",
    line_items: [{ price_data: { currency: "usd", unit_amount: 900, recurring, product_data: { name: "Plan" } } }],
  });
  await dev(`/checkout/${id}/pay`, { card: "4242424242424242" });
  const { subscription } = await stripe.checkout.sessions.retrieve(id);
  const { default_payment_method: card } = await stripe.subscriptions.retrieve(String(subscription));
  return { id: String(subscription), card: String(card) };
}
/** What was told since the last look, without the noise of making things. */
function told(): string[] {
  const all = standin.world.state.all("event").map(({ type }) => type);
  const news = all.slice(toldUpTo);
  toldUpTo = all.length;
  return news;
}
const invoices = async (subscription: string) =>
  (await stripe.invoices.list({ subscription })).data.map(({ status, period_start: start }) => [status, start]);

describe("a clock", () => {
  it("stands still for its customers, whatever the wall says", async () => {
    const session = await page();
    expect([session.created, session.expires_at]).toEqual([START, START + DAY]);
    const { data } = await stripe.customers.list();
    expect(data).toEqual([]);
    expect((await stripe.customers.list({ test_clock: clock.id })).data).toMatchObject([
      { id: customer, created: START },
    ]);
    const event = standin.world.state.all("event").at(-1)!;
    expect(event.created).toBe(now / 1000);
  });

  it("goes forward only, by two months where something is billed, else by two years", async () => {
    await expect(advance(START)).rejects.toMatchObject({ param: "frozen_time" });
    await expect(advance(at(1, 31) + 731 * DAY)).rejects.toMatchObject({ param: "frozen_time" });
    await subscribe();
    await expect(advance(at(3, 31) + 1)).rejects.toMatchObject({ param: "frozen_time" });
    expect(await advance(at(3, 31))).toMatchObject({
      status: "advancing",
      status_details: { advancing: { target_frozen_time: at(3, 31) } },
    });
    expect(await stripe.testHelpers.testClocks.retrieve(clock.id)).toMatchObject({
      frozen_time: at(3, 31),
      status: "ready",
      status_details: {},
    });
  });

  it("expires pages, bills a month as a draft, charges it an hour later, and frees the money: each when its time comes", async () => {
    const { id } = await subscribe();
    const left = await page();
    told();
    await advance(at(2, 1));
    expect(told()).toEqual([
      "test_helpers.test_clock.advancing",
      "checkout.session.expired",
      "test_helpers.test_clock.ready",
    ]);
    expect((await stripe.checkout.sessions.retrieve(left.id)).status).toBe("expired");
    await advance(at(2, 28));
    expect(await invoices(id)).toEqual([
      ["draft", at(2, 28)],
      ["paid", START],
    ]);
    expect(told()).toEqual([
      "test_helpers.test_clock.advancing",
      "customer.subscription.updated",
      "invoice.created",
      "test_helpers.test_clock.ready",
    ]);
    await advance(at(2, 28, 1));
    expect(told()).toEqual([
      "test_helpers.test_clock.advancing",
      "invoice.finalized",
      "payment_intent.created",
      "charge.succeeded",
      "payment_intent.succeeded",
      "invoice.paid",
      "invoice.payment_succeeded",
      "test_helpers.test_clock.ready",
    ]);
    const movements = async () =>
      (await stripe.balanceTransactions.list()).data.map(({ created, status }) => [created, status]);
    expect(await movements()).toEqual([
      [at(2, 28, 1), "pending"],
      [START, "available"],
    ]);
    await advance(at(3, 2, 1));
    expect((await movements())[0]).toEqual([at(2, 28, 1), "available"]);
    // Two months in one go: billed on the last of each, one after the other.
    await advance(at(4, 30, 1));
    expect(await invoices(id)).toEqual([
      ["paid", at(4, 30)],
      ["paid", at(3, 31)],
      ["paid", at(2, 28)],
      ["paid", START],
    ]);
  });

  it("tries a refused card again after three, five and seven days, and ends the subscription then", async () => {
    const { id, card } = await subscribe();
    await dev(`/bank/${card}`, { answer: "declines" });
    await advance(at(2, 28, 1));
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: "past_due" });
    const open = async () => (await stripe.invoices.list({ subscription: id, status: "open" })).data[0]!;
    expect(await open()).toMatchObject({ attempt_count: 1, next_payment_attempt: at(3, 3, 1) });
    await advance(at(3, 3, 1));
    expect(await open()).toMatchObject({ attempt_count: 2, next_payment_attempt: at(3, 8, 1) });
    told();
    await advance(at(3, 20));
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
      status: "canceled",
      cancellation_details: { reason: "payment_failed" },
      ended_at: at(3, 15, 1),
    });
    expect(await open()).toMatchObject({ attempt_count: 4, next_payment_attempt: null });
    expect(told().filter((type) => type.includes("subscription"))).toEqual(["customer.subscription.deleted"]);
  });

  it("goes on with a card that works again, and ends what was to end with its term", async () => {
    const { id, card } = await subscribe();
    await dev(`/bank/${card}`, { answer: "declines" });
    await advance(at(2, 28, 1));
    await dev(`/bank/${card}`, { answer: "succeeds" });
    await advance(at(3, 3, 1));
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("active");
    await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    await advance(at(4, 1));
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: "canceled", ended_at: at(3, 31) });
    expect(await invoices(id)).toHaveLength(2);
  });

  it("takes its customers and their subscriptions with it when it is deleted", async () => {
    const { id } = await subscribe();
    expect(await stripe.testHelpers.testClocks.del(clock.id)).toMatchObject({ deleted: true });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ deleted: true });
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("canceled");
    await expect(page()).rejects.toMatchObject({ code: "resource_missing", param: "customer" });
    await expect(advance(at(2, 1))).rejects.toMatchObject({ code: "resource_missing" });
  });

  it("takes a customer who is there already, and keeps it", async () => {
    const { id } = await stripe.customers.create({});
    const own = await stripe.testHelpers.testClocks.create({ frozen_time: START, customer: id });
    expect(await stripe.customers.retrieve(id)).toMatchObject({ test_clock: own.id });
    const again = stripe.testHelpers.testClocks.create({ frozen_time: START, customer: id });
    await expect(again).rejects.toMatchObject({ param: "customer" });
  });
});
