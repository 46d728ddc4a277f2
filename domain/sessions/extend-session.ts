// More time for an open session: hold the difference between what the longer session can cost at most and what is held
// already, at the session's own frozen price. The caller is the session's object, which then raises the limit.

import { DURATION_MIN_SECONDS, SESSION_CAP_SECONDS } from "../../sdk/src/protocol/session.ts";
import type { Millis } from "../clock.ts";
import type { IdempotencyRow } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { ok, refuse, type Result } from "../result.ts";
import { findBrokenLimit } from "../spending/limits.ts";
import { accountBlocked, findBlock } from "../trust/block-store.ts";
import { holdAndCaps } from "./bill.ts";
import { sessionEvent } from "./events.ts";
import type { Session } from "./row.ts";
import { insertExtension, readExtensible, type SessionAccount } from "./store.ts";

export interface ExtendRequest {
  seconds: number;
  automatic: boolean;
}

/** What an extension would hold in addition. */
export function extensionPrice(
  session: Session,
  seconds: number,
): { durationSeconds: number; extraTokens: number; caps: Record<string, number> } {
  const durationSeconds = session.durationSeconds + seconds;
  const { heldTokens, caps } = holdAndCaps(session, durationSeconds);
  return { durationSeconds, extraTokens: Math.max(0, heldTokens - session.heldTokens), caps };
}

/**
 * Hold for `request.seconds` more.
 * @param before The account as just read; what it becomes is worked out from it and checked by the insert.
 * @param record Makes the idempotency record of the answer, given the account as it will be; commits with the hold.
 * @returns the account after it; refusals `insufficient_tokens`, `spend_limit_reached`, `session_closed`, `session_cap_reached`,
 *   `duration_out_of_range`, `session_changed` (another extension came first: ask again).
 */
export async function extendSession(
  env: { DB: D1Database; WEB_ORIGIN: string },
  before: SessionAccount & { planTokens: number },
  request: ExtendRequest,
  record: (after: SessionAccount) => Promise<IdempotencyRow | null>,
  now: Millis,
): Promise<Result<SessionAccount>> {
  const { session } = before;
  if (!Number.isInteger(request.seconds) || request.seconds < DURATION_MIN_SECONDS)
    return refuse("duration_out_of_range", "An extension is at least 5 minutes.");
  const { durationSeconds, extraTokens, caps } = extensionPrice(session, request.seconds);
  if (durationSeconds > SESSION_CAP_SECONDS)
    return refuse("session_cap_reached", "A session can last 12 hours at most. End this one and start another.");
  const { planTokens, ...account } = before;
  const includedTokens = session.mode === "live" ? Math.min(extraTokens, planTokens) : 0;
  const after: SessionAccount = {
    ...account,
    session: {
      ...session,
      durationSeconds,
      heldTokens: session.heldTokens + extraTokens,
      reservedTokens: (session.reservedTokens ?? 0) + includedTokens,
    },
    available: session.mode === "live" ? before.available - (extraTokens - includedTokens) : before.available,
  };
  const done = await insertExtension(env.DB, {
    id: newId(now),
    sessionId: session.id,
    seconds: request.seconds,
    baseSeconds: session.durationSeconds,
    tokens: extraTokens,
    includedTokens,
    caps,
    automatic: request.automatic,
    now,
    idempotency: after.available >= 0 ? await record(after) : null,
    events: [
      sessionEvent("session.extended", session, now, {
        seconds: request.seconds,
        durationSeconds,
        extraTokens,
        automatic: request.automatic,
      }),
    ],
  });
  return done ? ok(after) : whyNotExtended(env, session, extraTokens, now);
}

async function whyNotExtended(
  env: { DB: D1Database; WEB_ORIGIN: string },
  session: Session,
  extraTokens: number,
  now: Millis,
): Promise<Result<never>> {
  const account = await readExtensible(env.DB, session.id, now);
  if (!account || account.session.endedAt !== null || account.session.settledAt !== null)
    return refuse("session_closed", "This session is over; start a new one.");
  if (account.session.durationSeconds !== session.durationSeconds)
    return refuse(
      "session_changed",
      "This session was extended a moment ago. Look at the new end before extending again.",
    );
  const walletTokens = session.mode === "live" ? Math.max(0, extraTokens - account.planTokens) : extraTokens;
  if (account.available < walletTokens)
    return refuse(
      "insufficient_tokens",
      `Extending needs ${walletTokens} tokens; the balance is ${account.available}. Buy tokens, or let the session end: what is unused comes back.`,
      {
        requiredTokens: walletTokens,
        balanceTokens: account.available,
        purchaseUrl: `${env.WEB_ORIGIN}/wallet?need=${walletTokens - account.available}`,
      },
    );
  const block = session.mode === "live" && (await findBlock(env.DB, session.walletId));
  if (block) {
    const { code, message, facts } = accountBlocked(block.reason);
    return refuse(code, message, facts);
  }
  const brokenLimit =
    session.mode === "live" && (await findBrokenLimit(env.DB, { ...session, tokens: walletTokens }, now));
  if (brokenLimit) return refuse(brokenLimit.code, brokenLimit.message, brokenLimit.facts);
  return refuse("session_changed", "This session changed a moment ago. Look at it again before extending.");
}
