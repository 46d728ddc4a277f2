// Events from Stripe, in every order and number they can come in.

import { env, SELF } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { signatureHeader } from "../stripe-standin/webhooks.ts";
import { balanceOf, booksAreSound, call } from "../support/market.ts";
import { newPerson, type TestPerson } from "../support/people.ts";
import { checkoutIdOf, installStripe, VISA } from "../support/stripe.ts";

const stripe = installStripe();

const buy = async (person: TestPerson, tokenAmount = 600) => {
  const { body } = await call<{ checkoutUrl: string; orderId: string }>(
    "POST",
    "/v1/tokens/purchase",
    person.token,
    { tokenAmount },
    {},
  );
  return { ...body, checkoutId: checkoutIdOf(body.checkoutUrl) };
};
const available = async (person: TestPerson): Promise<number> => (await balanceOf(person)).available;
const orderRow = (id: string) =>
  env.DB.prepare("SELECT status, problem FROM orders WHERE id = ?")
    .bind(id)
    .first<{ status: string; problem: string | null }>();
const eventRow = (id: string) =>
  env.DB.prepare("SELECT type, api_version, processed_at FROM stripe_events WHERE id = ?").bind(id).first();
const eventsOf = (type: string, objectId: string): string[] =>
  stripe.world.state
    .all("event")
    .filter((event) => event.type === type && (event.data.object as { id: string }).id === objectId)
    .map(({ id }) => id);
const send = (body: string, signature: string | null) =>
  SELF.fetch(`${env.API_ORIGIN}/v1/stripe/webhook`, {
    method: "POST",
    body,
    headers: { "Content-Type": "application/json", ...(signature && { "Stripe-Signature": signature }) },
  });
const secondsNow = () => Math.floor(Date.now() / 1000);
const signed = async (body: string) => send(body, await signatureHeader(body, env.STRIPE_WEBHOOK_SECRET, secondsNow()));
const anEvent = (type: string, object: object) =>
  JSON.stringify({
    id: `evt_${crypto.randomUUID()}`,
    object: "event",
    api_version: "2026-10-28.endive",
    type,
    data: { object },
  });

describe("the signature", () => {
  const body = anEvent("checkout.session.completed", { id: "cs_test_x", client_reference_id: null });

  it.each([
    ["missing", () => null],
    ["of another secret", () => signatureHeader(body, "whsec_other", secondsNow())],
    ["of another body", () => signatureHeader(`${body} `, env.STRIPE_WEBHOOK_SECRET, secondsNow())],
    ["older than five minutes", () => signatureHeader(body, env.STRIPE_WEBHOOK_SECRET, secondsNow() - 302)],
    ["not one", () => "nonsense"],
  ])("that is %s is refused, and nothing is kept", async (_, signature) => {
    const answer = await send(body, await signature());
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "signature_invalid" });
    expect(await eventRow((JSON.parse(body) as { id: string }).id)).toBeNull();
  });

  it("just within five minutes is taken", async () => {
    const late = await signatureHeader(body, env.STRIPE_WEBHOOK_SECRET, secondsNow() - 298);
    expect((await send(body, late)).status).toBe(200);
  });

  it("of a body written anew with other spaces is refused", async () => {
    const signature = await signatureHeader(body, env.STRIPE_WEBHOOK_SECRET, secondsNow());
    expect((await send(JSON.stringify(JSON.parse(body), null, 2), signature)).status).toBe(400);
  });
});

describe("an event that is none of ours", () => {
  it.each([
    ["of a type we do not know", "invoice.paid", { id: "in_1" }],
    [
      "of a checkout somebody else opened",
      "checkout.session.completed",
      { id: "cs_test_foreign", client_reference_id: "theirs" },
    ],
    ["of a payment without a checkout", "charge.refunded", { id: "ch_1", payment_intent: "pi_foreign" }],
  ])("%s is answered 200 and noted", async (_, type, object) => {
    const body = anEvent(type, object);
    expect((await signed(body)).status).toBe(200);
    expect(await eventRow((JSON.parse(body) as { id: string }).id)).toMatchObject({
      type,
      api_version: "2026-10-28.endive",
      processed_at: expect.any(Number),
    });
  });
});

