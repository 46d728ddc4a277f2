// What an operator makes of a complaint: tokens back, money back to the card, or an answer why not. The decision and what
// it moves commit together, once.

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { reverseStatement } from "../ledger/store.ts";
import type { StripeEnv } from "../gateways/stripe.ts";
import type { Notice } from "../payments/notice.ts";
import { carryOut } from "../payments/refund-order.ts";
import { complaintView, type ComplaintView } from "./complain.ts";
import { decideStatement, findComplaint, orderBehind, refundReversal } from "./store.ts";

export type Decision =
  /** So many tokens of the session come back to the wallet; null: all that was charged. */
  | { kind: "reverse"; tokens: number | null }
  /** The same, and what was bought of them goes on to the card. */
  | { kind: "refund"; tokens: number | null }
  | { kind: "decline" };

const FIRST_TRY_MS = 60 * 1000;

/**
 * Decide a complaint. Idempotent by `claim`; a second decision is refused.
 * @throws DomainError `complaint_not_found`; `complaint_decided`; `complaint_not_possible` when more than what is left of the
 *   charge should come back; `refund_not_possible` when no purchase stands behind the session, or its price has gone back.
 */
export async function decideComplaint(
  env: StripeEnv & { DB: D1Database },
  it: { id: string; decision: Decision; answer: string; operatorId: string; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<{ complaint: ComplaintView; notices: Notice[] }> {
  const complaint = await findComplaint(env.DB, it.id);
  if (!complaint) throw new DomainError("complaint_not_found", "There is no such complaint.");
  if (complaint.status !== "open") throw decided();
  const { decision } = it;
  const left = complaint.settledTokens - complaint.returnedTokens;
  const tokens = decision.kind === "decline" ? 0 : (decision.tokens ?? left);
  if (decision.kind !== "decline" && (tokens < 1 || tokens > left))
    throw new DomainError(
      "complaint_not_possible",
      `Of this session ${left} tokens can come back; choose from 1 to that.`,
      {
        leftTokens: left,
      },
    );
  const order = decision.kind === "refund" ? await orderBehind(env.DB, complaint.sessionId) : null;
  if (decision.kind === "refund" && !order) throw noMoneyBehind();

  const reversalId = newId(now);
  const requestId = order ? newId(now) : null;
  const status = decision.kind === "decline" ? ("declined" as const) : ("granted" as const);
  const answer = complaintView({
    ...complaint,
    status,
    decidedAt: now,
    answer: it.answer,
    reversedTokens: tokens,
    refundRequestId: requestId,
  });
  const by = { operatorId: it.operatorId, reason: `complaint ${complaint.id}: ${it.answer}` };
  try {
    await env.DB.batch([
      // First, so that a complaint that was decided meanwhile moves nothing.
      decideStatement(
        env.DB,
        {
          id: complaint.id,
          status,
          operatorId: it.operatorId,
          answer: it.answer,
          reversedTokens: tokens,
          refundRequestId: null,
        },
        now,
      ),
      ...(tokens > 0
        ? [
            reverseStatement(env.DB, {
              id: reversalId,
              sessionId: complaint.sessionId,
              tokens,
              reason: `complaint ${complaint.id}`,
              at: now,
            }),
          ]
        : []),
      ...(requestId && order
        ? [
            refundReversal(
              env.DB,
              { ...by, requestId, reversalId, orderId: order.orderId, nextTryAt: now + FIRST_TRY_MS },
              now,
            ),
            decideStatement(
              env.DB,
              {
                id: complaint.id,
                status,
                operatorId: it.operatorId,
                answer: it.answer,
                reversedTokens: tokens,
                refundRequestId: requestId,
              },
              now,
            ),
          ]
        : []),
      ...(await recordAnswer(env.DB, it.claim, { status: 200, body: { complaint: answer } }, now)),
    ]);
  } catch (error) {
    throw asRefusal(error);
  }
  return { complaint: answer, notices: requestId ? await carryOut(env, requestId, now) : [] };
}

function asRefusal(error: unknown): unknown {
  const message = String((error as Error)?.message);
  if (/complaint_decided/.test(message)) return decided();
  if (/reversal_exceeds_use|session_not_settled/.test(message))
    return new DomainError(
      "complaint_not_possible",
      "Meanwhile tokens of this session have come back. Look at it again.",
    );
  if (/refund_not_possible|refund_in_progress|refund_requests\.order_id/.test(message)) return noMoneyBehind();
  return error;
}

const decided = () =>
  new DomainError("complaint_decided", "This complaint has an answer already; a further one needs a new report.");
const noMoneyBehind = () =>
  new DomainError(
    "refund_not_possible",
    "No purchase stands behind this session whose money could go back now. Give the tokens back instead.",
    { reason: "nothing_left" },
  );
