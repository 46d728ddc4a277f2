// How much to buy when a balance is too small.

import { PURCHASE_MAX_TOKENS, PURCHASE_MIN_TOKENS } from "../../../domain/money.ts";

/** What is missing, rounded up to whole hundreds and to what can be bought at all. */
export function topUpAmount(missingTokens: number): number {
  const rounded = Math.ceil(missingTokens / 100) * 100;
  return Math.min(PURCHASE_MAX_TOKENS, Math.max(PURCHASE_MIN_TOKENS, rounded));
}
