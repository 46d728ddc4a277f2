// Buyers who ask their bank for the money back: an inquiry first or a dispute at once, the money and the fee that leave
// our balance, and how it ends. docs.stripe.com/disputes/how-disputes-work

import { Hono } from "hono";
import type Stripe from "stripe";
import { readBody } from "./body.ts";
import { findSession } from "./checkout.ts";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { invalidRequest, missing } from "./errors.ts";
import { LIST_PARAMS, listOf } from "./lists.ts";
import { emit, make, secondsNow, type World } from "./world.ts";

/** What Stripe keeps of every dispute, won or lost. */
const DISPUTE_FEE_CENTS = 1_500;
const RESPOND_WITHIN_SECONDS = 9 * 24 * 60 * 60;

export const DISPUTE_ENDPOINTS: readonly Endpoint[] = [
  endpoint(
    "GET",
    "/v1/disputes",
    { ...LIST_PARAMS, charge: "string", payment_intent: "string" },
    (world, { charge, payment_intent, ...params }) =>
      listOf(
        world,
        "dispute",
        "/v1/disputes",
        params,
        (one) => (!charge || one.charge === charge) && (!payment_intent || one.payment_intent === payment_intent),
      ),
  ),
  endpoint("GET", "/v1/disputes/:id", {}, (world, _, id) => findDispute(world, id)),
  /** We accept that the buyer is right. */
  endpoint("POST", "/v1/disputes/:id/close", {}, (world, _, id) => closeDispute(world, findDispute(world, id), "lost")),
];

/**
 * `POST /_dev/dispute/<ch_ | pi_ | cs_>` `{"step": "inquiry" | "opened" | "won" | "lost", "amount"?, "reason"?}`. An
 * inquiry that is opened, and a dispute that ends, keep their id. `won` after `lost` is a bank that changed its mind.
 */
export function disputeControls(world: World): Hono {
  const dev = new Hono();
  dev.post("/:charge", async (c) => {
    const body = await readBody(c);
    const charge = chargeOf(world, c.req.param("charge"));
    const known = world.state.all("dispute").findLast((one) => one.charge === charge.id);
    switch (body.step) {
      case "inquiry":
      case "opened": {
        const amount = typeof body.amount === "number" ? body.amount : charge.amount - charge.amount_refunded;
        const reason = typeof body.reason === "string" ? body.reason : "fraudulent";
        const asked =
          known?.status === "warning_needs_response" ? known : newDispute(world, charge, { amount, reason });
        return c.json(body.step === "inquiry" ? asked : openDispute(world, asked));
      }
      case "won":
      case "lost":
        if (!known) throw missing("dispute", charge.id);
        return c.json(closeDispute(world, known, body.step));
      default:
        throw invalidRequest("step must be one of inquiry, opened, won, lost", { param: "step" });
    }
  });
  return dev;
}

function findDispute(world: World, id: string): Stripe.Dispute {
  const dispute = world.state.find("dispute", id);
  if (!dispute) throw missing("dispute", id);
  return dispute;
}

function newDispute(world: World, charge: Stripe.Charge, asked: { amount: number; reason: string }): Stripe.Dispute {
  if (charge.disputed) throw invalidRequest(`Charge ${charge.id} is disputed already.`);
  const dispute = world.state.put("dispute", disputeObject(make(world, "du_1"), charge, asked));
  emit(world, "charge.dispute.created", dispute);
  return dispute;
}

/** The bank takes the money: from now on it is a dispute and not an inquiry. */
function openDispute(world: World, asked: Stripe.Dispute): Stripe.Dispute {
  const charge = world.state.find("charge", asked.charge as string)!;
  world.state.put("charge", { ...charge, disputed: true });
  const opened = world.state.put("dispute", {
    ...asked,
    balance_transactions: [movement(world, asked, -asked.amount, DISPUTE_FEE_CENTS)],
    is_charge_refundable: false,
    payment_method_details: cardDetails("chargeback"),
    status: "needs_response",
  });
  emit(world, "charge.dispute.funds_withdrawn", opened);
  emit(world, "charge.dispute.updated", opened, { status: asked.status });
  return opened;
}

