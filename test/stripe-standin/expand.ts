// `expand[]`: ids replaced by the objects they name, and the sub-lists Stripe leaves out unless asked.
// docs.stripe.com/api/expanding_objects

import type Stripe from "stripe";
import { invalidRequest } from "./errors.ts";
import { page } from "./lists.ts";
import type { Kind } from "./state.ts";
import type { World } from "./world.ts";

const DEPTH_MAX = 4;
type Json = Record<string, unknown>;

/** A copy of `answer` with every path expanded. @throws StripeRefusal 400 for a path that leads nowhere. */
export function expand(world: World, answer: object, paths: readonly string[]): object {
  if (paths.length === 0) return answer;
  const copy = structuredClone(answer);
  for (const path of paths) {
    const steps = path.split(".");
    if (steps.length > DEPTH_MAX)
      throw invalidRequest(`You cannot expand more than ${DEPTH_MAX} levels of a property.`, { param: "expand" });
    step(world, copy as Json, steps, path);
  }
  return copy;
}

function step(world: World, object: Json, [name, ...rest]: string[], path: string): void {
  if (name === undefined) return;
  const value = object[name] ?? subList(world, object, name);
  if (value === undefined) throw invalidRequest(`This property cannot be expanded (${path}).`, { param: "expand" });
  const inFull = (item: unknown) => (typeof item === "string" ? structuredClone(lookUp(world, name, item)) : item);
  const expanded = Array.isArray(value) ? value.map(inFull) : inFull(value);
  object[name] = expanded;
  if (Array.isArray(expanded)) for (const item of expanded) step(world, item as Json, rest, path);
  else if (expanded && typeof expanded === "object") step(world, expanded as Json, rest, path);
}

const KIND_OF_FIELD: Record<string, Kind[]> = {
  customer: ["customer"],
  payment_intent: ["payment_intent"],
  latest_charge: ["charge"],
  charge: ["charge"],
  payment_method: ["payment_method"],
  balance_transaction: ["balance_transaction"],
  failure_balance_transaction: ["balance_transaction"],
  product: ["product"],
  default_price: ["price"],
  source: ["charge", "refund", "dispute", "transfer", "transfer_reversal"],
  transfer: ["transfer"],
  destination: ["account"],
  coupon: ["coupon"],
  promotion_code: ["promotion_code"],
  discounts: ["discount"],
};

function lookUp(world: World, field: string, id: string): object | string {
  for (const kind of KIND_OF_FIELD[field] ?? []) {
    const found = world.state.find(kind, id);
    if (found) return found;
  }
  // Stripe gives the source of every kind of movement; those nobody asks us about stay ids, which the SDK's type allows.
  if (field === "source") return id;
  throw invalidRequest(`This property cannot be expanded (${field}).`, { param: "expand" });
}

function subList(world: World, object: Json, name: string): unknown {
  const id = object.id as string;
  if (object.object === "checkout.session" && name === "line_items")
    return structuredClone(
      page(world.state.find("note.checkout", id)!.lineItems, `/v1/checkout/sessions/${id}/line_items`, {}),
    );
  if (object.object === "charge" && name === "refunds") {
    const refunds = world.state.all("refund").filter((refund) => refund.charge === id);
    return structuredClone(page(refunds.reverse(), `/v1/charges/${id}/refunds`, {}));
  }
  if (object.object === "invoice" && name === "payments") {
    const paid = world.state.find("note.invoice", id);
    return page(
      paid ? [invoicePayment(object as unknown as Stripe.Invoice, paid.intentId)] : [],
      `/v1/invoices/${id}/payments`,
      {},
    );
  }
  // Expanding what is null is allowed and changes nothing.
  return name in object ? null : undefined;
}

const invoicePayment = (invoice: Stripe.Invoice, intentId: string): Stripe.InvoicePayment => ({
  id: invoice.id.replace("in_", "inpay_"),
  object: "invoice_payment",
  amount_paid: invoice.amount_paid,
  amount_requested: invoice.amount_due,
  created: invoice.created,
  currency: invoice.currency,
  invoice: invoice.id,
  is_default: true,
  livemode: false,
  payment: { payment_intent: intentId, type: "payment_intent" },
  status: "paid",
  status_transitions: { canceled_at: null, paid_at: invoice.status_transitions.paid_at },
});
