// What a session costs, from its frozen price and the facts: the same function for the running figure, the settlement and
// the receipt, so that they can never differ.

import type { EndReason } from "../../sdk/src/protocol/session.ts";
import { feeOfCharged, splitPaid } from "../money.ts";
import { charge, type ChargeLine, type MeteredUse } from "../pricing/charge.ts";
import type { PriceComponent } from "../pricing/components.ts";
import { capsMicro, holdFor, type Hold } from "../pricing/hold.ts";

export interface Bill {
  /** What the person pays: the price less the rebate of their plan. */
  usedTokens: number;
  feeTokens: number;
  shareTokens: number;
  lines: ChargeLine[];
}

/** The price a session was made with: it and its extensions keep all of it. */
export interface Terms {
  components: PriceComponent[];
  feeBasisPoints: number;
  /** Active seconds at the start that cost nothing. Absent in objects that were started before there were trials. */
  trialSeconds?: number;
  /** The part of the platform's fee that the person's plan gives back. */
  rebateBasisPoints?: number;
}

/**
 * What `use` costs at the session's own price; never more than its hold.
 * A provider that failed and a session that never started capture nothing (contract section 3).
 */
export function billFor(
  session: Terms & { durationSeconds: number },
  use: MeteredUse,
  endReason: EndReason | null,
): Bill {
  if (endReason === "provider_error" || endReason === "never_started")
    return { usedTokens: 0, feeTokens: 0, shareTokens: 0, lines: [] };
  const { components, durationSeconds, feeBasisPoints, trialSeconds, rebateBasisPoints } = session;
  const { usedTokens, lines } = charge(components, use, knownHold(components, durationSeconds, trialSeconds));
  const { paidTokens, feeTokens, shareTokens } = splitPaid(usedTokens, feeBasisPoints, rebateBasisPoints ?? 0);
  return { usedTokens: paidTokens, feeTokens, shareTokens, lines };
}

/** What of a bill the person's plan covers, and the fee on the rest, which is what is charged. */
export interface Cover {
  includedTokens: number;
  /** Of a disputed slice, what stays reserved of the plan. */
  sliceTokens: number;
  feeTokens: number;
}

/** What is reserved of a plan is used first; of the rest as much as is disputed stays reserved. */
export function coverOf(
  session: { reservedTokens?: number; feeBasisPoints: number; rebateBasisPoints?: number },
  bill: Pick<Bill, "usedTokens" | "feeTokens">,
  disputedTokens: number,
): Cover {
  const reserved = session.reservedTokens ?? 0;
  const includedTokens = Math.min(reserved, bill.usedTokens);
  const charged = bill.usedTokens - includedTokens;
  return {
    includedTokens,
    sliceTokens: Math.min(reserved - includedTokens, disputedTokens),
    feeTokens: feeOfCharged(bill, charged, session.feeBasisPoints, session.rebateBasisPoints ?? 0),
  };
}

// A running session is asked for its figure at every beat, and its price is frozen: the last hold is the next one.
const lastHold = new WeakMap<
  readonly PriceComponent[],
  { durationSeconds: number; trialSeconds: number; hold: Hold }
>();

function knownHold(components: readonly PriceComponent[], durationSeconds: number, trialSeconds = 0): Hold {
  const known = lastHold.get(components);
  if (known?.durationSeconds === durationSeconds && known.trialSeconds === trialSeconds) return known.hold;
  const hold = holdFor(components, durationSeconds, trialSeconds);
  lastHold.set(components, { durationSeconds, trialSeconds, hold });
  return hold;
}

/** What a session of this length holds, and the micro-units each reported meter may take within it. */
export function holdAndCaps(
  { components, feeBasisPoints, trialSeconds, rebateBasisPoints }: Terms,
  durationSeconds: number,
): { heldTokens: number; caps: Record<string, number> } {
  const hold = holdFor(components, durationSeconds, trialSeconds);
  const { paidTokens } = splitPaid(hold.heldTokens, feeBasisPoints, rebateBasisPoints ?? 0);
  return { heldTokens: paidTokens, caps: capsMicro(hold) };
}
