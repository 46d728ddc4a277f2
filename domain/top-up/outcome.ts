// The end of one attempt: its row, the fuse after it, and what the person is told, in one batch. Two runs that come at
// once (the webhook's and cron's) write the same end once.

import type { Millis } from "../clock.ts";
import { newId } from "../ids.ts";
import type { NotificationKind } from "../notifications/store.ts";
import { afterAttempt, type Outcome } from "./fuse.ts";
import { moveFiring, readRule, setFuse, tellOfMove, type Firing, type FiringState } from "./store.ts";

const STATE_AFTER: Record<Outcome, FiringState> = {
  paid: "paid",
  declined: "declined",
  needs_person: "asked",
  lapsed: "lapsed",
};

/** @param reason Stripe's code for a refusal, or how the order ended. */
export async function endAttempt(
  db: D1Database,
  firing: Pick<Firing, "id" | "userId" | "orderId" | "tokens" | "amountCents" | "state">,
  outcome: Outcome,
  reason: string | null,
  now: Millis,
): Promise<void> {
  const rule = await readRule(db, firing.userId);
  const moveId = newId(now);
  const move = moveFiring(db, { id: firing.id, from: firing.state, to: STATE_AFTER[outcome], reason, moveId }, now);
  if (!rule) return void (await move.run());
  const { orderId, tokens, amountCents, userId } = firing;
  const tell = (kind: NotificationKind, data: Record<string, unknown> = {}) =>
    tellOfMove(db, moveId, { userId, kind, data: { orderId, tokens, amountCents, reason, ...data }, at: now });
  const fuse = afterAttempt(rule, outcome);
  const hasTripped = fuse.state === "asking" && rule.state === "on";
  const told: Record<Outcome, D1PreparedStatement[]> = {
    paid: [tell("top_up_done")],
    // The third one is told as what it leads to.
    declined: hasTripped ? [] : [tell("top_up_failed", { failures: fuse.failures })],
    needs_person: [tell("top_up_needs_you")],
    lapsed: [],
  };
  // A decline is looked at again when its pause is over; the fuse then asks for live use anew.
  const dueAt = outcome === "declined" && fuse.state === "on" ? now : null;
  await db.batch([
    move,
    setFuse(db, moveId, { userId, ...fuse, dueAt }, now),
    ...told[outcome],
    ...(hasTripped ? [tell("top_up_stopped", { reason: "failures" })] : []),
  ]);
}
