// SQL of disputed slices. Each step is one update; a step that is not possible any more aborts its batch (`slice_step`,
// migrations/0045_slices.sql), and what a closed slice posts, its trigger posts.

import type { Millis } from "../clock.ts";
import type { ChargeLine } from "../pricing/charge.ts";
import { sessionColumns, sessionFromRow, type Session, type SessionRow } from "../sessions/row.ts";
import type { DisputedMeter } from "../sessions/two-sides.ts";

export const SLICE_STATUSES = ["open", "shown", "contested", "closed"] as const;
export type SliceStatus = (typeof SLICE_STATUSES)[number];
export type SliceOutcome = "no_evidence" | "accepted" | "uncontested" | "decided" | "not_decided";

export interface EvidenceRecord {
  idempotencyKey: string;
  detail: string;
}

export interface Slice {
  sessionId: string;
  userId: string;
  providerId: string;
  providerName: string;
  tokens: number;
  meters: DisputedMeter[];
  status: SliceStatus;
  dueAt: Millis;
  openedAt: Millis;
  evidence: EvidenceRecord[];
  note: string | null;
  shownAt: Millis | null;
  provenTokens: number;
  contest: string | null;
  contestedAt: Millis | null;
  outcome: SliceOutcome | null;
  chargedTokens: number;
  reason: string | null;
  closedAt: Millis | null;
}
type SliceRow = Omit<Slice, "meters" | "evidence"> & { meters: string; evidence: string };

const SLICE = `z.session_id AS sessionId, s.user_id AS userId, z.provider_id AS providerId, s.provider_name AS providerName, z.tokens,
  z.meters, z.status, z.due_at AS dueAt, z.opened_at AS openedAt, z.evidence, z.note, z.shown_at AS shownAt,
  z.proven_tokens AS provenTokens, z.contest, z.contested_at AS contestedAt, z.outcome, z.charged_tokens AS chargedTokens, z.reason,
  z.closed_at AS closedAt`;
const sliceFromRow = (row: SliceRow): Slice => ({
  ...row,
  meters: JSON.parse(row.meters) as DisputedMeter[],
  evidence: JSON.parse(row.evidence) as EvidenceRecord[],
});

export async function findSlice(db: D1Database, sessionId: string): Promise<Slice | null> {
  const row = await db
    .prepare(`SELECT ${SLICE} FROM slices z JOIN sessions s ON s.id = z.session_id WHERE z.session_id = ?`)
    .bind(sessionId)
    .first<SliceRow>();
  return row && sliceFromRow(row);
}

/** Newest session first; of operators what waits longest first. `after`: the last session of the page before. */
export async function listSlices(
  db: D1Database,
  query: {
    providerId: string | null;
    status: SliceStatus | null;
    oldestFirst: boolean;
    after: string | null;
    limit: number;
  },
): Promise<Slice[]> {
  const [beyond, order] = query.oldestFirst ? [">", "ASC"] : ["<", "DESC"];
  const { results } = await db
    .prepare(
      `SELECT ${SLICE} FROM slices z JOIN sessions s ON s.id = z.session_id
       WHERE ${query.providerId === null ? "?1 IS NULL" : "z.provider_id = ?1"}
         AND ${query.status === null ? "?2 IS NULL" : "z.status = ?2"}
         AND (?3 IS NULL OR z.session_id ${beyond} ?3) ORDER BY z.session_id ${order} LIMIT ?4`,
    )
    .bind(query.providerId, query.status, query.after, query.limit)
    .all<SliceRow>();
  return results.map(sliceFromRow);
}

/** What a slice is priced from. */
export interface SlicePrice {
  session: Session;
  usedMicro: Record<string, number>;
  /** What settled at once. */
  usedTokens: number;
  feeTokens: number;
  /** What the plan covered at once, and what of the slice it would. */
  coveredTokens: number;
}
export async function readSlicePrice(db: D1Database, sessionId: string): Promise<SlicePrice> {
  const row = (await db
    .prepare(
      `SELECT ${sessionColumns("s")}, c.used_tokens AS usedTokens, c.fee_tokens AS feeTokens, c.included_tokens + z.reserved_tokens AS coveredTokens,
         (SELECT json_group_object(m.meter, m.used_micro) FROM session_meters m WHERE m.session_id = s.id) AS used
       FROM sessions s JOIN closings c ON c.session_id = s.id JOIN slices z ON z.session_id = s.id WHERE s.id = ?`,
    )
    .bind(sessionId)
    .first<SessionRow & { usedTokens: number; feeTokens: number; coveredTokens: number; used: string }>())!;
  return {
    session: sessionFromRow(row),
    usedMicro: JSON.parse(row.used) as Record<string, number>,
    usedTokens: row.usedTokens,
    feeTokens: row.feeTokens,
    coveredTokens: row.coveredTokens,
  };
}

