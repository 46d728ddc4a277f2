// pending -> active: the launch token is redeemed in D1, once and inside its deadline, or an earlier attempt of this very
// redemption is found there (the answer was lost, not the start). The caller is the session's object.

import { iso, type Millis } from "../clock.ts";
import { idBecauseOf } from "../ids.ts";
import { ok, refuse, type Result } from "../result.ts";
import { sessionEvent } from "./events.ts";
import type { Session } from "./row.ts";
import { readSession, type RedeemOperation } from "./store.ts";

/** What the verified launch token says. */
export interface Launch {
  sessionId: string;
  jti: string;
  providerId: string;
  subject: string;
  durationSeconds: number;
  tokensAllocated: number;
}

/** Commits one start; the ledger's writer groups what comes at once. @returns null when the row did not allow it. */
export type WriteStart = (operation: RedeemOperation) => Promise<Session | null>;

/** Refusals: `session_not_found`, `launch_token_expired`, `session_closed`. */
export async function startSession(
  db: D1Database,
  write: WriteStart,
  launch: Launch,
  now: Millis,
): Promise<Result<Session>> {
  const parties = { id: launch.sessionId, providerId: launch.providerId, subject: launch.subject };
  const facts = {
    startedAt: iso(now),
    durationSeconds: launch.durationSeconds,
    tokensAllocated: launch.tokensAllocated,
  };
  const started = await write({
    sessionId: launch.sessionId,
    jti: launch.jti,
    now,
    // Told once: an earlier try of this start in the same moment may be in the books although its answer was lost.
    events: [sessionEvent("session.started", parties, now, facts, idBecauseOf(launch.jti, now))],
  });
  if (started) return ok(started);
  const session = await readSession(db, launch.sessionId);
  if (!session || session.jti !== launch.jti) return refuse("session_not_found", "There is no such session.");
  if (session.settledAt !== null)
    return refuse("session_closed", "This session is over; start a new one on the marketplace.");
  if (session.startedAt !== null) return ok(session);
  return refuse(
    "launch_token_expired",
    "This launch link has run out; nothing was charged. Start the session again on the marketplace.",
  );
}
