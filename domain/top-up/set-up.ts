// The person's side of automatic top-up: what is set, what it did, and turning it on, which is their consent to be
// charged while away.

import { iso, isoOrNull, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import type { StripeEnv } from "../gateways/stripe.ts";
import { savedCards } from "../payments/cards.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { TOKEN_CENTS } from "../money.ts";
import { periodAround } from "../spending/periods.ts";
import type { FuseState } from "./fuse.ts";
import { boughtSince, putRule, readRule, recentFirings, type FiringOrder } from "./store.ts";

export type SetUpEnv = StripeEnv & { DB: D1Database; WEB_ORIGIN: string };
export interface TopUpWish {
  enabled: boolean;
  thresholdTokens: number;
  topUpTokens: number;
  dayMaxTokens: number;
  monthMaxTokens: number;
}
/** What the page proposes before anything was set: a card is never charged more than $40 a day by it. */
export const PROPOSED: TopUpWish = {
  enabled: false,
  thresholdTokens: 500,
  topUpTokens: 2_000,
  dayMaxTokens: 4_000,
  monthMaxTokens: 20_000,
};
const SHOWN_MAX = 10;

export interface TopUpView extends Omit<TopUpWish, "enabled"> {
  state: FuseState;
  failures: number;
  card: { brand: string; last4: string } | null;
  dayTokens: number;
  monthTokens: number;
  dayResetsAt: string;
  monthResetsAt: string;
  attempts: {
    orderId: string;
    state: FiringOrder["state"];
    tokens: number;
    amountCents: number;
    reason: string | null;
    /** Where the person can pay what the bank wanted them for. */
    checkoutUrl: string | null;
    at: string;
    endedAt: string | null;
  }[];
}

export async function viewTopUp(env: SetUpEnv, userId: string, now: Millis): Promise<TopUpView> {
  const [rule, attempts, [card]] = await Promise.all([
    readRule(env.DB, userId),
    recentFirings(env.DB, userId, SHOWN_MAX),
    savedCards(env, userId),
  ]);
  const { enabled: _, ...proposed } = PROPOSED;
  const [day, month] = [periodAround("day", now), periodAround("month", now)];
  const bought = await boughtSince(env.DB, userId, day.from, month.from);
  return {
    ...(rule
      ? {
          thresholdTokens: rule.thresholdTokens,
          topUpTokens: rule.topUpTokens,
          dayMaxTokens: rule.dayMaxTokens,
          monthMaxTokens: rule.monthMaxTokens,
        }
      : proposed),
    state: rule?.state ?? "off",
    failures: rule?.failures ?? 0,
    card: card ? { brand: card.brand, last4: card.last4 } : null,
    ...bought,
    dayResetsAt: iso(day.until),
    monthResetsAt: iso(month.until),
    attempts: attempts.map((one) => ({
      orderId: one.orderId,
      state: one.state,
      tokens: one.tokens,
      amountCents: one.amountCents,
      reason: one.reason,
      checkoutUrl: one.state === "asked" && one.orderStatus === "open" ? one.checkoutUrl : null,
      at: iso(one.at),
      endedAt: isoOrNull(one.endedAt),
    })),
  };
}

/**
 * Set the standing order. Turning it on is consent to off-session charges within its caps, and puts a tripped fuse back.
 * @throws DomainError `saved_card_needed`; `invalid_request` when the caps could never be kept.
 */
export async function setTopUp(
  env: SetUpEnv,
  person: { userId: string; walletId: string },
  wish: TopUpWish,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ saved: true }> {
  refuseNonsense(wish);
  if (wish.enabled) await refuseWithoutCard(env, person.userId, wish);
  const { enabled, ...amounts } = wish;
  const answer = { saved: true as const };
  await env.DB.batch([
    putRule(env.DB, { ...person, ...amounts, state: enabled ? "on" : "off", consentedAt: enabled ? now : null }, now),
    ...(await recordAnswer(env.DB, claim, { status: 200, body: answer }, now)),
  ]);
  return answer;
}

function refuseNonsense(wish: TopUpWish): void {
  const errors = [
    ...(wish.dayMaxTokens < wish.topUpTokens
      ? [{ field: "dayMaxTokens", message: "must be at least topUpTokens, or nothing could ever be bought" }]
      : []),
    ...(wish.monthMaxTokens < wish.dayMaxTokens
      ? [{ field: "monthMaxTokens", message: "must be at least dayMaxTokens" }]
      : []),
  ];
  if (errors.length > 0)
    throw new DomainError("invalid_request", `${errors[0]!.field}: ${errors[0]!.message}`, { errors });
}

async function refuseWithoutCard(env: SetUpEnv, userId: string, wish: TopUpWish): Promise<void> {
  if ((await savedCards(env, userId)).length > 0) return;
  throw new DomainError(
    "saved_card_needed",
    "Automatic top-up charges a card you have saved, and there is none yet. Buy tokens once and keep the card saved on Stripe's page, then turn it on.",
    {
      purchaseUrl: `${env.WEB_ORIGIN}/wallet?need=${wish.topUpTokens}`,
      amountCents: wish.topUpTokens * TOKEN_CENTS,
    },
  );
}