describe("a payment is credited exactly once", () => {
  it("when its event is replayed 15 times at once", async () => {
    const person = await newPerson();
    const { checkoutUrl, checkoutId } = await buy(person);
    stripe.deliveries.hold();
    await stripe.dev(`/checkout/${checkoutId}/pay`, { card: VISA });
    const [event] = eventsOf("checkout.session.completed", checkoutId);
    const { body } = await stripe.dev<{ statuses: number[] }>(`/replay/${event}?times=15`);
    expect(body.statuses).toEqual(Array.from({ length: 15 }, () => 200));
    expect(await available(person)).toBe(600);
    await stripe.deliveries.release("created");
    expect(await available(person)).toBe(600);
    expect(checkoutUrl).toContain(checkoutId);
    await booksAreSound();
  });

  it("when the buyer's return, the event and cron come together", async () => {
    const person = await newPerson();
    const { checkoutId } = await buy(person);
    stripe.deliveries.hold();
    await stripe.dev(`/checkout/${checkoutId}/pay`, { card: VISA });
    const back = () => call("GET", `/v1/tokens/orders/${checkoutId}`, person.token);
    await Promise.all([back(), stripe.deliveries.release("created"), back(), back()]);
    expect(await available(person)).toBe(600);
    await booksAreSound();
  });

  it("when all events of a purchase and its refunds arrive in reverse", async () => {
    const person = await newPerson();
    const { checkoutId } = await buy(person);
    stripe.deliveries.hold();
    await stripe.dev(`/checkout/${checkoutId}/pay`, { card: VISA });
    await stripe.dev("/refund", { checkout: checkoutId, amount: 100 });
    await stripe.dev("/refund", { checkout: checkoutId, amount: 50 });
    const { body } = await stripe.dev<{ delivered: { status: number }[] }>("/release?order=reverse");
    expect(body.delivered.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(await available(person)).toBe(450);
    await booksAreSound();
  });

  it("when the refund is heard of before the payment", async () => {
    const person = await newPerson();
    const { checkoutId, orderId } = await buy(person);
    stripe.deliveries.hold();
    await stripe.dev(`/checkout/${checkoutId}/pay`, { card: VISA });
    const refund = await stripe.dev<{ id: string }>("/refund", { checkout: checkoutId });
    const [event] = eventsOf("refund.created", refund.body.id);
    await stripe.dev(`/replay/${event}`);
    expect(await available(person)).toBe(0);
    expect(await orderRow(orderId)).toMatchObject({ status: "refunded" });
    await stripe.deliveries.release("created");
    expect(await available(person)).toBe(0);
    await booksAreSound();
  });

  it("when Stripe cannot be asked at first, so that the event is refused and comes again", async () => {
    const person = await newPerson();
    const { checkoutId } = await buy(person);
    await stripe.dev("/fail-next", { kind: "rate_limit", path: checkoutId });
    await stripe.dev(`/checkout/${checkoutId}/pay`, { card: VISA });
    await stripe.deliver();
    const [event] = eventsOf("checkout.session.completed", checkoutId);
    expect(await eventRow(event!)).toMatchObject({ processed_at: null });
    expect(await available(person)).toBe(0);
    await stripe.deliveries.release("created");
    expect(await eventRow(event!)).toMatchObject({ processed_at: expect.any(Number) });
    expect(await available(person)).toBe(600);
  });

  it("when we never heard of the page because the answer to opening it was lost", async () => {
    const person = await newPerson();
    await stripe.dev("/fail-next", { kind: "lost_answer", count: 3, path: "/v1/checkout/sessions" });
    expect((await call("POST", "/v1/tokens/purchase", person.token, { tokenAmount: 600 })).status).toBe(502);
    const order = await env.DB.prepare("SELECT id, checkout_id FROM orders WHERE user_id = ?")
      .bind(person.userId)
      .first<{ id: string; checkout_id: null }>();
    expect(order!.checkout_id).toBeNull();
    const opened = stripe.world.state.all("checkout.session").find((one) => one.client_reference_id === order!.id)!;
    await stripe.pay(opened.url!);
    expect(await available(person)).toBe(600);
  }, 15_000);
});

describe("money is believed only for the order it was asked for", () => {
  it.each([
    ["amount", { amount_total: 500 }, "amount_mismatch"],
    ["currency", { currency: "eur" }, "amount_mismatch"],
    ["reference", { client_reference_id: "another-order" }, "reference_mismatch"],
  ])("a wrong %s never credits and is kept for an operator", async (_, change, problem) => {
    const person = await newPerson();
    const { checkoutUrl, checkoutId, orderId } = await buy(person);
    const session = stripe.world.state.find("checkout.session", checkoutId)!;
    stripe.world.state.put("checkout.session", { ...session, ...change });
    await stripe.pay(checkoutUrl);
    expect(await available(person)).toBe(0);
    expect(await orderRow(orderId)).toEqual({ status: "failed", problem });
  });

  it("a second page that names the order is not ours", async () => {
    const person = await newPerson();
    const { orderId, checkoutId } = await buy(person);
    const foreign = {
      ...stripe.world.state.find("checkout.session", checkoutId)!,
      id: "cs_test_second",
      payment_status: "paid",
    };
    expect((await signed(anEvent("checkout.session.completed", foreign))).status).toBe(200);
    expect(await available(person)).toBe(0);
    expect(await orderRow(orderId)).toEqual({ status: "open", problem: null });
  });

  it("an event's own words are never believed: only what Stripe says when asked", async () => {
    const person = await newPerson();
    const { checkoutId, orderId } = await buy(person);
    const claim = {
      ...stripe.world.state.find("checkout.session", checkoutId)!,
      payment_status: "paid",
      status: "complete",
    };
    expect((await signed(anEvent("checkout.session.completed", claim))).status).toBe(200);
    expect(await available(person)).toBe(0);
    expect(await orderRow(orderId)).toEqual({ status: "open", problem: null });
  });
});
