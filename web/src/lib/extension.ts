// What more time would cost at most: the hold of the longer session less the hold of the one that runs (contract, section 3).

import type { PriceComponent } from "$pricing/components.ts";
import { holdFor } from "../../../domain/pricing/hold.ts";

export function extensionTokens(
  pricing: readonly PriceComponent[],
  durationSeconds: number,
  moreSeconds: number,
): number {
  return holdFor(pricing, durationSeconds + moreSeconds).heldTokens - holdFor(pricing, durationSeconds).heldTokens;
}

/** The app's own address, and nobody else's: where an app may send a person to consent and have them back. */
export function isReturnToApp(address: string | null, appUrl: string): address is string {
  if (!address || !URL.canParse(address)) return false;
  return new URL(address).origin === new URL(appUrl).origin;
}
