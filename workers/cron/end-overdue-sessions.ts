// Two kinds of session nobody is left to end: those whose launch token was never redeemed, closed here in D1, and running
// ones, whose own clock is asked to look (its alarm does so anyway; this is the second pair of eyes after a crash).

import type { Millis } from "../../domain/clock.ts";
import { closeUnstarted } from "../../domain/sessions/close-session.ts";
import { listNeverStarted, listOpenSessionIds } from "../../domain/sessions/store.ts";
import type { Env } from "../env.ts";
import { ledgerWriter } from "../ledger-writer.ts";

const NEVER_STARTED_PER_RUN = 500;
const TICKS_PER_RUN = 200;
/** A clock younger than this has its alarm ahead of it. */
const TICK_AFTER_MS = 10 * 60 * 1000;

export async function endOverdueSessions(env: Env, now: Millis): Promise<void> {
  for (const session of await listNeverStarted(env.DB, now, NEVER_STARTED_PER_RUN))
    await closeUnstarted(env.DB, ledgerWriter(env).close, session, now);
  for (const sessionId of await listOpenSessionIds(env.DB, now - TICK_AFTER_MS, TICKS_PER_RUN))
    await env.SESSIONS.getByName(sessionId).snapshot({ sessionId, by: "operator" });
}