function closeDispute(world: World, dispute: Stripe.Dispute, outcome: "won" | "lost"): Stripe.Dispute {
  if (dispute.status === outcome) throw invalidRequest(`This dispute is ${outcome} already.`);
  // A bank that changes its mind does so for us; what would take the money a second time is a dispute of its own.
  if (dispute.status === "won") throw invalidRequest("This dispute is won and stays so.");
  const isInquiry = dispute.status.startsWith("warning_");
  if (isInquiry && outcome === "lost") return closeDispute(world, openDispute(world, dispute), "lost");
  const closed = world.state.put("dispute", {
    ...dispute,
    balance_transactions:
      outcome === "won" && !isInquiry
        ? [...dispute.balance_transactions, movement(world, dispute, dispute.amount, 0)]
        : dispute.balance_transactions,
    status: isInquiry ? "warning_closed" : outcome,
  });
  if (outcome === "won" && !isInquiry) emit(world, "charge.dispute.funds_reinstated", closed);
  emit(world, "charge.dispute.closed", closed, { status: dispute.status });
  return closed;
}

function movement(world: World, dispute: Stripe.Dispute, amount: number, fee: number): Stripe.BalanceTransaction {
  const made = make(world, "txn_1");
  return world.state.put("balance_transaction", {
    object: "balance_transaction",
    amount,
    available_on: secondsNow(world),
    balance_type: "payments",
    currency: dispute.currency,
    description: amount < 0 ? `Chargeback withdrawal for ${dispute.charge as string}` : "Chargeback reversal",
    exchange_rate: null,
    fee,
    fee_details: fee
      ? [{ amount: fee, application: null, currency: dispute.currency, description: "Dispute fee", type: "stripe_fee" }]
      : [],
    net: amount - fee,
    reporting_category: amount < 0 ? "dispute" : "dispute_reversal",
    source: dispute.id,
    status: "available",
    type: "adjustment",
    ...made,
  });
}

function chargeOf(world: World, id: string): Stripe.Charge {
  const intentId = id.startsWith("cs_") ? (findSession(world, id).payment_intent as string | null) : id;
  const intent = world.state.find("payment_intent", String(intentId));
  const charge = world.state.find("charge", String(intent ? intent.latest_charge : id));
  if (!charge) throw missing("charge", id);
  if (charge.status !== "succeeded") throw invalidRequest(`Charge ${charge.id} took no money that could be disputed.`);
  return charge;
}

const cardDetails = (caseType: "inquiry" | "chargeback"): Stripe.Dispute.PaymentMethodDetails => ({
  card: { brand: "visa", case_type: caseType, network: "visa", network_reason_code: "10.4" },
  type: "card",
});

const disputeObject = (
  made: { id: string; created: number },
  charge: Stripe.Charge,
  { amount, reason }: { amount: number; reason: string },
): Stripe.Dispute => ({
  object: "dispute",
  amount,
  balance_transactions: [],
  charge: charge.id,
  currency: charge.currency,
  enhanced_eligibility_types: [],
  evidence: {
    access_activity_log: null,
    billing_address: null,
    cancellation_policy: null,
    cancellation_policy_disclosure: null,
    cancellation_rebuttal: null,
    customer_communication: null,
    customer_email_address: null,
    customer_name: null,
    customer_purchase_ip: null,
    customer_signature: null,
    duplicate_charge_documentation: null,
    duplicate_charge_explanation: null,
    duplicate_charge_id: null,
    enhanced_evidence: {},
    product_description: null,
    receipt: null,
    refund_policy: null,
    refund_policy_disclosure: null,
    refund_refusal_explanation: null,
    service_date: null,
    service_documentation: null,
    shipping_address: null,
    shipping_carrier: null,
    shipping_date: null,
    shipping_documentation: null,
    shipping_tracking_number: null,
    uncategorized_file: null,
    uncategorized_text: null,
  },
  evidence_details: {
    due_by: made.created + RESPOND_WITHIN_SECONDS,
    enhanced_eligibility: {},
    has_evidence: false,
    past_due: false,
    submission_count: 0,
    submission_method: "not_submitted",
  },
  intended_submission_method: null,
  is_charge_refundable: true,
  livemode: false,
  metadata: {},
  payment_intent: charge.payment_intent,
  payment_method_details: cardDetails("inquiry"),
  reason,
  status: "warning_needs_response",
  ...made,
});
