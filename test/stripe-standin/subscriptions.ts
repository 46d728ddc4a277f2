// Subscriptions by Checkout: the first payment, renewals when a test says so (`/_dev/renew/:subscription`), a bank that says
// no, and the end of a term. docs.stripe.com/billing/subscriptions/overview

import type Stripe from "stripe";
import { Hono } from "hono";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { invalidRequest, missing } from "./errors.ts";
import { LIST_PARAMS, listOf } from "./lists.ts";
import { bankAnswer } from "./bank.ts";
import { monthsAfter, nextEnd } from "./months.ts";
import { beginDiscount, discountOf, endDiscounts } from "./discounts.ts";
import { attach } from "./saved-cards.ts";
import * as objects from "./subscription-objects.ts";
import type { Term } from "./subscription-objects.ts";
import { emit, make, randomId, secondsNow, timeOf, type World } from "./world.ts";

export const SUBSCRIPTION_ENDPOINTS: readonly Endpoint[] = [
  endpoint("GET", "/v1/subscriptions/:id", {}, (world, _, id) => findSubscription(world, id)),
  endpoint("POST", "/v1/subscriptions/:id", { cancel_at_period_end: "boolean", metadata: "map" }, changeSubscription),
  endpoint(
    "GET",
    "/v1/invoices",
    { ...LIST_PARAMS, subscription: "string", customer: "string", status: "string" },
    (world, { subscription, customer, status, ...params }) =>
      listOf(
        world,
        "invoice",
        "/v1/invoices",
        params,
        (one) =>
          (!subscription || one.parent?.subscription_details?.subscription === subscription) &&
          (!customer || one.customer === customer) &&
          (!status || one.status === status),
      ),
  ),
];

/** Let the term end: the card is charged for the next one, or the subscription ends if it was to. */
export function renewalControls(world: World, pay: PayInvoice): Hono {
  const dev = new Hono();
  dev.post("/:id", (c) => c.json(renew(world, c.req.param("id"), pay)));
  return dev;
}

/** A paid Checkout page in `subscription` mode becomes a subscription with its first invoice. */
export function beginSubscription(
  world: World,
  session: Stripe.Checkout.Session,
  of: { price: Stripe.Price; method: Stripe.PaymentMethod; metadata: Stripe.Metadata; intentId: string | null },
): { subscription: Stripe.Subscription; invoice: Stripe.Invoice } {
  const customer = session.customer as string;
  attach(world, of.method, customer);
  const made = make(world, "sub_1");
  const term = { start: made.created, end: monthsAfter(made.created, 1) };
  const { price, metadata } = of;
  const discount = beginDiscount(world, session, { id: made.id, start: term.start });
  const begun = {
    ...objects.subscription(made, {
      customer,
      price,
      itemId: randomId("si_", 14),
      term,
      metadata,
      methodId: of.method.id,
    }),
    discounts: discount ? [discount.id] : [],
    test_clock: world.state.find("customer", customer)?.test_clock ?? null,
  };
  const invoice = bill(world, begun, "subscription_create", term, true);
  if (of.intentId) world.state.put("note.invoice", { id: invoice.id, intentId: of.intentId });
  const lasting = endDiscounts(world, begun, { start: term.end });
  const subscription = world.state.put("subscription", { ...lasting, latest_invoice: invoice.id });
  emit(world, "customer.subscription.created", subscription);
  emit(world, "invoice.paid", invoice);
  return { subscription, invoice };
}

/** The subscription is over; `reason` is null when it goes with something else. */
export function endNow(
  world: World,
  known: Stripe.Subscription,
  reason: Stripe.Subscription.CancellationDetails.Reason | null,
): Stripe.Subscription {
  const now = secondsNow(world);
  const ended = world.state.put("subscription", {
    ...known,
    status: "canceled" as const,
    cancellation_details: { ...known.cancellation_details!, reason },
    ended_at: now,
    canceled_at: known.canceled_at ?? now,
  });
  emit(world, "customer.subscription.deleted", ended);
  return ended;
}

