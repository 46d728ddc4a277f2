// Everything the stand-in sends, held against the types of the pinned SDK; and everything our gateway asks, against the
// SDK's own parameter types.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Stripe from "stripe";
import { beforeAll, describe, expect, it } from "vitest";
import * as gateway from "../../domain/gateways/stripe.ts";
import { detachCard, listCards } from "../../domain/gateways/stripe-cards.ts";
import { createCheckout, expireCheckout, type CheckoutRequest } from "../../domain/gateways/stripe-checkout.ts";
import * as connect from "../../domain/gateways/stripe-connect.ts";
import { listMovements } from "../../domain/gateways/stripe-balance.ts";
import { ensureUseMeter, tellUse, USE_METER } from "../../domain/gateways/stripe-meter.ts";
import { listEvents } from "../../domain/gateways/stripe-hints.ts";
import { WEBHOOK_EVENTS } from "../../domain/payments/events/table.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { createStandin, type Seen, type Standin } from "./app.ts";
import { offSession } from "./types/off-session-scenario.ts";
import { subscriptions } from "./types/subscription-scenario.ts";
import { clocks } from "./types/clock-scenario.ts";
import { discounts } from "./types/discount-scenario.ts";
import { damages } from "./types/damage.ts";
import { loadStripeTypes, type StripeTypes } from "./types/check.ts";
import { API_VERSION } from "./world.ts";

const seen: Seen[] = [];
const everyEvent = new Set<string>();
let types: StripeTypes;

const standin: Standin = createStandin({
  origin: "http://localhost:12111",
  webhookUrl: "http://localhost:3000/v1/stripe/webhook",
  webhookSecret: "whsec_test",
  subscribed: "all",
  send: async (_, init) => {
    const event = await stripe.webhooks.constructEventAsync(
      String(init.body),
      new Headers(init.headers).get("Stripe-Signature")!,
      "whsec_test",
    );
    everyEvent.add(event.type);
    return new Response("ok");
  },
  seen: (what) => void seen.push(what),
});
const stripe = new Stripe("sk_test_types", {
  httpClient: Stripe.createFetchHttpClient((url, init) =>
    standin.fetch(new Request(String(url).replace("https://api.stripe.com", "http://localhost:12111"), init)),
  ),
});
const dev = async <Body>(path: string, body: unknown = {}): Promise<Body> => {
  const answer = await standin.fetch(
    new Request(`http://localhost:12111/_dev${path}`, { method: "POST", body: JSON.stringify(body) }),
  );
  return (await answer.json()) as Body;
};

