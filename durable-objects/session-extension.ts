// How a running session gets longer: it is noted that D1 is asked, D1 holds the tokens, the limit rises. Functions from
// record to record; the object decides when they run, and stores what comes out.

import type { Millis } from "../domain/clock.ts";
import { idempotencyRow, type IdempotencyClaim } from "../domain/idempotency.ts";
import type { Result } from "../domain/result.ts";
import { extendSession, type ExtendRequest } from "../domain/sessions/extend-session.ts";
import * as clock from "../domain/sessions/meter.ts";
import type { Session } from "../domain/sessions/row.ts";
import { readAccount, readExtensible, type SessionAccount } from "../domain/sessions/store.ts";
import { runningView } from "../domain/sessions/view.ts";
import type { SessionAnswer } from "./session-answer.ts";
import type { SessionRecord } from "./session-store.ts";

/** Tried once, at the warning; short funds mean the ordinary end. */
export const isAutoExtensionDue = ({ session, meter, autoExtended, ending }: SessionRecord): boolean =>
  session!.autoExtendSeconds > 0 && !autoExtended && !ending && meter!.warned;

/**
 * Before D1 is asked. An automatic extension is tried once, whatever comes of it; and when the answer is lost, D1 knows
 * whether it is paid for.
 */
export const askingForMore = (record: SessionRecord, automatic: boolean): SessionRecord => ({
  ...record,
  autoExtended: record.autoExtended || automatic,
  isExtending: true,
});

/** After D1 has said no. */
export const refusedMore = (record: SessionRecord): SessionRecord => ({ ...record, isExtending: false });

/** After D1 holds for the longer session, and what is answered to whoever asked. */
export function lengthened(
  record: SessionRecord,
  { session, usedMicro, available }: SessionAccount,
  now: Millis,
): { record: SessionRecord; answer: SessionAnswer } {
  const { meter } = clock.extend(record.meter!, now, session.durationSeconds);
  return {
    record: { ...record, session, meter, isExtending: false },
    answer: { session: runningView(session, meter, usedMicro, now), balance: available },
  };
}

/**
 * Hold tokens for more time. `claim` makes a repeat answer the first result.
 * @param current The record as it is when asked: reports may be noted while D1 answers.
 * @returns the account after it, or why not; null when D1 knows no such open session.
 */
export async function holdForMore(
  env: { DB: D1Database; WEB_ORIGIN: string },
  current: () => SessionRecord,
  request: ExtendRequest,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<Result<SessionAccount> | null> {
  const before = await readExtensible(env.DB, current().session!.id, now);
  if (!before) return null;
  const rowOf = async (after: SessionAccount) =>
    claim && idempotencyRow(claim, { status: 200, body: lengthened(current(), after, now).answer }, now);
  return extendSession(env, before, request, rowOf, now);
}

/** Where an extension's answer was lost: the session as D1 has it, whose limit is what tokens are held for. */
export async function lostExtension(
  db: D1Database,
  { session, meter, ending, isExtending }: SessionRecord,
): Promise<Session | null> {
  if (!isExtending || !meter || ending) return null;
  return (await readAccount(db, session!.id))?.session ?? null;
}