/** The accepted reports among these keys, in micro-units. */
export async function reportsNamed(
  db: D1Database,
  sessionId: string,
  keys: readonly string[],
): Promise<{ key: string; meter: string; unitsMicro: number }[]> {
  const { results } = await db
    .prepare(
      `SELECT key, meter, units_micro AS unitsMicro FROM usage_reports
       WHERE session_id = ?1 AND key IN (SELECT value FROM json_each(?2))`,
    )
    .bind(sessionId, JSON.stringify(keys))
    .all<{ key: string; meter: string; unitsMicro: number }>();
  return results;
}

/** How much more than at first the session costs, and its lines then; null lines: the first ones stand. */
export interface SliceCharge {
  tokens: number;
  feeTokens: number;
  lines: ChargeLine[] | null;
}

export const showStatement = (
  db: D1Database,
  it: { sessionId: string; records: EvidenceRecord[]; note: string | null; proven: SliceCharge; dueAt: Millis },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE slices SET status = 'shown', evidence = ?2, note = ?3, proven_tokens = ?4, proven_fee = ?5, proven_lines = ?6,
         due_at = ?7, shown_at = ?8 WHERE session_id = ?1`,
    )
    .bind(
      it.sessionId,
      JSON.stringify(it.records),
      it.note,
      it.proven.tokens,
      it.proven.feeTokens,
      it.proven.lines && JSON.stringify(it.proven.lines),
      it.dueAt,
      now,
    );

export const contestStatement = (
  db: D1Database,
  it: { sessionId: string; text: string; dueAt: Millis },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE slices SET status = 'contested', contest = ?2, due_at = ?3, contested_at = ?4 WHERE session_id = ?1",
    )
    .bind(it.sessionId, it.text, it.dueAt, now);

export const closeStatement = (
  db: D1Database,
  it: { sessionId: string; outcome: SliceOutcome; charge: SliceCharge; by: string; reason: string | null },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE slices SET status = 'closed', outcome = ?2, charged_tokens = ?3, charged_fee = ?4, lines = ?5, decided_by = ?6,
         reason = ?7, closed_at = ?8 WHERE session_id = ?1`,
    )
    .bind(
      it.sessionId,
      it.outcome,
      it.charge.tokens,
      it.charge.feeTokens,
      it.charge.tokens > 0 && it.charge.lines ? JSON.stringify(it.charge.lines) : null,
      it.by,
      it.reason,
      now,
    );

/**
 * What time decides: no evidence, or nobody decided, and the lower figure stands; evidence nobody contested counts.
 * Of those that are due the oldest are closed. @returns how many.
 */
export async function closeDue(db: D1Database, now: Millis, limit: number): Promise<number> {
  const { results } = await db
    .prepare(
      `UPDATE slices SET status = 'closed', closed_at = ?1, decided_by = 'time',
         outcome = CASE status WHEN 'open' THEN 'no_evidence' WHEN 'shown' THEN 'uncontested' ELSE 'not_decided' END,
         charged_tokens = CASE status WHEN 'shown' THEN proven_tokens ELSE 0 END,
         charged_fee = CASE status WHEN 'shown' THEN proven_fee ELSE 0 END,
         lines = CASE WHEN status = 'shown' AND proven_tokens > 0 THEN proven_lines END
       WHERE session_id IN (SELECT session_id FROM slices WHERE status <> 'closed' AND due_at <= ?1 ORDER BY due_at LIMIT ?2)
         AND status <> 'closed' RETURNING session_id`,
    )
    .bind(now, limit)
    .all();
  return results.length;
}

/** Of the figures both sides gave since a day (days since the epoch), how many agree. */
export const readAgreement = async (
  db: D1Database,
  providerId: string,
  sinceDay: number,
): Promise<{ compared: number; agreed: number }> =>
  (await db
    .prepare(
      `SELECT coalesce(sum(compared), 0) AS compared, coalesce(sum(agreed), 0) AS agreed FROM accuracy_days
       WHERE provider_id = ? AND day > ?`,
    )
    .bind(providerId, sinceDay)
    .first<{ compared: number; agreed: number }>())!;

/** What people wrote about a person's sessions goes with the person; the figures stay. */
export const forgetSliceTexts = (db: D1Database, userId: string): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE slices SET evidence = '[]', note = NULL, contest = NULL
       WHERE session_id IN (SELECT id FROM sessions WHERE user_id = ?)`,
    )
    .bind(userId);
