// A payout made because its provider asks for one, instead of waiting for the payout day.

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { CURRENCY } from "../money.ts";
import { accountOf, requireReady } from "./connect-account.ts";
import { countsUntil, readPayoutRules } from "./rules.ts";
import type { PayoutsEnv } from "./send-payout.ts";
import { insertPayout, isPayoutOvertaken, readPayable, type NewPayout } from "./store.ts";
import { payoutView, type PayoutView } from "./view.ts";

/**
 * Make a payout of everything that is payable now. It is sent afterwards (`sendPayout`); the answer shows it on its way.
 *
 * Idempotent by `claim`, and by itself: what one payout has taken is not there for another.
 * @throws DomainError `payouts_not_ready`, `payout_below_minimum`, `payout_in_progress`, `payment_provider_unavailable`.
 */
export async function requestPayout(
  env: PayoutsEnv,
  providerId: string,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ payout: PayoutView }> {
  const rules = await readPayoutRules(env.DB, now);
  const stripeAccountId = requireReady(await accountOf(env, providerId, now));
  const { minimumCents } = rules;
  const payable = await readPayable(env.DB, { providerId, until: countsUntil(rules, now), minimumCents });
  if (payable.amountCents < Math.max(1, minimumCents))
    throw new DomainError(
      "payout_below_minimum",
      `${dollars(payable.amountCents)} can be paid out now, and a payout needs ${dollars(minimumCents)}. Nothing is lost: it stays with what comes.`,
      { payableCents: payable.amountCents, minimumCents },
    );
  const payout: NewPayout = {
    ...payable,
    id: newId(now),
    stripeAccountId,
    origin: "request",
    currency: CURRENCY,
    now,
  };
  const answer = { payout: payoutView(asMade(payout)) };
  try {
    await env.DB.batch([
      insertPayout(env.DB, payout),
      ...(await recordAnswer(env.DB, claim, { status: 202, body: answer }, now)),
    ]);
  } catch (error) {
    if (!isPayoutOvertaken(error)) throw error;
    throw new DomainError("payout_in_progress", "A payout of this app is on its way already. Wait until it has ended.");
  }
  return answer;
}

const asMade = (payout: NewPayout) => ({
  ...payout,
  status: "pending" as const,
  transferId: null,
  reversedCents: 0,
  failureCode: null,
  createdAt: payout.now,
  endedAt: null,
});

const dollars = (cents: number): string =>
  new Intl.NumberFormat("en-US", { style: "currency", currency: CURRENCY }).format(cents / 100);
