// The stand-in as stripe-node meets it: over HTTP, on a port of its own, with its webhooks going to a receiver of ours.

import { createServer } from "node:http";
import { networkInterfaces } from "node:os";
import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SENTINEL } from "./app.ts";
import { serveStandin } from "./server.ts";

const SECRET = "whsec_standin_test";
let standin: Awaited<ReturnType<typeof serveStandin>>;
let stripe: Stripe;
let origin: string;

/** Our webhook endpoint: what came, and which sessions it does not want to hear of at first. */
const received: Stripe.Event[] = [];
const refusedOnce = new Set<string>();
const wakeUps: (() => void)[] = [];
const receiver = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => (body += chunk.toString()));
  request.on("end", () => {
    const event = stripe.webhooks.constructEvent(body, request.headers["stripe-signature"]!, SECRET);
    received.push(event);
    response.writeHead(refusedOnce.delete(objectOf(event).id) ? 500 : 200).end();
    for (const wake of wakeUps.splice(0)) wake();
  });
});
const objectOf = (event: Stripe.Event) => event.data.object as { id: string; payment_intent?: string };
const about = (...ids: string[]): Stripe.Event[] =>
  received.filter((event) => ids.includes(objectOf(event).id) || ids.includes(objectOf(event).payment_intent ?? ""));
/** The events about these objects, once there are so many. */
async function heard(count: number, ...ids: string[]): Promise<Stripe.Event[]> {
  while (about(...ids).length < count) await new Promise<void>((wake) => wakeUps.push(wake));
  return about(...ids);
}

beforeAll(async () => {
  await new Promise<void>((ready) => receiver.listen(0, "127.0.0.1", ready));
  const { port } = receiver.address() as { port: number };
  standin = await serveStandin({ port: 0, webhookUrl: `http://127.0.0.1:${port}/hook`, webhookSecret: SECRET });
  origin = `http://localhost:${standin.port}`;
  stripe = clientOf(standin.port);
});
afterAll(async () => {
  await standin.close();
  receiver.closeAllConnections();
  await new Promise((closed) => receiver.close(closed));
});
const clientOf = (port: number, options: Partial<Stripe.StripeConfig> = {}): Stripe =>
  new Stripe("sk_test_standin", { host: "localhost", port, protocol: "http", telemetry: false, ...options });

const PAGE = {
  mode: "payment",
  success_url: "http://localhost:5173/tokens/success?session_id={CHECKOUT_SESSION_ID}",
  cancel_url: "http://localhost:5173/wallet?canceled=1",
  line_items: [
    { quantity: 1, price_data: { currency: "usd", unit_amount: 600, product_data: { name: "600 tokens" } } },
  ],
} satisfies Stripe.Checkout.SessionCreateParams;
const open = (more: Partial<Stripe.Checkout.SessionCreateParams> = {}) =>
  stripe.checkout.sessions.create({ ...PAGE, ...more });