/** Every resource, state and event once. */
async function scenario(): Promise<void> {
  const customerId = await gateway.createCustomer(stripe, { userId: "u", email: "ada@example.com" }, "k1");
  await stripe.customers.update(customerId, { name: "Ada", metadata: { plan: "a" } });
  await stripe.customers.retrieve(customerId);
  await stripe.customers.list({ email: "ada@example.com" });
  const product = await stripe.products.create({ name: "Tokens", metadata: { kind: "bundle" } });
  const price = await stripe.prices.create({
    product: product.id,
    currency: "usd",
    unit_amount: 900,
    nickname: "1,000",
  });
  await stripe.products.list();
  await stripe.products.retrieve(product.id);
  await stripe.prices.retrieve(price.id);
  await stripe.prices.list({ product: product.id });
  const open = async (tokens: number, terms: Partial<CheckoutRequest> = {}) =>
    (await createCheckout(stripe, {
      orderId: `order-${tokens}`,
      customerId,
      tokens,
      listCents: tokens,
      amountCents: tokens,
      bonusTokens: 0,
      currency: "usd",
      taxCode: null,
      saveCard: false,
      takesStripeCodes: false,
      webOrigin: "http://localhost:5173",
      ...terms,
    }))!.id;

  const paid = await open(600);
  await dev(`/checkout/${paid}/pay`, { card: "4000000000000002" });
  await dev(`/checkout/${paid}/pay`, { card: "4000002500003155", authenticate: false });
  await dev(`/checkout/${paid}/pay`, { card: "4000002500003155" });
  await dev(`/checkout/${paid}/pay`, { card: "4242424242424242" });
  const facts = (await gateway.findCheckout(stripe, paid))!;
  await gateway.refundPayment(stripe, { refundId: "r1", paymentIntentId: facts.paymentIntentId!, amountCents: 100 });
  const pending = await dev<{ id: string }>("/refund", { checkout: paid, amount: 50, status: "pending" });
  await dev(`/refund/${pending.id}/fail`);
  await gateway.findCheckout(stripe, paid);
  await gateway.checkoutOfPayment(stripe, facts.paymentIntentId!);

  const disputed = async (tokens: number, ...steps: string[]) => {
    const checkout = await open(tokens);
    await dev(`/checkout/${checkout}/pay`, { card: "4242424242424242" });
    for (const step of steps) await dev(`/dispute/${checkout}`, { step });
  };
  await disputed(801, "inquiry", "won");
  await disputed(802, "inquiry", "opened", "won");
  await disputed(803, "opened", "lost", "won");
  await disputed(804, "opened");
  const disputes = await stripe.disputes.list({ limit: 10 });
  await stripe.disputes.retrieve(disputes.data[0]!.id, { expand: ["charge", "payment_intent"] });
  await stripe.disputes.close(disputes.data[0]!.id);

  for (const outcome of ["succeeded", "failed"]) {
    const later = await open(outcome === "failed" ? 701 : 702);
    await dev(`/checkout/${later}/pay`, { method: "us_bank_account" });
    await dev(`/checkout/${later}/settle`, { outcome });
  }
  const taxed = await open(10_000, {
    amountCents: 9_500,
    bonusTokens: 100,
    taxCode: "txcd_10000000",
    saveCard: true,
    takesStripeCodes: true,
  });
  await dev(`/checkout/${taxed}/pay`, { card: "4000000000009995", country: "US" });
  await dev(`/checkout/${taxed}/pay`, { card: "5555555555554444", country: "DE" });
  await gateway.findCheckout(stripe, taxed);
  const cards = await listCards(stripe, customerId);
  await stripe.paymentMethods.list({ customer: customerId, type: "card" });
  await stripe.paymentMethods.retrieve(cards[0]!.id);
  await detachCard(stripe, cards[0]!.id);
  await expireCheckout(stripe, await open(703));

  const byPrice = await stripe.checkout.sessions.create({
    mode: "payment",
    customer_email: "guest@example.com",
    line_items: [{ price: price.id, quantity: 2 }],
    success_url: "http://localhost:5173/done",
    expand: ["line_items"],
  });
  await stripe.checkout.sessions.listLineItems(byPrice.id);
  await stripe.checkout.sessions.expire(byPrice.id);
  await stripe.checkout.sessions.list({ customer: customerId, status: "complete" });
  await stripe.paymentIntents.retrieve(facts.paymentIntentId!, {
    expand: ["latest_charge.refunds", "payment_method", "customer"],
  });
  await stripe.paymentIntents.list({ limit: 2 });
  const charges = await stripe.charges.list({
    payment_intent: facts.paymentIntentId!,
    expand: ["data.balance_transaction"],
  });
  await stripe.charges.retrieve(charges.data[0]!.id);
  await stripe.refunds.retrieve(pending.id, { expand: ["charge"] });
  const movements = await stripe.balanceTransactions.list({ limit: 100 });
  await stripe.balanceTransactions.retrieve(movements.data[0]!.id, { expand: ["source"] });
  await connectScenario();
  await listMovements(stripe, { since: 0, until: Date.now() + 1000, max: 500 });
  await listEvents(stripe, WEBHOOK_EVENTS, { since: 0, until: Date.now() }, 500);
  const events = await stripe.events.list({ limit: 100 });
  await stripe.events.retrieve(events.data[0]!.id);
  await standin.deliveries.deliverDue();
  await offSession(stripe, customerId, dev);
  await subscriptions(stripe, customerId, dev);
  await discounts(stripe, customerId, dev);
  await clocks(stripe, dev);
  await meters(customerId);
  await standin.deliveries.deliverDue();
}

