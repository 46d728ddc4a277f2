// What a session costs, from its frozen price and the facts: the same function for the running figure, the settlement and
// the receipt, so that they can never differ.

import type { EndReason } from "../../sdk/src/protocol/session.ts";
import { splitFee } from "../money.ts";
import { charge, type ChargeLine, type MeteredUse } from "../pricing/charge.ts";
import { capsMicro, holdFor } from "../pricing/hold.ts";
import type { Session } from "./row.ts";

export interface Bill {
  usedTokens: number;
  feeTokens: number;
  shareTokens: number;
  lines: ChargeLine[];
}

type Priced = Pick<Session, "components" | "durationSeconds" | "feeBasisPoints">;

/**
 * What `use` costs at the session's own price; never more than its hold.
 * A provider that failed and a session that never started capture nothing (contract section 3).
 */
export function billFor(session: Priced, use: MeteredUse, endReason: EndReason | null): Bill {
  if (endReason === "provider_error" || endReason === "never_started")
    return { usedTokens: 0, feeTokens: 0, shareTokens: 0, lines: [] };
  const { usedTokens, lines } = charge(session.components, use, holdFor(session.components, session.durationSeconds));
  return { usedTokens, ...splitFee(usedTokens, session.feeBasisPoints), lines };
}

/** What a session of this length holds, and the micro-units each reported meter may take within it. */
export function holdAndCaps(
  session: Pick<Session, "components">,
  durationSeconds: number,
): { heldTokens: number; caps: Record<string, number> } {
  const hold = holdFor(session.components, durationSeconds);
  return { heldTokens: hold.heldTokens, caps: capsMicro(hold) };
}
