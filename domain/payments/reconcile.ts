// One order brought in line with what Stripe says about it now. Called from the webhook, from the page the buyer comes
// back to and from cron; it fetches everything itself, so it does not matter which of them comes, how often, or in what
// order.

import type { Millis } from "../clock.ts";
import { stripeClient, type CheckoutFacts, type StripeEnv } from "../gateways/stripe.ts";
import { closePage, findPayment } from "../gateways/stripe-off-session.ts";
import { readSettings } from "../settings/read-settings.ts";
import { holdIfSuspicious, noteCard } from "../trust/store.ts";
import { repayDebts } from "./debt-store.ts";
import { giveBackOrder } from "./erasure-store.ts";
import type { Notice } from "./notice.ts";
import {
  closeUnpaid,
  markPaid,
  postpone,
  postRefund,
  readOrder,
  readShortfalls,
  type Order,
  type OrderProblem,
  type Shortfall,
} from "./store.ts";

export interface Reconciled {
  /** As it stands afterwards. */
  order: Order;
  notices: Notice[];
}

/** Cron looks at an open order first after this, then after as long again as it is old, at most hourly. */
export const FIRST_CHECK_MS = 2 * 60 * 1000;
const CHECK_PAUSE_MAX_MS = 60 * 60 * 1000;
/** A Checkout page lives 24 h (Stripe's default). An order that never got one is over after that and an hour. */
const NEVER_OPENED_MS = 25 * 60 * 60 * 1000;

type Verdict =
  | { kind: "paid"; checkout: CheckoutFacts }
  | { kind: "open"; isProcessing: boolean }
  | { kind: "expired" }
  | { kind: "failed" }
  | { kind: "problem"; problem: OrderProblem };

/**
 * Bring one order and its refunds into the books. Repeatable and safe beside itself: one D1 batch, whose statements each
 * change nothing the second time.
 * @param alongside Statements for the same batch, such as marking an event as done.
 * @throws DomainError `payment_provider_unavailable`
 */
export async function reconcile(
  env: StripeEnv & { DB: D1Database },
  order: Order,
  now: Millis,
  alongside: D1PreparedStatement[] = [],
): Promise<Reconciled> {
  const hasLeft = order.buyerErasedAt !== null;
  if (hasLeft && order.status === "open" && order.checkoutId)
    await closePage(await stripeClient(env), order.checkoutId);
  const checkout = order.checkoutId ? await findPayment(await stripeClient(env), order.checkoutId) : null;
  const verdict = judge(order, checkout, now);
  const trust =
    verdict.kind === "paid" && order.paidAt === null ? await trustStatements(env.DB, order, verdict.checkout, now) : [];
  const results = await env.DB.batch([
    ...statementsFor(env.DB, order, verdict, now, trust),
    // Also where we believe them there: they may have left since the order was read.
    ...(verdict.kind === "paid" && (hasLeft || order.paidAt === null) ? [giveBackOrder(env.DB, order.id, now)] : []),
    ...alongside,
    readShortfalls(env.DB, order.id),
    readOrder(env.DB, order.id),
  ]);
  const settled = results.at(-1)!.results[0] as Order;
  const shortfalls = results.at(-2)!.results as Shortfall[];
  // Every event of a refund leads here; what is not new is not told again.
  const isNews = settled.refundedCents !== order.refundedCents;
  return { order: settled, notices: noticesOf(order, verdict, isNews ? shortfalls : []) };
}

/** What Stripe's answer means for the order. A page is believed only if it names the order and charged its price. */
export function judge(order: Order, checkout: CheckoutFacts | null, now: Millis): Verdict {
  if (!checkout) {
    if (order.checkoutId)
      return order.paidAt ? { kind: "open", isProcessing: false } : { kind: "problem", problem: "checkout_missing" };
    return now - order.createdAt > NEVER_OPENED_MS ? { kind: "expired" } : { kind: "open", isProcessing: false };
  }
  if (checkout.reference !== order.id) return { kind: "problem", problem: "reference_mismatch" };
  if (checkout.paymentStatus !== "unpaid") {
    const isTaxRight = order.taxMode === "added" || checkout.taxCents === 0;
    // What is gone on with here is what the order asked for; once it is paid, a code of Stripe's is off its price.
    const asked = order.amountCents + order.stripeDiscountCents;
    const isPrice =
      isTaxRight &&
      checkout.amountCents === asked - checkout.discountCents + checkout.taxCents &&
      checkout.currency === order.currency;
    if (isPrice && asked > 0 && checkout.discountCents === asked) return { kind: "problem", problem: "nothing_paid" };
    return checkout.paymentStatus === "paid" && checkout.status === "complete" && isPrice
      ? { kind: "paid", checkout }
      : { kind: "problem", problem: "amount_mismatch" };
  }
  if (checkout.status === "expired") return { kind: "expired" };
  // Complete and unpaid: a bank debit or the like, whose money comes days later or does not.
  return checkout.hasFailed ? { kind: "failed" } : { kind: "open", isProcessing: checkout.status === "complete" };
}

function statementsFor(
  db: D1Database,
  order: Order,
  verdict: Verdict,
  now: Millis,
  trust: D1PreparedStatement[],
): D1PreparedStatement[] {
  switch (verdict.kind) {
    case "paid":
      return [
        markPaid(db, order.id, verdict.checkout, now),
        ...trust,
        ...verdict.checkout.refunds.map((refund) => postRefund(db, order.id, refund, now)),
      ];
    case "open":
      return [
        postpone(db, order.id, {
          nextCheckAt: nextCheck(order, now),
          checkoutId: order.checkoutId,
          processingSince: verdict.isProcessing ? now : null,
        }),
      ];
    case "expired":
    case "failed":
      return [closeUnpaid(db, order.id, verdict.kind, null)];
    case "problem":
      return [closeUnpaid(db, order.id, "failed", verdict.problem)];
  }
}

/** What the buyer owes is paid back first; which card it was, and whether the rest waits until somebody has looked. */
async function trustStatements(db: D1Database, order: Order, checkout: CheckoutFacts, now: Millis) {
  const settings = await readSettings(db, now);
  const fingerprint = checkout.cardFingerprint;
  const rules = {
    holdHours: settings.reviewHoldHours,
    declinesMin: settings.reviewDeclines,
    cardsCount: settings.cardSharingRules,
    cardPeopleMax: settings.cardPeopleMax,
  };
  return [
    repayDebts(db, order.id, now),
    ...(fingerprint ? [noteCard(db, order.id, fingerprint, now)] : []),
    ...(rules.holdHours > 0 ? [holdIfSuspicious(db, { orderId: order.id, fingerprint, rules }, now)] : []),
  ];
}

export const nextCheck = (order: Order, now: Millis): Millis =>
  now + Math.min(Math.max(now - order.createdAt, FIRST_CHECK_MS), CHECK_PAUSE_MAX_MS);

const noticesOf = (order: Order, verdict: Verdict, shortfalls: Shortfall[]): Notice[] => [
  ...(verdict.kind === "problem"
    ? [{ message: "order not credited" as const, orderId: order.id, problem: verdict.problem }]
    : []),
  ...shortfalls.map((shortfall) => ({ message: "refund larger than what is unspent" as const, ...shortfall })),
];