/** A provider gets ready, is paid, some of it comes back, and Stripe keeps the account from more. */
async function connectScenario(): Promise<void> {
  const { id } = await connect.createAccount(stripe, { userId: "u", country: "US" }, "account:u");
  const link = (await connect.createOnboardingLink(stripe, {
    accountId: id,
    returnUrl: "http://localhost:5173/provider/earnings?onboarding=done",
    refreshUrl: "http://localhost:5173/provider/earnings?onboarding=again",
  }))!;
  expect((await standin.fetch(new Request(link.url))).status).toBe(200);
  const body = new URLSearchParams({ action: "finish" });
  expect((await standin.fetch(new Request(link.url, { method: "POST", body }))).status).toBe(303);
  expect(await connect.findAccount(stripe, id)).toMatchObject({ canReceive: true, canPayOut: true });
  const payout = { payoutId: "p", accountId: id, amountCents: 1_000, currency: "usd" };
  const transfer = await connect.createTransfer(stripe, payout, "transfer:p");
  await dev(`/transfers/${transfer.id}/reverse`, { amount: 100 });
  await stripe.transfers.createReversal(transfer.id, { amount: 50, metadata: { why: "a test" } });
  expect((await connect.findTransfer(stripe, transfer.id))!.reversals.map(({ amountCents }) => amountCents)).toEqual([
    100, 50,
  ]);
  await stripe.transfers.listReversals(transfer.id, { limit: 1 });
  expect(await connect.findTransferOfPayout(stripe, "p")).toMatchObject({ id: transfer.id, payoutId: "p" });
  await dev("/balance", { cents: 10 });
  const refused = connect.createTransfer(stripe, { ...payout, payoutId: "q" }, "transfer:q");
  await expect(refused).rejects.toMatchObject({ code: "balance_insufficient" });
  await dev("/balance", { cents: null });
  await dev(`/accounts/${id}/stage`, { stage: "restricted" });
  const restricted = connect.createTransfer(stripe, { ...payout, payoutId: "r" }, "transfer:r");
  await expect(restricted).rejects.toMatchObject({ code: "insufficient_capabilities_for_transfer" });
  expect(await connect.findAccount(stripe, "acct_none")).toBeNull();
}

/** Use is told to the meter, once; a customer nobody knows is refused. */
async function meters(customerId: string): Promise<void> {
  const use = { sessionId: "session-1", customerId, tokens: 70, at: Date.now() };
  await ensureUseMeter(stripe);
  await ensureUseMeter(stripe);
  await tellUse(stripe, use);
  await tellUse(stripe, use);
  await expect(tellUse(stripe, { ...use, sessionId: "session-2", customerId: "cus_none" })).rejects.toMatchObject({
    code: "resource_missing",
  });
  const { data } = await stripe.billing.meters.list({ status: "active" });
  expect(data.map(({ event_name }) => event_name)).toEqual([USE_METER]);
  const day = { start_time: Math.floor(use.at / 1000) - 60, end_time: Math.floor(use.at / 1000) + 60 };
  const summary = await stripe.billing.meters.listEventSummaries(data[0]!.id, { customer: customerId, ...day });
  expect(summary.data.map(({ aggregated_value }) => aggregated_value)).toEqual([70]);
}

beforeAll(async () => {
  types = loadStripeTypes();
  await scenario();
}, 60_000);

const bodiesOf = (kind: "answer" | "webhook"): object[] =>
  seen.flatMap((one) => (one.kind === kind ? [one.body as object] : []));

