// An optional mirror of use at Stripe: every settled session becomes one event of the billing meter `token_consumed`. Off
// unless an operator turns it on; nothing here is ever read back, and the ledger knows nothing of it.
// See docs/decisions/0060-a-mirror-of-use.md.

import type { Millis } from "../clock.ts";
import { StripeRefused, StripeUnavailable } from "../gateways/stripe-errors.ts";
import { ensureUseMeter, tellUse } from "../gateways/stripe-meter.ts";
import { stripeClient, type StripeEnv } from "../gateways/stripe.ts";
import { readSettings } from "../settings/read-settings.ts";
import { collectStatement, giveUpStatement, markRefused, markTold, readUntold, takeDue } from "./meter-mirror-store.ts";

const HOUR_MS = 60 * 60 * 1000;
/** Stripe knows a repeat by its name for a day; what could not be told well inside it never is. */
export const TELL_WITHIN_MS = 20 * HOUR_MS;
/** A message of the queue that was lost is sent again after this. */
const ASK_AGAIN_MS = 10 * 60 * 1000;
/** Rows of one run, and messages of one `sendBatch`. */
const RUN_MAX = 100;

/**
 * What the queue is to be given now. Each row is taken for ten minutes, so running it twice asks for nothing twice.
 * @returns ids of sessions; none while the setting is off.
 */
export async function dueForMeter(db: D1Database, now: Millis): Promise<{ sessionId: string }[]> {
  const { meterMirror } = await readSettings(db, now);
  if (!meterMirror) return [];
  await db.batch([giveUpStatement(db, now - TELL_WITHIN_MS), collectStatement(db, now - TELL_WITHIN_MS, RUN_MAX, now)]);
  return takeDue(db, { limit: RUN_MAX, nextAt: now + ASK_AGAIN_MS, now });
}

/**
 * Tell Stripe of these sessions. Safe to repeat: a session told is left out, and Stripe counts a name once.
 * @returns ids of those that could not be told because Stripe is out of reach.
 */
export async function tellMeter(
  env: StripeEnv & { DB: D1Database },
  sessionIds: readonly string[],
  now: Millis,
): Promise<Set<string>> {
  const uses = await readUntold(env.DB, sessionIds);
  const unreached = new Set<string>();
  if (uses.length === 0) return unreached;
  const stripe = await stripeClient(env);
  try {
    await ensureUseMeter(stripe);
  } catch (error) {
    if (error instanceof StripeUnavailable) return new Set(uses.map(({ sessionId }) => sessionId));
    throw error;
  }
  for (const use of uses)
    try {
      await tellUse(stripe, use);
      await markTold(env.DB, use.sessionId, now).run();
    } catch (error) {
      if (error instanceof StripeRefused) await markRefused(env.DB, use.sessionId, error.code).run();
      else if (error instanceof StripeUnavailable) unreached.add(use.sessionId);
      else throw error;
    }
  return unreached;
}
