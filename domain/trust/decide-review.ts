// What an operator makes of a purchase that is held: let it go, or give the money back.

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import type { StripeEnv } from "../gateways/stripe.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import type { Notice } from "../payments/notice.ts";
import { carryOut, FIRST_TRY_MS } from "../payments/refund-order.ts";
import { insertRequest, readRefundable } from "../payments/refund-store.ts";
import { endReview } from "./store.ts";

/**
 * Once, with a reason that is kept. Idempotent by `claim`.
 * @throws DomainError `order_not_found`; `complaint_decided` where it has ended; `refund_not_possible`
 */
export async function decideReview(
  env: StripeEnv & { DB: D1Database },
  it: {
    orderId: string;
    decision: "release" | "refund";
    reason: string;
    operatorId: string;
    claim: IdempotencyClaim | null;
  },
  now: Millis,
): Promise<Notice[]> {
  const facts = await readRefundable(env.DB, it.orderId, now);
  if (!facts) throw new DomainError("order_not_found", "There is no such order.");
  const requestId = it.decision === "refund" ? newId(now) : null;
  if (facts.heldTokens === 0) throw notHeld();
  await env.DB.batch([
    endReview(
      env.DB,
      {
        orderId: facts.orderId,
        status: requestId ? "refunded" : "released",
        by: it.operatorId,
        reason: it.reason,
      },
      now,
    ),
    ...(requestId
      ? [
          insertRequest(env.DB, {
            id: requestId,
            orderId: facts.orderId,
            lotId: null,
            tokens: facts.heldTokens + facts.tokens,
            extraCents: 0,
            amountCents: null,
            operatorId: it.operatorId,
            reason: it.reason,
            nextTryAt: now + FIRST_TRY_MS,
            createdAt: now,
          }),
        ]
      : []),
    ...(await recordAnswer(env.DB, it.claim, { status: 200, body: { decided: true } }, now)),
  ]).catch((error: unknown) => {
    throw asRefusal(error);
  });
  return requestId ? carryOut(env, requestId, now) : [];
}

function asRefusal(error: unknown): unknown {
  const message = String((error as Error)?.message);
  if (/review_decided/.test(message)) return notHeld();
  if (/refund_not_possible|refund_in_progress/.test(message))
    return new DomainError("refund_not_possible", "This payment is disputed or on its way back already.");
  return error;
}

const notHeld = () =>
  new DomainError("complaint_decided", "This purchase is not held any more. Look at the list again.");
