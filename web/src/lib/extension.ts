// What more time would cost at most: the hold of the longer session less the hold of the one that runs (contract, section 3).

import type { PriceComponent } from "$pricing/components.ts";
import { splitPaid } from "../../../domain/money.ts";
import { holdFor } from "../../../domain/pricing/hold.ts";

/** The price a session was started at, with what it was promised besides. */
export interface StartedAt {
  pricing: readonly PriceComponent[];
  feeBasisPoints: number;
  trialSeconds: number;
  rebateBasisPoints: number;
}

export function extensionTokens(session: StartedAt, durationSeconds: number, moreSeconds: number): number {
  const held = (seconds: number) => {
    const { heldTokens } = holdFor(session.pricing, seconds, session.trialSeconds);
    return splitPaid(heldTokens, session.feeBasisPoints, session.rebateBasisPoints).paidTokens;
  };
  return held(durationSeconds + moreSeconds) - held(durationSeconds);
}

/** The app's own address, and nobody else's: where an app may send a person to consent and have them back. */
export function isReturnToApp(address: string | null, appUrl: string): address is string {
  if (!address || !URL.canParse(address)) return false;
  return new URL(address).origin === new URL(appUrl).origin;
}
