// Disputes as Stripe has them now. docs.stripe.com/api/disputes

import type Stripe from "stripe";
import type { Millis } from "../clock.ts";
import { asking, isMissing } from "./stripe-errors.ts";

export interface DisputeFacts {
  id: string;
  /** `inquiry`: the bank asks and no money has moved; `closed`: an inquiry that ended so. `open`: the money is gone for now. */
  status: "inquiry" | "closed" | "open" | "won" | "lost";
  amountCents: number;
  currency: string;
  /** What Stripe has kept for it so far, less what it gave back. */
  feeCents: number;
  /** In Stripe's words, such as `fraudulent`. */
  reason: string;
  paymentIntentId: string | null;
  respondBy: Millis | null;
  createdAt: Millis;
}

/** Null when Stripe does not know it. */
export async function findDispute(stripe: Stripe, id: string): Promise<DisputeFacts | null> {
  const dispute = await asking(() => stripe.disputes.retrieve(id), isMissing());
  return dispute && factsOf(dispute);
}

/** A payment is disputed once at most, or after a dispute that was closed once more. */
const DISPUTES_MAX = 10;

/** Of one payment, oldest first. */
export async function listDisputes(stripe: Stripe, paymentIntentId: string): Promise<DisputeFacts[]> {
  const disputes = await asking(() => stripe.disputes.list({ payment_intent: paymentIntentId, limit: DISPUTES_MAX }));
  return (disputes?.data ?? []).map(factsOf).reverse();
}

function factsOf(dispute: Stripe.Dispute): DisputeFacts {
  const { payment_intent: intent, evidence_details: evidence } = dispute;
  return {
    id: dispute.id,
    status: statusOf(dispute.status),
    amountCents: dispute.amount,
    currency: dispute.currency,
    feeCents: Math.max(
      0,
      dispute.balance_transactions.reduce((sum, { fee }) => sum + fee, 0),
    ),
    reason: dispute.reason,
    paymentIntentId: typeof intent === "string" ? intent : (intent?.id ?? null),
    respondBy: evidence.due_by === null ? null : evidence.due_by * 1000,
    createdAt: dispute.created * 1000,
  };
}

function statusOf(status: Stripe.Dispute.Status): DisputeFacts["status"] {
  switch (status) {
    case "warning_needs_response":
    case "warning_under_review":
      return "inquiry";
    case "warning_closed":
    case "prevented":
      return "closed";
    case "needs_response":
    case "under_review":
    case "appeal_needs_response":
    case "appeal_under_review":
      return "open";
    case "won":
      return "won";
    case "lost":
      return "lost";
    default:
      // A status this version does not know: better heard of again than guessed.
      throw new Error(`Stripe says a dispute is ${String(status)}`);
  }
}
