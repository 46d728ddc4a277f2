// The only door to Stripe. Everything that leaves for Stripe or is believed because Stripe said it goes through here;
// the rest of the project knows plain facts, not Stripe's objects. The real API and the local stand-in are reached by the
// same code: only the base address differs, and it may differ on loopback only.

import type Stripe from "stripe";
import { assert } from "../errors.ts";
import { fingerprintOf } from "./stripe-charges.ts";
import { asking, isMissing } from "./stripe-errors.ts";

/** Pinned here and at the webhook endpoint, so that both speak of the same shapes (docs/stripe-live.md). */
export const STRIPE_API_VERSION = "2026-10-28.endive";
/** One try; with two retries a call ends within 32 s, half of a purchase's 60 s lease. */
const TIMEOUT_MS = 10_000;
const NETWORK_RETRIES_MAX = 2;

export interface StripeEnv {
  ENVIRONMENT: "local" | "production";
  STRIPE_SECRET_KEY: string;
  STRIPE_WEBHOOK_SECRET: string;
  /** Where the stand-in listens; unset for the real Stripe. */
  STRIPE_API_BASE?: string;
}

// One client per key and base in an isolate: building one costs more than a call. It holds no connection.
let made: { id: string; client: Stripe } | null = null;

/**
 * The client for this environment. The package is evaluated by the first call that needs it (about 10 ms), so that an
 * isolate that only answers heartbeats never pays for it.
 * @throws when a base is set that is not loopback, or with a key that is not a test key, or outside the local environment.
 */
export async function stripeClient(env: StripeEnv): Promise<Stripe> {
  const id = `${env.ENVIRONMENT} ${env.STRIPE_SECRET_KEY} ${env.STRIPE_API_BASE ?? ""}`;
  if (made?.id !== id) made = { id, client: await newClient(env) };
  return made.client;
}

async function newClient(env: StripeEnv): Promise<Stripe> {
  assert(/^[rs]k_(test|live)_/.test(env.STRIPE_SECRET_KEY), "STRIPE_SECRET_KEY is a secret or restricted key");
  const address = env.STRIPE_API_BASE ? standInAddress(env.STRIPE_API_BASE, env) : {};
  const { default: StripeClient } = await import("stripe");
  return new StripeClient(env.STRIPE_SECRET_KEY, {
    apiVersion: STRIPE_API_VERSION,
    timeout: TIMEOUT_MS,
    maxNetworkRetries: NETWORK_RETRIES_MAX,
    telemetry: false,
    // `fetch` is looked up at each call: the platform's own, or what a test put in its place.
    httpClient: StripeClient.createFetchHttpClient((url, init) => fetch(url, init)),
    ...address,
  });
}

function standInAddress(base: string, env: StripeEnv): { protocol: "http"; host: string; port: string } {
  const url = new URL(base);
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  assert(
    env.ENVIRONMENT === "local" && isLoopback && env.STRIPE_SECRET_KEY.startsWith("sk_test_"),
    "STRIPE_API_BASE is for the local stand-in only: loopback, a sk_test_ key, ENVIRONMENT local",
  );
  return { protocol: "http", host: url.hostname, port: url.port || "80" };
}

// Buying -----------------------------------------------------------------------------------------------------------

/** Make the customer a person's payments hang on. Idempotent by `key`. */
export async function createCustomer(
  stripe: Stripe,
  buyer: { userId: string; email: string },
  key: string,
): Promise<string> {
  const customer = await asking(() =>
    stripe.customers.create({ email: buyer.email, metadata: { user_id: buyer.userId } }, { idempotencyKey: key }),
  );
  assert(customer, "a customer is made or an error thrown");
  return customer.id;
}

// What became of it --------------------------------------------------------------------------------------------------

