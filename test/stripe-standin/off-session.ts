// Charging a saved card while its owner is away: PaymentIntents made and confirmed in one call. What the bank then says
// can be set by card (`/_dev/bank/:paymentMethod`), because a card that passed once may be refused the next day.
// docs.stripe.com/payments/save-and-reuse#charge-the-payment-method-later

import type Stripe from "stripe";
import { bankAnswer } from "./bank.ts";
import { capture } from "./checkout.ts";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { invalidRequest, missing, StripeRefusal } from "./errors.ts";
import * as objects from "./objects.ts";
import { required, type Read } from "./params.ts";
import { emit, make, randomId, timeOf, type World } from "./world.ts";

const OFF_SESSION = {
  amount: "integer",
  currency: "string",
  customer: "string",
  payment_method: "string",
  confirm: "boolean",
  off_session: "boolean",
  description: "string",
  metadata: "map",
} as const;

export const OFF_SESSION_ENDPOINTS: readonly Endpoint[] = [
  endpoint("POST", "/v1/payment_intents", OFF_SESSION, createIntent),
  endpoint("POST", "/v1/payment_intents/:id/cancel", { cancellation_reason: "string" }, (world, params, id) =>
    cancelIntent(world, id, params.cancellation_reason),
  ),
];

function createIntent(outside: World, params: Read<typeof OFF_SESSION>): Stripe.PaymentIntent {
  if (params.confirm !== true || params.off_session !== true)
    throw invalidRequest("This stand-in makes PaymentIntents only to charge a saved card off session.", {
      param: "confirm",
    });
  const customer = required(params.customer, "customer");
  const world = timeOf(outside, customer);
  const methodId = required(params.payment_method, "payment_method");
  if (!world.state.find("customer", customer)) throw missing("customer", customer, "customer");
  const method = world.state.find("payment_method", methodId);
  if (!method) throw missing("PaymentMethod", methodId, "payment_method");
  if (method.customer !== customer)
    throw invalidRequest(
      `The customer does not have a payment method with the ID ${methodId}. The payment method must be attached to the customer.`,
      { param: "payment_method" },
    );
  const made = make(world, "pi_3");
  const intent = objects.paymentIntent(made, {
    amount: required(params.amount, "amount"),
    client_secret: randomId(`${made.id}_secret_`),
    currency: required(params.currency, "currency"),
    customer,
    description: params.description ?? null,
    metadata: params.metadata ?? {},
    payment_method: methodId,
  });
  emit(world, "payment_intent.created", intent);
  return chargeSaved(world, intent, method);
}

/** @throws StripeRefusal 402 with the PaymentIntent, as Stripe answers a decline of a confirm in one call. */
export function chargeSaved(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Stripe.PaymentIntent {
  const answer = bankAnswer(world, method);
  const charge = objects.charge(make(world, "ch_3"), intent, method, {});
  if (answer === "succeeds") {
    capture(world, intent, charge, method);
    return world.state.find("payment_intent", intent.id)!;
  }
  const [code, declineCode, message] =
    answer === "wants_person"
      ? (["authentication_required", "authentication_required", AUTHENTICATION_NEEDED] as const)
      : (["card_declined", "generic_decline", "Your card was declined."] as const);
  const failedCharge = world.state.put("charge", {
    ...charge,
    failure_code: code,
    failure_message: message,
    outcome: objects.outcomeDeclined(declineCode),
    status: "failed",
  });
  emit(world, "charge.failed", failedCharge);
  const failed = world.state.put("payment_intent", {
    ...intent,
    last_payment_error: {
      charge: failedCharge.id,
      code,
      decline_code: declineCode,
      message,
      payment_method: method,
      type: "card_error" as const,
    },
    latest_charge: failedCharge.id,
    payment_method: null,
    status: "requires_payment_method" as const,
  });
  emit(world, "payment_intent.payment_failed", failed);
  throw new StripeRefusal(402, {
    type: "card_error",
    code,
    decline_code: declineCode,
    message,
    charge: failedCharge.id,
    payment_intent: failed,
    payment_method: method,
  });
}

const AUTHENTICATION_NEEDED = "Your card was declined. This transaction requires authentication.";

function cancelIntent(world: World, id: string, reason: string | undefined): Stripe.PaymentIntent {
  const intent = world.state.find("payment_intent", id);
  if (!intent) throw missing("payment_intent", id);
  if (intent.status === "succeeded" || intent.status === "canceled" || intent.status === "processing")
    throw invalidRequest(`You cannot cancel this PaymentIntent because it has a status of ${intent.status}.`, {
      code: "payment_intent_unexpected_state",
    });
  const canceled = world.state.put("payment_intent", {
    ...intent,
    canceled_at: Math.floor(world.now() / 1000),
    cancellation_reason: (reason ?? null) as Stripe.PaymentIntent.CancellationReason | null,
    status: "canceled" as const,
  });
  emit(world, "payment_intent.canceled", canceled);
  return canceled;
}

/** The payment of an invoice by a saved card that the bank has said yes to. */
export function payInvoice(world: World, invoice: Stripe.Invoice, method: Stripe.PaymentMethod): string {
  const made = make(world, "pi_3");
  const intent = objects.paymentIntent(made, {
    amount: invoice.amount_due,
    client_secret: randomId(`${made.id}_secret_`),
    currency: invoice.currency,
    customer: invoice.customer as string,
    payment_method: method.id,
  });
  emit(world, "payment_intent.created", intent);
  return chargeSaved(world, intent, method).id;
}
