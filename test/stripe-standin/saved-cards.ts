// Payment methods kept for a customer: attached when a payment with `setup_future_usage` succeeds, listed, and detached.
// One that was only paid with belongs to nobody (docs.stripe.com/payments/save-during-payment).

import type Stripe from "stripe";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { invalidRequest, missing } from "./errors.ts";
import { LIST_PARAMS, listOf } from "./lists.ts";
import { emit, type World } from "./world.ts";

/** Keep a method for a customer. */
export function attach(world: World, method: Stripe.PaymentMethod, customerId: string): Stripe.PaymentMethod {
  const kept = world.state.put("payment_method", { ...method, customer: customerId });
  emit(world, "payment_method.attached", kept);
  return kept;
}

function detach(world: World, id: string): Stripe.PaymentMethod {
  const known = findMethod(world, id);
  if (known.customer === null)
    throw invalidRequest("The payment method you provided is not attached to a customer so detachment is impossible.", {
      param: "payment_method",
    });
  const detached = world.state.put("payment_method", { ...known, customer: null });
  emit(world, "payment_method.detached", detached, { customer: known.customer });
  return detached;
}

export function findMethod(world: World, id: string): Stripe.PaymentMethod {
  const method = world.state.find("payment_method", id);
  if (!method) throw missing("payment_method", id, "payment_method");
  return method;
}

const isOf = (customerId: string, type: string | undefined) => (method: Stripe.PaymentMethod) =>
  method.customer === customerId && (!type || method.type === type);

export const CARD_ENDPOINTS: readonly Endpoint[] = [
  endpoint(
    "GET",
    "/v1/customers/:id/payment_methods",
    { ...LIST_PARAMS, type: "string", allow_redisplay: "string" },
    (world, { type, allow_redisplay, ...params }, id) => {
      if (!world.state.find("customer", id)) throw missing("customer", id, "customer");
      const isWanted = (method: Stripe.PaymentMethod) =>
        isOf(id, type)(method) && (!allow_redisplay || method.allow_redisplay === allow_redisplay);
      return listOf(world, "payment_method", `/v1/customers/${id}/payment_methods`, params, isWanted);
    },
  ),
  endpoint(
    "GET",
    "/v1/payment_methods",
    { ...LIST_PARAMS, customer: "string", type: "string" },
    (world, { customer, type, ...params }) => {
      if (!customer) return listOf(world, "payment_method", "/v1/payment_methods", params, () => false);
      return listOf(world, "payment_method", "/v1/payment_methods", params, isOf(customer, type));
    },
  ),
  endpoint("GET", "/v1/payment_methods/:id", {}, (world, _, id) => findMethod(world, id)),
  endpoint("POST", "/v1/payment_methods/:id/detach", {}, (world, _, id) => detach(world, id)),
];
