// Money going back: whole or in part, at once or pending, and the rare refund that the bank hands back.

import type Stripe from "stripe";
import { invalidRequest, missing } from "./errors.ts";
import * as objects from "./objects.ts";
import { emit, make, timeOf, type World } from "./world.ts";

export interface RefundInput {
  payment_intent?: string;
  charge?: string;
  amount?: number;
  reason?: string;
  metadata?: Record<string, string>;
}

/** @throws StripeRefusal 400 `charge_already_refunded`, or when more than is left is asked back. */
export function createRefund(
  outside: World,
  input: RefundInput,
  status: "succeeded" | "pending" = "succeeded",
): Stripe.Refund {
  const charge = chargeOf(outside, input);
  const world = timeOf(outside, charge.customer);
  if (charge.disputed)
    throw invalidRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: "charge_disputed",
    });
  const left = charge.amount - charge.amount_refunded;
  if (left === 0)
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, { code: "charge_already_refunded" });
  const amount = input.amount ?? left;
  if (amount < 1)
    throw invalidRequest("Invalid positive integer", { code: "parameter_invalid_integer", param: "amount" });
  if (amount > left)
    throw invalidRequest(
      `Refund amount (${dollars(amount)}) is greater than unrefunded amount on charge (${dollars(left)})`,
      {
        param: "amount",
      },
    );
  const made = make(world, "re_3");
  const movement = objects.balanceTransaction(
    make(world, "txn_3"),
    "refund",
    { id: made.id, currency: charge.currency },
    -amount,
  );
  world.state.put("balance_transaction", movement);
  const refund = world.state.put(
    "refund",
    objects.refund(made, charge, {
      amount,
      balance_transaction: movement.id,
      destination_details: {
        card: { reference_status: "pending", reference_type: "acquirer_reference_number", type: "refund" },
        type: "card",
      },
      metadata: input.metadata ?? {},
      reason: (input.reason as Stripe.Refund["reason"]) ?? null,
      status,
    }),
  );
  const refunded = world.state.put("charge", {
    ...charge,
    amount_refunded: charge.amount_refunded + amount,
    refunded: charge.amount_refunded + amount === charge.amount,
  });
  emit(world, "refund.created", refund);
  emit(world, "charge.refunded", refunded, { amount_refunded: charge.amount_refunded });
  return refund;
}

/** The bank refuses the money: it comes back to the account, and the charge counts as not refunded again. */
export function failRefund(world: World, id: string): Stripe.Refund {
  const refund = findRefund(world, id);
  if (refund.status === "failed") throw invalidRequest(`Refund ${id} has failed already.`);
  const charge = world.state.find("charge", refund.charge as string)!;
  const movement = objects.balanceTransaction(make(world, "txn_3"), "refund_failure", refund, refund.amount);
  world.state.put("balance_transaction", movement);
  const failed = world.state.put("refund", {
    ...refund,
    failure_balance_transaction: movement.id,
    failure_reason: "lost_or_stolen_card",
    status: "failed",
  });
  world.state.put("charge", { ...charge, amount_refunded: charge.amount_refunded - refund.amount, refunded: false });
  emit(world, "refund.updated", failed, { status: refund.status });
  emit(world, "refund.failed", failed, { status: refund.status });
  return failed;
}

export function findRefund(world: World, id: string): Stripe.Refund {
  const refund = world.state.find("refund", id);
  if (!refund) throw missing("refund", id);
  return refund;
}

function chargeOf(world: World, input: RefundInput): Stripe.Charge {
  if (input.charge) {
    const charge = world.state.find("charge", input.charge);
    if (!charge) throw missing("charge", input.charge, "charge");
    return succeeded(charge);
  }
  if (!input.payment_intent)
    throw invalidRequest("One of the following params should be provided for this request: payment_intent or charge.");
  const intent = world.state.find("payment_intent", input.payment_intent);
  if (!intent) throw missing("payment_intent", input.payment_intent, "payment_intent");
  const charge = intent.latest_charge && world.state.find("charge", intent.latest_charge as string);
  if (!charge)
    throw invalidRequest(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`, {
      param: "payment_intent",
    });
  return succeeded(charge);
}

function succeeded(charge: Stripe.Charge): Stripe.Charge {
  if (charge.status !== "succeeded")
    throw invalidRequest(`Charge ${charge.id} has not succeeded and cannot be refunded.`, { param: "charge" });
  return charge;
}

const dollars = (cents: number): string => `$${(cents / 100).toFixed(2)}`;
