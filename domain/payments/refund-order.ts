// Unspent tokens back to the card they were bought with. The tokens are set aside first, then Stripe is asked, and
// reconcile.ts books what Stripe made of it; cron goes on with whatever was left half done.

import { iso, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { listRefunds, refundPayment, stripeClient, type StripeEnv } from "../gateways/stripe.ts";
import { StripeRefused, StripeUnavailable } from "../gateways/stripe-errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { readSettings } from "../settings/read-settings.ts";
import type { CaughtUp, Notice } from "./notice.ts";
import { reconcile } from "./reconcile.ts";
import {
  dueRequests,
  insertRequest,
  noteTry,
  readRefundable,
  readRequest,
  refuseRequest,
  takeNextKey,
  type Refundable,
  type RefundRequest,
} from "./refund-store.ts";
import { findOrder } from "./store.ts";

type RefundEnv = StripeEnv & { DB: D1Database };

const DAY_MS = 24 * 60 * 60 * 1000;
/** In which refunds a person asked for are counted. */
const REFUNDS_COUNTED_MS = 30 * DAY_MS;
/** The first look of cron, when the request itself did not get through; later ones after as long again. */
export const FIRST_TRY_MS = 60 * 1000;
const TRY_PAUSE_MAX_MS = 60 * 60 * 1000;

export type WhyNotRefundable =
  | "not_paid"
  | "nothing_left"
  | "too_late"
  | "in_progress"
  | "disputed"
  | "too_many"
  | "account_blocked";

export interface RefundQuote {
  orderId: string;
  /** Null: it can be refunded. */
  whyNot: WhyNotRefundable | null;
  /** All that is unspent of the order, and what comes back for it. */
  tokens: number;
  amount: { amount: number; currency: string };
  /** Until when the person may ask; null before it is paid. */
  until: string | null;
}

/** What a person would get back now. @throws DomainError `order_not_found` */
export async function quoteRefund(
  db: D1Database,
  it: { orderId: string; userId: string },
  now: Millis,
): Promise<RefundQuote> {
  return (await judge(db, it, now)).quote;
}

async function judge(db: D1Database, it: { orderId: string; userId: string }, now: Millis) {
  const [facts, settings] = await Promise.all([
    readRefundable(db, it.orderId, now - REFUNDS_COUNTED_MS),
    readSettings(db, now),
  ]);
  if (facts?.userId !== it.userId) throw new DomainError("order_not_found", "There is no such order in your account.");
  const untilMs = facts.paidAt === null ? null : facts.paidAt + settings.refundDays * DAY_MS;
  const quote: RefundQuote = {
    orderId: facts.orderId,
    whyNot: whyNot(facts, { untilMs, refundsMax: settings.refundsPerMonthMax }, now),
    tokens: facts.tokens,
    amount: { amount: facts.amountCents, currency: facts.currency },
    until: untilMs === null ? null : iso(untilMs),
  };
  return { facts, quote };
}

function whyNot(
  facts: Refundable,
  limits: { untilMs: Millis | null; refundsMax: number },
  now: Millis,
): WhyNotRefundable | null {
  if (limits.untilMs === null) return "not_paid";
  if (facts.inProgress) return "in_progress";
  if (facts.isDisputed) return "disputed";
  if (facts.isBlocked) return "account_blocked";
  if (facts.tokens === 0 || facts.amountCents === 0 || facts.leftCents < facts.amountCents) return "nothing_left";
  if (now >= limits.untilMs) return "too_late";
  if (facts.askedLately >= limits.refundsMax) return "too_many";
  return null;
}

const WHY_NOT_TEXT: Record<WhyNotRefundable, string> = {
  not_paid: "This order was not paid, so there is nothing to give back.",
  nothing_left: "Nothing of this purchase is unspent any more.",
  too_late: "The time to return this purchase yourself is over. Write to us and we look at it.",
  in_progress: "A refund of this purchase is on its way already.",
  disputed: "This payment is disputed at the bank, which decides about it now.",
  too_many: "You have returned several purchases lately. Write to us and we look at this one.",
  account_blocked: "Your account is stopped while a payment is being settled. Write to us.",
};

export interface RefundView {
  id: string;
  orderId: string;
  tokens: number;
  amount: { amount: number; currency: string };
  status: RefundRequest["status"];
}
export const refundView = (it: RefundRequest): RefundView => ({
  id: it.id,
  orderId: it.orderId,
  tokens: it.tokens,
  amount: { amount: it.amountCents, currency: it.currency },
  status: it.status,
});

/**
 * A person returns what is unspent of a purchase, within the limits of the settings. Idempotent by `claim`; the answer
 * says `on_its_way`, because a card refund takes days anyway and goes on without the caller.
 * @throws DomainError `order_not_found`; `refund_not_possible` (with `reason`)
 */
export async function refundByBuyer(
  env: RefundEnv,
  it: { orderId: string; userId: string; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<{ refund: RefundView; notices: Notice[] }> {
  const { facts, quote } = await judge(env.DB, it, now);
  if (quote.whyNot) throw new DomainError("refund_not_possible", WHY_NOT_TEXT[quote.whyNot], { reason: quote.whyNot });
  return request(
    env,
    { facts, tokens: facts.tokens, extraCents: 0, operatorId: null, reason: "returned by the buyer" },
    it.claim,
    now,
  );
}

/**
 * An operator gives money back: so many unspent tokens (all unless said), and on top `extraCents` for nothing in return,
 * which is booked as a loss. No limits but the price.
 * @throws DomainError `order_not_found`; `refund_not_possible` (with `reason`)
 */
export async function refundByOperator(
  env: RefundEnv,
  it: {
    orderId: string;
    operatorId: string;
    tokens: number | null;
    extraCents: number;
    reason: string;
    claim: IdempotencyClaim | null;
  },
  now: Millis,
): Promise<{ refund: RefundView; notices: Notice[] }> {
  const facts = await readRefundable(env.DB, it.orderId, now);
  if (!facts) throw new DomainError("order_not_found", "There is no such order.");
  const tokens = it.tokens ?? facts.tokens;
  const reason =
    facts.paidAt === null
      ? "not_paid"
      : facts.inProgress
        ? "in_progress"
        : facts.isDisputed
          ? "disputed"
          : tokens > facts.tokens || tokens + it.extraCents === 0
            ? "nothing_left"
            : null;
  if (reason) throw new DomainError("refund_not_possible", WHY_NOT_TEXT[reason], { reason });
  return request(
    env,
    { facts, tokens, extraCents: it.extraCents, operatorId: it.operatorId, reason: it.reason },
    it.claim,
    now,
  );
}

async function request(
  env: RefundEnv,
  it: { facts: Refundable; tokens: number; extraCents: number; operatorId: string | null; reason: string },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ refund: RefundView; notices: Notice[] }> {
  const { facts, tokens, extraCents } = it;
  const isAll = tokens === facts.tokens;
  const id = newId(now);
  const insert = insertRequest(env.DB, {
    ...it,
    id,
    orderId: facts.orderId,
    lotId: null,
    // What the person was shown for all of it; a part is worked out where it is posted.
    amountCents: isAll ? facts.amountCents + extraCents : null,
    nextTryAt: now + FIRST_TRY_MS,
    createdAt: now,
  });
  const answer: RefundView = {
    id,
    orderId: facts.orderId,
    tokens,
    amount: { amount: partOf(facts, tokens) + extraCents, currency: facts.currency },
    status: "on_its_way",
  };
  try {
    await env.DB.batch([
      insert,
      ...(await recordAnswer(env.DB, claim, { status: 200, body: { refund: answer } }, now)),
    ]);
  } catch (error) {
    throw asRefusal(error);
  }
  return { refund: answer, notices: await carryOut(env, id, now) };
}

/** floor(paid x tokens / unspent): what a part costs is exact only in the books; this is what is shown. */
const partOf = (facts: Refundable, tokens: number): number =>
  facts.tokens === 0 ? 0 : Number((BigInt(facts.amountCents) * BigInt(tokens)) / BigInt(facts.tokens));

/** The tokens moved between looking and asking. */
function asRefusal(error: unknown): unknown {
  const message = String((error as Error)?.message);
  if (/refund_in_progress|refund_requests\.order_id/.test(message))
    return new DomainError("refund_not_possible", WHY_NOT_TEXT.in_progress, { reason: "in_progress" });
  if (/refund_not_possible|refund_changed/.test(message))
    return new DomainError("refund_not_possible", WHY_NOT_TEXT.nothing_left, { reason: "nothing_left" });
  return error;
}

/**
 * Ask Stripe for a refund that is set aside, and book what it says. Repeatable: the key at Stripe is the request's own,
 * and where an earlier try may have got through, Stripe's refunds are looked at first.
 */
export async function carryOut(env: RefundEnv, requestId: string, now: Millis): Promise<Notice[]> {
  const known = await readRequest(env.DB, requestId);
  if (known?.status !== "on_its_way" || !known.paymentIntentId) return [];
  await noteTry(env.DB, known.id, now + Math.min(FIRST_TRY_MS * 2 ** known.tries, TRY_PAUSE_MAX_MS)).run();
  try {
    if (known.tries > 0) {
      const looked = await bookOrder(env, known.orderId, now);
      if ((await readRequest(env.DB, known.id))?.status !== "on_its_way") return looked;
      // It was made and has failed before we ever booked it: asking again would only repeat Stripe's first answer.
      const made = await listRefunds(await stripeClient(env), known.paymentIntentId);
      if (made.some(({ requestId, stands }) => requestId === known.id && !stands))
        return await refused(env, known, "refund_failed", now);
    }
    await refundPayment(await stripeClient(env), {
      refundId: known.id,
      paymentIntentId: known.paymentIntentId,
      amountCents: known.amountCents,
      keyNumber: known.keyNumber,
    });
    return await bookOrder(env, known.orderId, now);
  } catch (error) {
    if (error instanceof StripeUnavailable) {
      if (!error.isWorthRepeating) await takeNextKey(env.DB, known.id).run();
      return [];
    }
    if (!(error instanceof StripeRefused)) throw error;
    return await refused(env, known, error.code, now);
  }
}

/** Nothing reached the card: the tokens go back. */
async function refused(
  env: RefundEnv,
  { id, orderId }: Pick<RefundRequest, "id" | "orderId">,
  code: string,
  now: Millis,
): Promise<Notice[]> {
  await refuseRequest(env.DB, id, code, now).run();
  return [{ message: "refund refused", requestId: id, orderId, code }];
}

async function bookOrder(env: RefundEnv, orderId: string, now: Millis): Promise<Notice[]> {
  const order = await findOrder(env.DB, orderId);
  return order ? (await reconcile(env, order, now)).notices : [];
}

const REQUESTS_MAX = 50;

/** Go on with refunds that are set aside and not made. Run every minute. */
export async function finishRefunds(env: RefundEnv, now: Millis): Promise<CaughtUp> {
  const outcome: CaughtUp = { notices: [], failures: [] };
  for (const { id } of await dueRequests(env.DB, now, REQUESTS_MAX)) {
    try {
      outcome.notices.push(...(await carryOut(env, id, now)));
    } catch (error) {
      outcome.failures.push({ id, error: String(error) });
    }
  }
  return outcome;
}