export interface CheckoutFacts {
  id: string;
  /** Our order id. */
  reference: string | null;
  status: "open" | "complete" | "expired";
  /** Only "paid" is money. */
  paymentStatus: "paid" | "unpaid" | "no_payment_required";
  /** What is paid, tax included. */
  amountCents: number | null;
  /** What a code of Stripe's took off before tax, on Stripe's own page. */
  discountCents: number;
  /** How much of it is tax, where Stripe Tax put it on top. */
  taxCents: number;
  /** Where the buyer said they are, if they were asked. */
  country: string | null;
  currency: string | null;
  paymentIntentId: string | null;
  /** A delayed method that was refused; the session stays complete and unpaid for ever. */
  hasFailed: boolean;
  /** Of the card that paid; null for other methods, and for cards that were kept. */
  cardFingerprint: string | null;
  refunds: RefundFacts[];
}
export interface RefundFacts {
  id: string;
  amountCents: number;
  /** On its way or done; false once Stripe says failed or canceled. */
  stands: boolean;
  /** Our own request for it; null for one made elsewhere, such as in Stripe's dashboard. */
  requestId: string | null;
}

/** A checkout with its payment and every refund, as Stripe has them now. Null when Stripe does not know it. */
export async function findCheckout(stripe: Stripe, id: string): Promise<CheckoutFacts | null> {
  const session = await asking(
    () => stripe.checkout.sessions.retrieve(id, { expand: ["payment_intent.latest_charge"] }),
    isMissing(),
  );
  if (!session) return null;
  const intent = typeof session.payment_intent === "string" ? null : session.payment_intent;
  return {
    id: session.id,
    reference: session.client_reference_id,
    status: session.status as CheckoutFacts["status"],
    paymentStatus: session.payment_status as CheckoutFacts["paymentStatus"],
    amountCents: session.amount_total,
    discountCents: session.total_details?.amount_discount ?? 0,
    taxCents: session.total_details?.amount_tax ?? 0,
    country: session.customer_details?.address?.country ?? null,
    currency: session.currency,
    paymentIntentId: intent?.id ?? null,
    cardFingerprint: fingerprintOf(intent?.latest_charge),
    hasFailed:
      session.status === "complete" && (intent?.status === "requires_payment_method" || intent?.status === "canceled"),
    refunds: intent && session.payment_status === "paid" ? await listRefunds(stripe, intent.id) : [],
  };
}

/** The most Stripe gives in one page of a list. */
export const PAGE_MAX = 100;
/** One order cannot be refunded in more parts than it has cents, and nobody does it in more than these. */
const REFUNDS_MAX = 1_000;

export async function listRefunds(stripe: Stripe, paymentIntentId: string): Promise<RefundFacts[]> {
  const refunds = await asking(() =>
    stripe.refunds.list({ payment_intent: paymentIntentId, limit: PAGE_MAX }).autoPagingToArray({ limit: REFUNDS_MAX }),
  );
  // Stripe lists the newest first; the books take them in the order they were made.
  return (refunds ?? [])
    .filter(({ status }) => status !== "requires_action")
    .map(refundFacts)
    .reverse();
}

const refundFacts = ({ id, amount, status, metadata }: Stripe.Refund): RefundFacts => ({
  id,
  amountCents: amount,
  stands: status !== "failed" && status !== "canceled",
  requestId: metadata?.refund_id ?? null,
});

/** The checkout that a payment belongs to; null for payments that are not ours. */
export async function checkoutOfPayment(
  stripe: Stripe,
  paymentIntentId: string,
): Promise<{ id: string; reference: string | null } | null> {
  const list = await asking(() => stripe.checkout.sessions.list({ payment_intent: paymentIntentId, limit: 1 }));
  const session = list?.data[0];
  return session ? { id: session.id, reference: session.client_reference_id } : null;
}

/**
 * Give money back to the card. Repeating it with the same `refundId` and `keyNumber` refunds once.
 * @throws `StripeRefused` when more is asked than was paid and is left.
 */
export async function refundPayment(
  stripe: Stripe,
  refund: { refundId: string; paymentIntentId: string; amountCents: number; keyNumber?: number },
): Promise<RefundFacts> {
  const done = await asking(() =>
    stripe.refunds.create(
      { payment_intent: refund.paymentIntentId, amount: refund.amountCents, metadata: { refund_id: refund.refundId } },
      { idempotencyKey: `refund:${refund.refundId}${refund.keyNumber ? `:${refund.keyNumber}` : ""}` },
    ),
  );
  assert(done, "a refund is made or an error thrown");
  return refundFacts(done);
}
