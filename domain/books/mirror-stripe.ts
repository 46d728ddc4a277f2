// Brings Stripe's list of movements here, window by window from where the last run got, so that a long absence is caught up
// over several runs and nothing is left out. See docs/decisions/0021-stripe-mirror.md.

import type { Millis } from "../clock.ts";
import { listMovements } from "../gateways/stripe-balance.ts";
import { stripeClient, type StripeEnv } from "../gateways/stripe.ts";
import { keepMovements, readBeginning, readThrough } from "./stripe-store.ts";

/** Read again at every run: what Stripe dated a moment before we looked. */
const OVERLAP_MS = 60 * 60 * 1000;
const WINDOW_MS = 7 * 24 * 60 * 60 * 1000;
/** Movements of one window: ten pages of Stripe's list, and one D1 batch well under its limits. */
const MOVEMENTS_MAX = 1_000;
/** Windows of one run; each is at most ten calls to Stripe. */
const WINDOWS_MAX = 30;
const WINDOW_MIN_MS = 1_000;

/**
 * @returns up to when the list is here without a gap.
 * @throws DomainError `payment_provider_unavailable`; what was kept until then stays.
 */
export async function mirrorStripe(env: StripeEnv & { DB: D1Database }, now: Millis): Promise<Millis> {
  const stripe = await stripeClient(env);
  const known = await readThrough(env.DB);
  let since = (known?.through ?? (await readBeginning(env.DB))?.at ?? now) - OVERLAP_MS;
  let windowMs = WINDOW_MS;
  for (let window = 0; window < WINDOWS_MAX && since < now; window++) {
    const until = Math.min(since + windowMs, now);
    const movements = await listMovements(stripe, { since, until, max: MOVEMENTS_MAX });
    if (movements === null) {
      // Stripe lists the newest first, so a window that is too full says nothing about its beginning.
      windowMs = Math.max(WINDOW_MIN_MS, Math.floor(windowMs / 4));
      continue;
    }
    await keepMovements(env.DB, movements, { through: until, now });
    since = until;
  }
  return Math.max(since, known?.through ?? 0);
}