describe("the stand-in and the pinned SDK", () => {
  it("speak the same API version as our gateway", () => {
    expect(API_VERSION).toBe(gateway.STRIPE_API_VERSION);
    expect(Stripe.API_VERSION).toBe(gateway.STRIPE_API_VERSION);
  });

  it("agree on every object that was sent", () => {
    const errors = new Set(bodiesOf("answer").flatMap((body) => types.checkObject(body)));
    expect([...errors]).toEqual([]);
    expect(bodiesOf("answer").length).toBeGreaterThan(25);
  });

  it("agree on every webhook, and the SDK verified each signature", () => {
    const errors = new Set(bodiesOf("webhook").flatMap((body) => types.checkObject(body)));
    expect([...errors]).toEqual([]);
    for (const type of WEBHOOK_EVENTS) expect(everyEvent).toContain(type);
  });

  it("agree on every request our gateway and this scenario made", () => {
    const requests = seen.flatMap((one) => (one.kind === "request" ? [one] : []));
    expect(requests.flatMap(({ endpoint, params }) => types.checkRequest(endpoint, params))).toEqual([]);
    expect(new Set(requests.map(({ endpoint }) => endpoint)).size).toBeGreaterThan(20);
  });
});

describe("every event", () => {
  it("that the stand-in can tell was told in this scenario, and so held to the SDK's types", () => {
    const sources = readdirSync(import.meta.dirname).filter((name) => /^[a-z-]+\.ts$/.test(name));
    const tells = sources.flatMap((name) =>
      readFileSync(join(import.meta.dirname, name), "utf8")
        .split("\n")
        .filter((line) => /\bemit\(/.test(line))
        .flatMap((line) => [...line.matchAll(/"([a-z_]+(?:\.[a-z_]+)+)"/g)].map(([, type]) => type!)),
    );
    expect(new Set(tells).size).toBeGreaterThan(40);
    expect([...new Set(tells)].filter((type) => !everyEvent.has(type))).toEqual([]);
  });
});

describe("every endpoint", () => {
  it("has its parameters in the pinned SDK, and was asked by this scenario", () => {
    const offered = ENDPOINTS.map(({ method, path }) => `${method} ${path}`);
    expect(offered.filter((name) => types.checkRequest(name, {})[0]?.startsWith("no type"))).toEqual([]);
    const asked = new Set(seen.flatMap((one) => (one.kind === "request" ? [one.endpoint] : [])));
    expect(offered.filter((name) => !asked.has(name))).toEqual([]);
  });
});

describe("the check itself", () => {
  it("sees every damage to every kind of object", () => {
    const samples = new Map<string, object>();
    for (const body of [...bodiesOf("answer"), ...bodiesOf("webhook")]) {
      const { object } = body as { object: string };
      if (object !== "list") samples.set(object, body);
    }
    expect([...samples.keys()].toSorted()).toEqual([
      "account",
      "account_link",
      "balance_transaction",
      "billing.meter",
      "billing.meter_event",
      "charge",
      "checkout.session",
      "coupon",
      "customer",
      "dispute",
      "event",
      "payment_intent",
      "payment_method",
      "price",
      "product",
      "promotion_code",
      "refund",
      "subscription",
      "test_helpers.test_clock",
      "transfer",
      "transfer_reversal",
    ]);
    const missed: string[] = [];
    let count = 0;
    for (const [kind, sample] of samples)
      for (const { what, value } of damages(sample)) {
        count += 1;
        if (types.checkObject(value).length === 0) missed.push(`${kind}: ${what}`);
      }
    expect(missed).toEqual([]);

    expect(count).toBeGreaterThan(1_000);
  }, 60_000);

  it("sees a missing field, a wrong type, an unknown field and an unknown word of an open list", () => {
    const session = bodiesOf("answer").find((body) => (body as { object: string }).object === "checkout.session")!;
    const { payment_status: _, ...without } = session as Record<string, unknown>;
    expect(types.checkObject(without)).toEqual(["checkout.session.payment_status: missing"]);
    expect(types.checkObject({ ...session, amount_total: "600" })).toHaveLength(1);
    expect(types.checkObject({ ...session, surprise: 1 })).toEqual(["checkout.session.surprise: unknown field"]);
    expect(types.checkObject({ ...session, ui_mode: "hosted" })).toHaveLength(1);
  });

  it("sees parameters that the pinned API does not take any more", () => {
    const errors = types.checkRequest("POST /v1/checkout/sessions", {
      mode: "payment",
      payment_method_types: { 0: "card" },
    });
    expect(errors).toEqual(["POST /v1/checkout/sessions.payment_method_types: unknown field"]);
  });
});
