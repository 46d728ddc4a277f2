// What happens between "pay" and the events: cards that pass, decline or ask for 3-D Secure, banks that answer days
// later, and sessions that expire. Used by the hosted page and by the `_dev` controls alike.

import type Stripe from "stripe";
import { readCard, type CardField, type CardInput } from "./cards.ts";
import { redeem } from "./discounts.ts";
import { invalidRequest, missing } from "./errors.ts";
import * as objects from "./objects.ts";
import { attach } from "./saved-cards.ts";
import { addressIn, taxed } from "./tax.ts";
import { beginSubscription } from "./subscriptions.ts";
import { emit, make, randomId, secondsNow, timeOf, type World } from "./world.ts";

type Session = Stripe.Checkout.Session;

export type PayResult =
  | { kind: "paid"; session: Session }
  | { kind: "processing"; session: Session }
  | { kind: "challenge"; session: Session }
  | { kind: "declined"; field: CardField; code: string; declineCode?: string; message: string };

/** @throws StripeRefusal 404 for an unknown session, 400 for one that is over. */
export function openSession(world: World, id: string): Session {
  const session = findSession(world, id);
  if (session.status !== "open")
    throw invalidRequest(`This Checkout Session is ${session.status}; it takes no payment.`, {
      code: session.status === "expired" ? "checkout_session_expired" : "checkout_session_complete",
    });
  return session;
}

export function findSession(world: World, id: string): Session {
  const session = world.state.find("checkout.session", id);
  if (!session) throw missing("checkout.session", id, "session");
  return session;
}

/** Try a card. A decline is recorded as Stripe does: a failed charge, and the session stays open for the next try. */
export function payByCard(outside: World, sessionId: string, input: CardInput, country?: string): PayResult {
  const world = timeOf(outside, findSession(outside, sessionId).customer);
  const session = taxed(world, openSession(world, sessionId), country);
  const card = readCard(input, new Date(world.now()));
  if (!card.ok) return { kind: "declined", field: card.field, code: card.code, message: card.message };
  // Another card ends a challenge that was left open.
  if (world.state.find("note.challenge", sessionId)) world.state.remove("note.challenge", sessionId);
  const method = world.state.put("payment_method", objects.cardMethod(make(world, "pm_1"), null, card.facts));
  if (session.amount_total === 0) return { kind: "paid", session: finish(world, session, null, method) };
  const intent = intentOf(world, session, method);
  switch (card.outcome.kind) {
    case "succeeds":
      return { kind: "paid", session: succeed(world, session, intent, method) };
    case "challenges":
      return { kind: "challenge", session: challenge(world, session, intent, method) };
    case "declines": {
      const { code, declineCode, message } = card.outcome;
      decline(world, session, intent, method, { code, declineCode, message });
      return { kind: "declined", field: "number", code, declineCode, message };
    }
  }
}

/** A discount took everything off: nothing is charged, and no card is asked for but for the months to come. */
export function payNothing(outside: World, sessionId: string): PayResult {
  const world = timeOf(outside, findSession(outside, sessionId).customer);
  const session = openSession(world, sessionId);
  if (session.amount_total !== 0 || session.mode !== "payment") throw invalidRequest("There is something to pay here.");
  return { kind: "paid", session: finish(world, session, null, null) };
}

/** End an open 3-D Secure challenge. */
export function answerChallenge(outside: World, sessionId: string, authenticated: boolean): PayResult {
  const world = timeOf(outside, findSession(outside, sessionId).customer);
  const session = openSession(world, sessionId);
  const note = world.state.find("note.challenge", sessionId);
  if (!note) throw invalidRequest("There is no open challenge on this Checkout Session.");
  world.state.remove("note.challenge", sessionId);
  const method = world.state.find("payment_method", note.methodId)!;
  const intent = world.state.find("payment_intent", session.payment_intent as string)!;
  if (authenticated) return { kind: "paid", session: succeed(world, session, intent, method) };
  const code = "payment_intent_authentication_failure";
  const message =
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.";
  const failed: Stripe.PaymentIntent = {
    ...intent,
    last_payment_error: { code, message, payment_method: method, type: "invalid_request_error" },
    next_action: null,
    payment_method: null,
    status: "requires_payment_method",
  };
  emit(world, "payment_intent.payment_failed", world.state.put("payment_intent", failed));
  return { kind: "declined", field: "number", code, message };
}

