// The terms a person gets for a session started now: which price, how many free seconds, which rebate. The quote shows
// them and the start freezes them, both from here, so that they cannot differ.

import type { Millis } from "../clock.ts";
import type { Terms } from "../sessions/bill.ts";
import type { ProviderForSession } from "./load-for-session.ts";
import { dependsOnSince, offerFor, trialLeft, type Offer } from "./offer.ts";
import { rebateOf } from "./plans.ts";
import { readSince, readTrial } from "./price-store.ts";

/** The person as far as the caller knows them; what is left out is read when it matters. */
export interface Customer {
  userId: string;
  /** When they first used the app; null: never. */
  since?: Millis | null;
  /** Known to have used up the app's free minutes: needs no look. */
  hasUsedTrial?: boolean;
}

export interface OfferedTerms {
  terms: Terms & { trialSeconds: number; rebateBasisPoints: number };
  offer: Offer;
  /** The person has used all free minutes of this app: that never changes again. */
  hasUsedTrial: boolean;
}

/**
 * @param customer Null for somebody who is not signed in, and in the sandbox: the list price, without trial and rebate.
 * @returns null when the app has no price that has started.
 */
export async function termsFor(
  db: D1Database,
  provider: Pick<ProviderForSession, "id" | "prices">,
  customer: Customer | null,
  now: Millis,
): Promise<OfferedTerms | null> {
  const person = customer && {
    userId: customer.userId,
    since:
      customer.since !== undefined
        ? customer.since
        : dependsOnSince(provider.prices, now)
          ? await readSince(db, customer.userId, provider.id)
          : null,
  };
  const offer = await offerFor(provider.prices, person, now);
  if (!offer) return null;
  const { components, feeBasisPoints, trialSeconds } = offer.version;
  const mayHaveTrial = customer !== null && trialSeconds > 0 && !customer.hasUsedTrial;
  const trial = mayHaveTrial ? await readTrial(db, customer.userId, provider.id) : null;
  return {
    offer,
    hasUsedTrial: customer?.hasUsedTrial === true || (trial !== null && trial.usedSeconds === trial.grantedSeconds),
    terms: {
      components,
      feeBasisPoints,
      trialSeconds: mayHaveTrial ? trialLeft(offer.version, trial) : 0,
      rebateBasisPoints: customer ? await rebateOf(db, customer.userId, now) : 0,
    },
  };
}