const dev = async (path: string, body: unknown = {}): Promise<{ status: number; body: Record<string, unknown> }> => {
  const answer = await fetch(`${origin}/_dev${path}`, { method: "POST", body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const pay = (id: string, card = "4242424242424242") => dev(`/checkout/${id}/pay`, { card });
const failure = (call: Promise<unknown>): Promise<InstanceType<typeof Stripe.errors.StripeError>> =>
  call.then(
    () => {
      throw new Error("expected a refusal");
    },
    (error) => error,
  );

describe("who may call", () => {
  it("only test keys: a live key is refused and not repeated", async () => {
    const live = new Stripe("sk_live_verysecret", { host: "localhost", port: standin.port, protocol: "http" });
    const error = await failure(live.customers.list());
    expect(error).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
    expect(error.message).not.toContain("verysecret");
  });

  it("nobody without a key, and nobody by another name than loopback's", async () => {
    expect((await fetch(`${origin}/v1/customers`)).status).toBe(401);
    const { request } = await import("node:http");
    const status = await new Promise((resolve) => {
      request(
        { port: standin.port, host: "127.0.0.1", path: "/_dev/state", headers: { Host: "evil.example.com" } },
        (answer) => resolve(answer.statusCode),
      ).end();
    });
    expect(status).toBe(403);
  });

  it("nobody from another machine: it listens on loopback alone", async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((one) => one ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    const reached = await Promise.allSettled(outside.map(({ address }) => fetch(`http://${address}:${standin.port}/`)));
    expect(reached.filter(({ status }) => status === "fulfilled")).toEqual([]);
    expect((await fetch(`${origin}/_dev/state`)).headers.get("Stripe-Standin")).toBe(SENTINEL);
  });
});

describe("errors have Stripe's shape", () => {
  it("for an endpoint it does not emulate", async () => {
    const error = await failure(stripe.topups.create({ amount: 100, currency: "usd" }));
    expect(error).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError);
    expect(error.statusCode).toBe(404);
    expect(error.message).toContain("Unrecognized request URL (POST: /v1/topups)");
  });

  it("for a parameter it does not understand, by name", async () => {
    const error = await failure(open({ locale: "de" }));
    expect(error).toMatchObject({ code: "parameter_unknown", param: "locale", statusCode: 400 });
  });

  it("for what is missing, malformed, too small or unknown", async () => {
    expect(await failure(stripe.checkout.sessions.retrieve("cs_test_none"))).toMatchObject({
      code: "resource_missing",
      statusCode: 404,
    });
    expect(await failure(open({ customer: "cus_none" }))).toMatchObject({
      code: "resource_missing",
      param: "customer",
      statusCode: 400,
    });
    expect(await failure(open({ success_url: "not a url" }))).toMatchObject({ code: "url_invalid" });
    const cheap = [{ quantity: 1, price_data: { currency: "usd", unit_amount: 49, product_data: { name: "x" } } }];
    expect(await failure(open({ line_items: cheap }))).toMatchObject({ code: "amount_too_small" });
    expect(await failure(stripe.customers.list({ limit: 101 }))).toMatchObject({ param: "limit" });
  });

  it("for another API version than the pinned one", async () => {
    const error = await failure(stripe.customers.list({}, { apiVersion: "2020-08-27" }));
    expect(error.message).toContain("Invalid Stripe API version");
  });
});

describe("idempotency keys", () => {
  it("replay the first answer to the same parameters and refuse others", async () => {
    const idempotencyKey = crypto.randomUUID();
    const first = await stripe.customers.create({ name: "Ada" }, { idempotencyKey });
    const again = await stripe.customers.create({ name: "Ada" }, { idempotencyKey });
    expect(again.id).toBe(first.id);
    const error = await failure(stripe.customers.create({ name: "Bob" }, { idempotencyKey }));
    expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
  });

  it("do not keep a request that was refused before anything happened", async () => {
    const idempotencyKey = crypto.randomUUID();
    await failure(stripe.checkout.sessions.create({ ...PAGE, customer: "cus_none" }, { idempotencyKey }));
    expect((await stripe.checkout.sessions.create(PAGE, { idempotencyKey })).status).toBe("open");
  });
});

describe("a payment", () => {
  it("completes the session, moves the money less the fee and tells our endpoint", async () => {
    const session = await open({ client_reference_id: "order-1" });
    const paid = await pay(session.id);
    expect(paid.body).toMatchObject({
      status: "paid",
      redirectUrl: `http://localhost:5173/tokens/success?session_id=${session.id}`,
    });
    const after = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["payment_intent.latest_charge.balance_transaction"],
    });
    expect(after).toMatchObject({
      status: "complete",
      payment_status: "paid",
      url: null,
      payment_intent: {
        status: "succeeded",
        amount_received: 600,
        latest_charge: { paid: true, balance_transaction: { amount: 600, fee: 47, net: 553 } },
      },
    });
    const [event] = await heard(1, session.id);
    expect(event).toMatchObject({
      type: "checkout.session.completed",
      data: { object: { id: session.id, client_reference_id: "order-1" } },
    });
    expect(await pay(session.id)).toMatchObject({
      status: 400,
      body: { error: { code: "checkout_session_complete" } },
    });
  });

  it.each([
    ["4000000000000002", "card_declined", "generic_decline"],
    ["4000000000009995", "card_declined", "insufficient_funds"],
    ["4242424242424241", "incorrect_number", undefined],
    ["4111111111111111", "test_mode_live_card", undefined],
  ])("with card %s is refused with %s and can be tried again", async (card, code, declineCode) => {
    const session = await open();
    const { status, body } = await pay(session.id, card);
    expect(status).toBe(402);
    expect(body.error).toMatchObject({ type: "card_error", code });
    expect((body.error as { decline_code?: string }).decline_code).toBe(declineCode);
    expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe("open");
    expect((await pay(session.id)).status).toBe(200);
  });

  it("never stores a card number", async () => {
    const session = await open();
    await pay(session.id);
    const everything = JSON.stringify([...standin.standin.world.state.snapshot()]);
    expect(everything).not.toContain("4242424242424242");
    expect(everything).toContain('"last4":"4242"');
  });

  it("takes fifty at once", async () => {
    const sessions = await Promise.all(Array.from({ length: 50 }, () => open()));
    const paid = await Promise.all(sessions.map(({ id }) => pay(id)));
    expect(paid.every(({ status }) => status === 200)).toBe(true);
    const ids = sessions.map(({ id }) => id);
    expect(new Set((await heard(50, ...ids)).map((event) => objectOf(event).id))).toEqual(new Set(ids));
  });
});