/** Charges a card for an invoice. @returns the payment's id. */
export type PayInvoice = (world: World, invoice: Stripe.Invoice, method: Stripe.PaymentMethod) => string;

function renew(world: World, id: string, pay: PayInvoice): Stripe.Subscription {
  const known = findSubscription(world, id);
  if (known.status === "canceled") throw invalidRequest("This subscription has ended.");
  if (known.test_clock) throw invalidRequest("This subscription lives by a test clock: advance that.");
  const [item] = known.items.data;
  if (known.cancel_at_period_end) return endNow(world, known, "cancellation_requested");
  // What is overdue is paid first: the term has begun already.
  const isRetry = known.status === "past_due";
  const term = isRetry
    ? { start: item!.current_period_start, end: item!.current_period_end }
    : { start: item!.current_period_end, end: nextEnd(known.billing_cycle_anchor, item!.current_period_end) };
  const method = world.state.find("payment_method", known.default_payment_method as string)!;
  const off = discountOf(world, known, term);
  const isFree = !isRetry && off?.cents === item!.price.unit_amount;
  const isPaid = isFree || bankAnswer(world, method) === "succeeds";
  const invoice = isRetry
    ? collect(world, known.latest_invoice as string, isPaid)
    : bill(world, known, "subscription_cycle", term, isPaid);
  if (isPaid && !isFree) world.state.put("note.invoice", { id: invoice.id, intentId: pay(world, invoice, method) });
  const renewed = world.state.put("subscription", {
    ...endDiscounts(world, known, { start: term.end }),
    items: { ...known.items, data: [{ ...item!, current_period_start: term.start, current_period_end: term.end }] },
    latest_invoice: invoice.id,
    status: isPaid ? "active" : "past_due",
  });
  emit(world, "customer.subscription.updated", renewed, { status: known.status });
  emit(world, isPaid ? "invoice.paid" : "invoice.payment_failed", invoice);
  return renewed;
}

function bill(
  world: World,
  subscription: Stripe.Subscription,
  reason: "subscription_create" | "subscription_cycle",
  term: Term,
  isPaid: boolean,
): Stripe.Invoice {
  const email = world.state.find("customer", subscription.customer as string)?.email ?? null;
  return world.state.put(
    "invoice",
    objects.invoice(make(world, "in_1"), {
      subscription,
      reason,
      term,
      isPaid,
      lineId: randomId("il_1"),
      email,
      off: discountOf(world, subscription, term),
    }),
  );
}

function collect(world: World, id: string, isPaid: boolean): Stripe.Invoice {
  const open = world.state.find("invoice", id)!;
  if (!isPaid) return world.state.put("invoice", { ...open, attempt_count: open.attempt_count + 1 });
  return world.state.put("invoice", {
    ...open,
    amount_paid: open.amount_due,
    amount_remaining: 0,
    auto_advance: false,
    status: "paid",
    status_transitions: { ...open.status_transitions, paid_at: secondsNow(world) },
  });
}

function changeSubscription(
  outside: World,
  params: { cancel_at_period_end?: boolean; metadata?: Record<string, string> },
  id: string,
): Stripe.Subscription {
  const known = findSubscription(outside, id);
  const world = timeOf(outside, known.customer);
  if (known.status === "canceled")
    throw invalidRequest("A canceled subscription can only update its cancellation_details and metadata.");
  const ends = params.cancel_at_period_end ?? known.cancel_at_period_end;
  const changed = world.state.put("subscription", {
    ...known,
    cancel_at_period_end: ends,
    cancel_at: ends ? known.items.data[0]!.current_period_end : null,
    canceled_at: ends ? secondsNow(world) : null,
    metadata: { ...known.metadata, ...params.metadata },
  });
  emit(world, "customer.subscription.updated", changed, { cancel_at_period_end: known.cancel_at_period_end });
  return changed;
}

export function findSubscription(world: World, id: string): Stripe.Subscription {
  const subscription = world.state.find("subscription", id);
  if (!subscription) throw missing("subscription", id);
  return subscription;
}