/** Pay by a method whose money comes later: the session completes unpaid. */
export function payLater(outside: World, sessionId: string, country?: string): PayResult {
  const world = timeOf(outside, findSession(outside, sessionId).customer);
  const session = taxed(world, openSession(world, sessionId), country);
  const method = world.state.put("payment_method", objects.bankMethod(make(world, "pm_1"), null));
  const intent = intentOf(world, session, method);
  const charge = world.state.put("charge", objects.charge(make(world, "py_3"), intent, method, { status: "pending" }));
  const processing: Stripe.PaymentIntent = {
    ...intent,
    latest_charge: charge.id,
    payment_method: method.id,
    status: "processing",
  };
  emit(world, "payment_intent.processing", world.state.put("payment_intent", processing));
  const complete = completeSession(world, session, processing.id, "unpaid");
  emit(world, "checkout.session.completed", complete);
  return { kind: "processing", session: complete };
}

/** The bank's answer to `payLater`. */
export function settleLater(outside: World, sessionId: string, succeeds: boolean): Session {
  const world = timeOf(outside, findSession(outside, sessionId).customer);
  const session = findSession(world, sessionId);
  const intent = world.state.find("payment_intent", String(session.payment_intent));
  if (intent?.status !== "processing") throw invalidRequest("No payment is being processed on this Checkout Session.");
  const charge = world.state.find("charge", intent.latest_charge as string)!;
  const method = world.state.find("payment_method", intent.payment_method as string)!;
  if (succeeds) {
    capture(world, intent, charge, method);
    const paid = world.state.put("checkout.session", { ...session, payment_status: "paid" });
    emit(world, "checkout.session.async_payment_succeeded", paid);
    return paid;
  }
  const message = "The customer's bank account could not be debited.";
  const failed = { ...charge, failure_code: "insufficient_funds", failure_message: message, status: "failed" };
  emit(world, "charge.failed", world.state.put("charge", failed));
  const open: Stripe.PaymentIntent = {
    ...intent,
    last_payment_error: {
      charge: charge.id,
      code: "insufficient_funds",
      message,
      payment_method: method,
      type: "card_error",
    },
    payment_method: null,
    status: "requires_payment_method",
  };
  emit(world, "payment_intent.payment_failed", world.state.put("payment_intent", open));
  emit(world, "checkout.session.async_payment_failed", session);
  return session;
}

export function expireSession(outside: World, sessionId: string): Session {
  const world = timeOf(outside, findSession(outside, sessionId).customer);
  const session = openSession(world, sessionId);
  const expired = world.state.put("checkout.session", { ...session, status: "expired", url: null });
  emit(world, "checkout.session.expired", expired);
  return expired;
}

/** Close every session whose time has passed. */
export function expireDue(world: World): void {
  for (const session of world.state.all("checkout.session"))
    if (session.status === "open" && session.expires_at <= secondsNow(timeOf(world, session.customer)))
      expireSession(world, session.id);
}

/** Where the buyer goes after paying, with the session's id filled in. */
export const successUrl = (session: Session): string =>
  (session.success_url ?? "").replaceAll("{CHECKOUT_SESSION_ID}", session.id);

const customerOf = (session: Session): string | null => session.customer as string | null;

function intentOf(world: World, session: Session, method: Stripe.PaymentMethod): Stripe.PaymentIntent {
  const known = session.payment_intent && world.state.find("payment_intent", session.payment_intent as string);
  // Another country since the last try: another tax, another amount.
  if (known) return { ...known, amount: session.amount_total!, payment_method: method.id };
  const note = world.state.find("note.checkout", session.id)!;
  const made = make(world, "pi_3");
  const intent = world.state.put(
    "payment_intent",
    objects.paymentIntent(made, {
      amount: session.amount_total!,
      client_secret: randomId(`${made.id}_secret_`),
      currency: session.currency!,
      customer: session.customer,
      description: note.paymentDescription,
      metadata: note.paymentMetadata,
      payment_method: method.id,
      setup_future_usage: note.setupFutureUsage,
    }),
  );
  world.state.put("checkout.session", { ...session, payment_intent: intent.id });
  emit(world, "payment_intent.created", intent);
  return intent;
}

