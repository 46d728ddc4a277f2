// With live payments cards and bank accounts are people's own, so who shares one is looked at (setting `cardSharingRules`). In
// test mode, and on a developer's machine, everybody pays with the same few test cards: there it stays off. An operator who
// switches it off has the last word.

import type { Millis } from "../../domain/clock.ts";
import type { StripeEnv } from "../../domain/gateways/stripe.ts";
import { accountsWithoutDestination } from "../../domain/payouts/account-store.ts";
import { refreshFromStripe } from "../../domain/payouts/connect-account.ts";
import { cardsAreOwn } from "../../domain/trust/store.ts";
import type { Env } from "../env.ts";

const LIVE_KEY = /^(sk|rk)_live_/;

export async function ownCards(env: Pick<Env, "DB" | "ENVIRONMENT" | "STRIPE_SECRET_KEY">, now: Millis): Promise<void> {
  if (env.ENVIRONMENT !== "production" || !LIVE_KEY.test(env.STRIPE_SECRET_KEY ?? "")) return;
  await cardsAreOwn(env.DB, now).run();
}

/** Two calls to Stripe at most for each; with more accounts the next hour sees the rest. */
const ASKED_PER_RUN = 20;

/** Accounts that were ready before it was looked at where they are paid to. */
export async function whereOwnersArePaid(env: StripeEnv & { DB: D1Database }, now: Millis): Promise<void> {
  for (const id of await accountsWithoutDestination(env.DB, ASKED_PER_RUN)) await refreshFromStripe(env, id, now);
}
