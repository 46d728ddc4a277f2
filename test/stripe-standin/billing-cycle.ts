// The bill of a term as Stripe goes about it when nobody hurries: a draft when the term begins, finalized and charged an
// hour later, tried again for a while, and the subscription's end when nothing came of it.
// docs.stripe.com/billing/invoices/subscription#sub-invoice-lifecycle

import type Stripe from "stripe";
import { bankAnswer } from "./bank.ts";
import { discountOf, endDiscounts } from "./discounts.ts";
import { nextEnd } from "./months.ts";
import { payInvoice } from "./off-session.ts";
import * as objects from "./subscription-objects.ts";
import { endNow, findSubscription } from "./subscriptions.ts";
import { emit, make, randomId, secondsNow, type World } from "./world.ts";

const DRAFT_SECONDS = 60 * 60;
const DAY = 24 * 60 * 60;
/** After each refusal; then the subscription ends, as docs/stripe-live.md says to set it. */
const RETRIES_AFTER_SECONDS = [3 * DAY, 5 * DAY, 7 * DAY];

/** The term is over: the next one begins with its draft, or the subscription ends if it was to. */
export function endTerm(world: World, id: string): void {
  const known = findSubscription(world, id);
  if (known.cancel_at_period_end) return void endNow(world, known, "cancellation_requested");
  const [item] = known.items.data;
  const term = { start: item!.current_period_end, end: nextEnd(known.billing_cycle_anchor, item!.current_period_end) };
  const invoice = draft(world, known, term);
  const renewed = world.state.put("subscription", {
    ...endDiscounts(world, known, { start: term.end }),
    items: { ...known.items, data: [{ ...item!, current_period_start: term.start, current_period_end: term.end }] },
    latest_invoice: invoice.id,
  });
  emit(world, "customer.subscription.updated", renewed, { latest_invoice: known.latest_invoice });
  emit(world, "invoice.created", invoice);
}

function draft(world: World, subscription: Stripe.Subscription, term: objects.Term): Stripe.Invoice {
  const email = world.state.find("customer", subscription.customer as string)?.email ?? null;
  const made = make(world, "in_1");
  const invoice = objects.invoice(made, {
    subscription,
    reason: "subscription_cycle",
    term,
    isPaid: false,
    lineId: randomId("il_1"),
    email,
    off: discountOf(world, subscription, term),
  });
  return world.state.put("invoice", {
    ...invoice,
    attempt_count: 0,
    attempted: false,
    automatically_finalizes_at: made.created + DRAFT_SECONDS,
    effective_at: null,
    next_payment_attempt: made.created + DRAFT_SECONDS,
    number: null,
    status: "draft",
    status_transitions: { ...invoice.status_transitions, finalized_at: null },
  });
}

/** The draft becomes a bill, and is charged. */
export function finalize(world: World, id: string): void {
  const now = secondsNow(world);
  const invoice = world.state.find("invoice", id)!;
  const open = world.state.put("invoice", {
    ...invoice,
    automatically_finalizes_at: null,
    effective_at: now,
    number: `LOCAL-${id.slice(-8)}`,
    status: "open",
    status_transitions: { ...invoice.status_transitions, finalized_at: now },
  });
  emit(world, "invoice.finalized", open);
  charge(world, open);
}

export const tryAgain = (world: World, id: string): void => charge(world, world.state.find("invoice", id)!);

function charge(world: World, invoice: Stripe.Invoice): void {
  const subscription = findSubscription(world, subscriptionOf(invoice));
  if (subscription.status === "canceled") return stop(world, invoice);
  const method = world.state.find("payment_method", subscription.default_payment_method as string)!;
  const isFree = invoice.amount_due === 0;
  if (!isFree && bankAnswer(world, method) !== "succeeds") return refused(world, invoice, subscription);
  if (!isFree) world.state.put("note.invoice", { id: invoice.id, intentId: payInvoice(world, invoice, method) });
  const paid = world.state.put("invoice", {
    ...invoice,
    amount_paid: invoice.amount_due,
    amount_remaining: 0,
    attempt_count: invoice.attempt_count + 1,
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status: "paid",
    status_transitions: { ...invoice.status_transitions, paid_at: secondsNow(world) },
  });
  if (subscription.status !== "active") {
    const again = world.state.put("subscription", { ...subscription, status: "active" });
    emit(world, "customer.subscription.updated", again, { status: subscription.status });
  }
  emit(world, "invoice.paid", paid);
  emit(world, "invoice.payment_succeeded", paid);
}

function refused(world: World, invoice: Stripe.Invoice, subscription: Stripe.Subscription): void {
  const pause = RETRIES_AFTER_SECONDS[invoice.attempt_count];
  const failed = world.state.put("invoice", {
    ...invoice,
    attempt_count: invoice.attempt_count + 1,
    attempted: true,
    auto_advance: pause !== undefined,
    next_payment_attempt: pause === undefined ? null : secondsNow(world) + pause,
  });
  emit(world, "invoice.payment_failed", failed);
  if (pause === undefined) return void endNow(world, subscription, "payment_failed");
  if (subscription.status === "past_due") return;
  const late = world.state.put("subscription", { ...subscription, status: "past_due" });
  emit(world, "customer.subscription.updated", late, { status: subscription.status });
}

/** Nobody is charged for a subscription that has ended meanwhile. */
function stop(world: World, invoice: Stripe.Invoice): void {
  world.state.put("invoice", { ...invoice, auto_advance: false, next_payment_attempt: null });
}

const subscriptionOf = (invoice: Stripe.Invoice): string =>
  invoice.parent!.subscription_details!.subscription as string;