function succeed(world: World, session: Session, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Session {
  capture(world, intent, objects.charge(make(world, "ch_3"), intent, method, {}), method);
  return finish(world, session, intent.id, method);
}

function finish(world: World, session: Session, intentId: string | null, method: Stripe.PaymentMethod | null): Session {
  const done = completeSession(world, session, intentId, intentId ? "paid" : "no_payment_required");
  const complete = method ? subscribed(world, done, method) : done;
  emit(world, "checkout.session.completed", complete);
  return complete;
}

/** In `subscription` mode the page names the subscription and its invoice, and no payment of its own. */
function subscribed(world: World, session: Session, method: Stripe.PaymentMethod): Session {
  const { subscriptionMetadata: metadata, lineItems } = world.state.find("note.checkout", session.id)!;
  if (!metadata) return session;
  const { subscription, invoice } = beginSubscription(world, session, {
    price: lineItems[0]!.price!,
    method,
    metadata,
    intentId: session.payment_intent as string | null,
  });
  return world.state.put("checkout.session", {
    ...session,
    invoice: invoice.id,
    payment_intent: null,
    subscription: subscription.id,
  });
}

export function capture(
  world: World,
  intent: Stripe.PaymentIntent,
  charge: Stripe.Charge,
  method: Stripe.PaymentMethod,
): void {
  const { amount } = intent;
  const type = method.card ? "charge" : "payment";
  const movement = objects.balanceTransaction(make(world, "txn_3"), type, charge, amount);
  world.state.put("balance_transaction", movement);
  const captured = world.state.put("charge", {
    ...charge,
    amount_captured: amount,
    balance_transaction: movement.id,
    captured: true,
    outcome: objects.OUTCOME_APPROVED,
    paid: true,
    status: "succeeded",
  });
  emit(world, "charge.succeeded", captured);
  const succeeded = world.state.put("payment_intent", {
    ...intent,
    amount_received: amount,
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
    payment_method: method.id,
    status: "succeeded",
  });
  emit(world, "payment_intent.succeeded", succeeded);
  if (intent.setup_future_usage && typeof intent.customer === "string") attach(world, method, intent.customer);
}

function decline(
  world: World,
  session: Session,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  reason: { code: string; declineCode: string; message: string },
): void {
  const failed = world.state.put(
    "charge",
    objects.charge(make(world, "ch_3"), intent, method, {
      failure_code: reason.code,
      failure_message: reason.message,
      outcome: objects.outcomeDeclined(reason.declineCode),
      status: "failed",
    }),
  );
  emit(world, "charge.failed", failed);
  const open = world.state.put("payment_intent", {
    ...intent,
    last_payment_error: {
      charge: failed.id,
      code: reason.code as Stripe.PaymentIntent.LastPaymentError["code"],
      decline_code: reason.declineCode,
      message: reason.message,
      payment_method: method,
      type: "card_error",
    },
    latest_charge: failed.id,
    payment_method: null,
    status: "requires_payment_method",
  });
  emit(world, "payment_intent.payment_failed", open);
  world.state.put("checkout.session", { ...session, payment_intent: intent.id });
}

function challenge(
  world: World,
  session: Session,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Session {
  const waiting = world.state.put("payment_intent", {
    ...intent,
    next_action: {
      redirect_to_url: { return_url: session.success_url, url: challengeUrl(world, session.id) },
      type: "redirect_to_url",
    },
    payment_method: method.id,
    status: "requires_action",
  });
  emit(world, "payment_intent.requires_action", waiting);
  world.state.put("note.challenge", { id: session.id, methodId: method.id });
  return world.state.put("checkout.session", { ...session, payment_intent: intent.id });
}

export const payUrl = (world: World, sessionId: string): string => `${world.origin}/c/pay/${sessionId}`;
export const challengeUrl = (world: World, sessionId: string): string => `${payUrl(world, sessionId)}/challenge`;

function completeSession(
  world: World,
  session: Session,
  intentId: string | null,
  paymentStatus: "paid" | "unpaid" | "no_payment_required",
): Session {
  redeem(world, session);
  const buyer = session.customer ? world.state.find("customer", customerOf(session)!) : undefined;
  const address = addressIn(world, session);
  if (buyer && address && world.state.find("note.checkout", session.id)!.keepsAddress)
    emit(world, "customer.updated", world.state.put("customer", { ...buyer, address }));
  return world.state.put("checkout.session", {
    ...session,
    customer_details: {
      address,
      business_name: null,
      email: session.customer_email ?? buyer?.email ?? null,
      individual_name: null,
      name: buyer?.name ?? null,
      phone: null,
      tax_exempt: "none",
      tax_ids: [],
    },
    payment_intent: intentId,
    payment_status: paymentStatus,
    status: "complete",
    url: null,
  });
}