describe("refunds", () => {
  it("come in parts up to the amount and not beyond", async () => {
    const session = await open();
    await pay(session.id);
    const intent = (await stripe.checkout.sessions.retrieve(session.id)).payment_intent as string;
    await stripe.refunds.create({ payment_intent: intent, amount: 400 });
    const error = await failure(stripe.refunds.create({ payment_intent: intent, amount: 201 }));
    expect(error.message).toBe("Refund amount ($2.01) is greater than unrefunded amount on charge ($2.00)");
    await stripe.refunds.create({ payment_intent: intent });
    expect(await failure(stripe.refunds.create({ payment_intent: intent }))).toMatchObject({
      code: "charge_already_refunded",
    });
    const refunds = await stripe.refunds.list({ payment_intent: intent });
    expect(refunds.data.map(({ amount }) => amount)).toEqual([200, 400]);
  });
});

describe("webhooks", () => {
  it("come again until they are answered with 2xx, each time signed anew", async () => {
    const session = await open();
    refusedOnce.add(session.id);
    await pay(session.id);
    const [first, second] = await heard(2, session.id);
    expect(second!.id).toBe(first!.id);
  });

  it("can be held, released in reverse and replayed", async () => {
    await dev("/hold");
    const session = await open();
    const intent = ((await pay(session.id)).body.session as Stripe.Checkout.Session).payment_intent as string;
    await dev("/refund", { checkout: session.id, amount: 100 });
    expect(about(session.id, intent)).toEqual([]);
    await dev("/release?order=reverse");
    const events = about(session.id, intent);
    expect(events.map(({ type }) => type)).toEqual([
      "charge.refunded",
      "refund.created",
      "checkout.session.completed",
      "payment_intent.succeeded",
    ]);
    expect(await dev(`/replay/${events[0]!.id}?times=3`)).toMatchObject({ body: { statuses: [200, 200, 200] } });
    expect(about(session.id, intent)).toHaveLength(7);
  });
});

describe("planned faults", () => {
  it("break the connection once, and stripe-node comes again with the same key", async () => {
    await dev("/fail-next", { kind: "lost_answer", path: "/v1/customers" });
    const customer = await stripe.customers.create({ name: "Once" });
    const { data } = await stripe.customers.list({ limit: 100 });
    expect(data.filter(({ name }) => name === "Once").map(({ id }) => id)).toEqual([customer.id]);
  });

  it("break it for good", async () => {
    await dev("/fail-next", { kind: "network" });
    const error = await failure(
      clientOf(standin.port, { maxNetworkRetries: 0, httpClient: Stripe.createFetchHttpClient() }).customers.list(),
    );
    expect(error).toBeInstanceOf(Stripe.errors.StripeConnectionError);
  });

  it("never answer, so that the caller's own limit ends it", async () => {
    await dev("/fail-next", { kind: "hang" });
    const error = await failure(clientOf(standin.port, { maxNetworkRetries: 0, timeout: 100 }).customers.list());
    expect(error.message).toContain("timeout");
  });

  it("refuse with 429", async () => {
    await dev("/fail-next", { kind: "rate_limit" });
    expect(await failure(stripe.customers.list())).toBeInstanceOf(Stripe.errors.StripeRateLimitError);
  });
});

describe("lists", () => {
  it("page by cursor in both directions", async () => {
    const made: string[] = [];
    for (const name of ["a", "b", "c", "d"]) made.unshift((await stripe.products.create({ name })).id);
    const first = await stripe.products.list({ limit: 2 });
    expect(first.data.map(({ id }) => id)).toEqual(made.slice(0, 2));
    expect(first.has_more).toBe(true);
    const second = await stripe.products.list({ limit: 2, starting_after: made[1]! });
    expect(second.data.map(({ id }) => id)).toEqual(made.slice(2));
    const back = await stripe.products.list({ limit: 2, ending_before: made[2]! });
    expect(back.data.map(({ id }) => id)).toEqual(made.slice(0, 2));
  });
});
