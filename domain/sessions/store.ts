// SQL of sessions. Each writer takes a list of operations as JSON parameters, each statement what it needs of them, so that
// what waits together can commit together; a row that may not be is left out by its BEFORE trigger (migrations/0003_sessions.sql) and its neighbours
// live. Callers see which ids were written and ask why for the rest.

import type { EndReason } from "../../sdk/src/protocol/session.ts";
import type { Millis } from "../clock.ts";
import type { IdempotencyRow } from "../idempotency.ts";
import { OPERATIONS, rowsOf, type BatchPart } from "../ledger/batch-part.ts";
import { TOKEN_CENTS } from "../money.ts";
import type { SessionEvent } from "./events.ts";
import type { ChargeLine } from "../pricing/charge.ts";
import type { Interval } from "./meter.ts";
import { outboxStatement } from "./outbox-store.ts";
import { planLeft } from "./plan-store.ts";
import { sessionColumns, sessionFromRow, type Session, type SessionRow } from "./row.ts";
import type { Comparison, DisputedMeter } from "./two-sides.ts";

// Create -----------------------------------------------------------------------------------------------------------

export interface CreateOperation {
  session: Omit<
    Session,
    | "startedAt"
    | "endedAt"
    | "endReason"
    | "activeSeconds"
    | "consumedTokens"
    | "includedTokens"
    | "reservedTokens"
    | "refundedTokens"
    | "settledAt"
    | "reports"
  >;
  /** Micro-units each reported meter may take. */
  caps: Record<string, number>;
  idempotency: IdempotencyRow | null;
  events: SessionEvent[];
}

const NOT_CLAIMED = `NOT EXISTS (SELECT 1 FROM idempotency i WHERE i.principal = op.value->>'$.idempotency.principal'
  AND i.route = op.value->>'$.idempotency.route' AND i.key_hash = op.value->>'$.idempotency.keyHash')`;

/** Idempotency records of what was claimed, where the condition holds of it; those already recorded stay as they are. */
const idempotencyStatement = (
  db: D1Database,
  claims: { id: string; idempotency: IdempotencyRow | null }[],
  condition: string,
): D1PreparedStatement =>
  db
    .prepare(
      `${OPERATIONS} INSERT INTO idempotency (principal, route, key_hash, body_hash, status, response, created_at)
       SELECT op.value->>'$.idempotency.principal', op.value->>'$.idempotency.route', op.value->>'$.idempotency.keyHash',
         op.value->>'$.idempotency.bodyHash', op.value->>'$.idempotency.status', op.value->>'$.idempotency.response',
         op.value->>'$.idempotency.createdAt'
       FROM op WHERE ${condition} AND ${NOT_CLAIMED}`,
    )
    .bind(JSON.stringify(claims.filter(({ idempotency }) => idempotency !== null)));

/** What says whether a key was used before; the answer it is sealed with is long. */
const claimOf = (row: IdempotencyRow | null) =>
  row && { principal: row.principal, route: row.route, keyHash: row.keyHash };

/**
 * Insert sessions with their holds, events and idempotency records. Repeating it with the same operations changes nothing.
 * Answers whether each is in the books after it.
 */
export function creationsPart(db: D1Database, operations: CreateOperation[]): BatchPart<boolean> {
  const sessions = operations.map(({ session, caps, idempotency }) => ({
    ...session,
    caps,
    idempotency: claimOf(idempotency),
  }));
  const claims = operations.map(({ session, idempotency }) => ({ id: session.id, idempotency }));
  const statements = [
    db
      .prepare(
        `${OPERATIONS} INSERT INTO sessions (id, mode, user_id, wallet_id, subject, provider_id, provider_name, app_url, price_version_id,
           components, fee_basis_points, trial_seconds, rebate_basis_points, experiment_id, quote_id, quote, payable, fixed_duration, schedule_id, promised_tokens, status, duration_seconds, auto_extend_seconds, held_tokens, caps, tags,
           state, jti, launch_deadline, created_at)
         SELECT op.value->>'id', op.value->>'mode', op.value->>'userId', op.value->>'walletId', op.value->>'subject',
           op.value->>'providerId', op.value->>'providerName', op.value->>'appUrl', op.value->>'priceVersionId',
           op.value->'components', op.value->>'feeBasisPoints', coalesce(op.value->>'trialSeconds', 0),
           coalesce(op.value->>'rebateBasisPoints', 0), op.value->>'experimentId', op.value->>'quoteId', op.value->>'quote', op.value->>'payable',
           coalesce(op.value->>'fixedDuration', 0), op.value->>'scheduleId', op.value->>'promisedTokens', op.value->>'status',
           op.value->>'durationSeconds', op.value->>'autoExtendSeconds', op.value->>'heldTokens', op.value->'caps',
           op.value->'tags', op.value->>'state', op.value->>'jti', op.value->>'launchDeadline', op.value->>'createdAt'
         FROM op WHERE ${NOT_CLAIMED}`,
      )
      .bind(JSON.stringify(sessions)),
    idempotencyStatement(db, claims, "EXISTS (SELECT 1 FROM sessions s WHERE s.id = op.value->>'id')"),
    outboxStatement(db, operations, "session.id IS NOT NULL"),
    db
      .prepare("SELECT s.id FROM json_each(?1) op JOIN sessions s ON s.id = op.value")
      .bind(JSON.stringify(operations.map(({ session }) => session.id))),
  ];
  return {
    statements,
    answers: (results) => {
      const written = new Set(rowsOf<{ id: string }>(results[3]).map((row) => row.id));
      return operations.map(({ session }) => written.has(session.id));
    },
  };
}

/** What stands in the way of a session that was not created. */
export interface Obstacle {
  available: number | null;
  status: string | null;
  review: string | null;
  /** 1 where the provider's signed quote was used for another session. */
  quoteUsed: number;
  /** 1 where the app does not answer our checks. */
  unreachable: number;
  /** What the person's plan would cover. */
  planTokens: number;
}
export async function readObstacle(
  db: D1Database,
  session: { userId: string; walletId: string; providerId: string; quoteId?: string | null },
  now: Millis,
): Promise<Obstacle> {
  const row = await db
    .prepare(
      `SELECT (SELECT sum(remaining) FROM lots WHERE wallet_id = ?1 AND remaining > 0 AND (expires_at IS NULL OR expires_at > ?3)) AS available,
         p.status, p.review, (SELECT count(*) FROM sessions s WHERE s.quote_id = ?4 AND s.provider_id = ?2 AND s.status <> 'expired')
           AS quoteUsed,
         (SELECT count(*) FROM app_health h WHERE h.provider_id = ?2 AND h.open_since IS NOT NULL) AS unreachable,
         ${planLeft("?5", "?2", "?3")} AS planTokens
         FROM (SELECT 1) LEFT JOIN providers p ON p.id = ?2`,
    )
    .bind(session.walletId, session.providerId, now, session.quoteId ?? null, session.userId)
    .first<Obstacle>();
  return row!;
}

/** What a provider knows a person by, and since when the person uses the app. */
export interface Subject {
  subject: string;
  since: Millis | null;
}
/** The pairwise subject of a person at a provider: random, made at the first session, the same ever after. */
export async function subjectFor(
  db: D1Database,
  pair: { userId: string; providerId: string },
  fresh: string,
  now: Millis,
): Promise<Subject> {
  const { userId, providerId } = pair;
  const [, read] = await db.batch<Subject>([
    db
      .prepare("INSERT OR IGNORE INTO subjects (user_id, provider_id, subject, created_at) VALUES (?, ?, ?, ?)")
      .bind(userId, providerId, fresh, now),
    db
      .prepare("SELECT subject, created_at AS since FROM subjects WHERE user_id = ? AND provider_id = ?")
      .bind(userId, providerId),
  ]);
  return read!.results[0]!;
}

// Redeem -----------------------------------------------------------------------------------------------------------

export interface RedeemOperation {
  sessionId: string;
  jti: string;
  now: Millis;
  events: SessionEvent[];
}

/** pending -> active, once, inside the deadline. Answers the started session, or null when its row did not allow it. */
export function startsPart(db: D1Database, operations: RedeemOperation[]): BatchPart<Session | null> {
  const redeemed = operations.map(({ sessionId, jti, now }) => ({ sessionId, jti, now }));
  const statements = [
    db
      .prepare(
        `UPDATE sessions SET status = 'active', started_at = op.now
         FROM (SELECT value->>'sessionId' AS id, value->>'jti' AS jti, value->>'now' AS now FROM json_each(?1)) op
         WHERE sessions.id = op.id AND sessions.status = 'pending' AND sessions.jti = op.jti
           AND sessions.launch_deadline >= op.now RETURNING ${sessionColumns("sessions")}`,
      )
      .bind(JSON.stringify(redeemed)),
    // Its event is of the moment it started at: another attempt's would be of another one.
    outboxStatement(db, operations, "session.started_at = op.value->>'at'"),
  ];
  return {
    statements,
    answers: (results) => {
      const started = new Map(rowsOf<SessionRow>(results[0]).map((row) => [row.id, sessionFromRow(row)]));
      return operations.map(({ sessionId }) => started.get(sessionId) ?? null);
    },
  };
}

// Read -------------------------------------------------------------------------------------------------------------

const SESSION = `${sessionColumns("sessions")} FROM sessions`;

export async function readSession(db: D1Database, id: string): Promise<Session | null> {
  const row = await db.prepare(`SELECT ${SESSION} WHERE id = ?`).bind(id).first<SessionRow>();
  return row && sessionFromRow(row);
}

/** A session with what was reported and what its wallet can spend: all a bill needs, in one read. */
export interface SessionAccount {
  session: Session;
  /** Micro-units per reported meter. */
  usedMicro: Record<string, number>;
  available: number;
}
const ACCOUNT_COLUMNS = `${sessionColumns("s")}, (SELECT json_group_object(m.meter, m.used_micro) FROM session_meters m WHERE m.session_id = s.id) AS used,
  coalesce((SELECT w.available FROM wallets w WHERE w.id = s.wallet_id), 0) AS available`;
type AccountRow = SessionRow & { used: string; available: number };
const accountFromRow = (row: AccountRow): SessionAccount => ({
  session: sessionFromRow(row),
  usedMicro: JSON.parse(row.used) as Record<string, number>,
  available: row.available,
});
export async function readAccount(db: D1Database, id: string): Promise<SessionAccount | null> {
  const row = await db.prepare(`SELECT ${ACCOUNT_COLUMNS} FROM sessions s WHERE s.id = ?`).bind(id).first<AccountRow>();
  return row && accountFromRow(row);
}

/** What more time is worked out from: the account, and what the person's plan would cover of it. */
export async function readExtensible(
  db: D1Database,
  id: string,
  now: Millis,
): Promise<(SessionAccount & { planTokens: number }) | null> {
  const row = await db
    .prepare(
      `SELECT ${ACCOUNT_COLUMNS}, ${planLeft("s.user_id", "s.provider_id", "?2")} AS planTokens FROM sessions s WHERE s.id = ?1`,
    )
    .bind(id, now)
    .first<AccountRow & { planTokens: number }>();
  return row && { ...accountFromRow(row), planTokens: row.planTokens };
}

export async function listSessions(
  db: D1Database,
  query: { userId: string; limit: number; before: string | null },
): Promise<Session[]> {
  const { results } = await db
    .prepare(
      `SELECT ${SESSION} WHERE user_id = ?1 AND mode = 'live' AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3`,
    )
    .bind(query.userId, query.before, query.limit)
    .all<SessionRow>();
  return results.map(sessionFromRow);
}

/** Sessions whose launch token was never redeemed in time, oldest first. */
export async function listNeverStarted(db: D1Database, now: Millis, limit: number): Promise<Session[]> {
  const { results } = await db
    .prepare(`SELECT ${SESSION} WHERE status = 'pending' AND launch_deadline < ? ORDER BY launch_deadline LIMIT ?`)
    .bind(now, limit)
    .all<SessionRow>();
  return results.map(sessionFromRow);
}

/** Started sessions that are not settled, longest running first: the cron has each object look at its clock. */
export async function listOpenSessionIds(db: D1Database, startedBefore: Millis, limit: number): Promise<string[]> {
  const { results } = await db
    .prepare(
      "SELECT id FROM sessions WHERE started_at IS NOT NULL AND settled_at IS NULL AND started_at < ? ORDER BY started_at LIMIT ?",
    )
    .bind(startedBefore, limit)
    .all<{ id: string }>();
  return results.map((row) => row.id);
}

// Extend -----------------------------------------------------------------------------------------------------------

export interface ExtendOperation {
  id: string;
  sessionId: string;
  seconds: number;
  /** The duration the extension was worked out from; another extension in between refuses this one. */
  baseSeconds: number;
  tokens: number;
  /** Of them, what the plan covers; the wallet holds the rest. */
  includedTokens: number;
  caps: Record<string, number>;
  automatic: boolean;
  now: Millis;
  idempotency: IdempotencyRow | null;
  events: SessionEvent[];
}

/** @returns false when the row did not allow it (funds, closed, changed meanwhile, key used before). */
export async function insertExtension(db: D1Database, operation: ExtendOperation): Promise<boolean> {
  const { events: _, idempotency, ...extension } = operation;
  const json = JSON.stringify([{ ...extension, idempotency: claimOf(idempotency) }]);
  const [inserted] = await db.batch<{ id: string }>([
    db
      .prepare(
        `${OPERATIONS} INSERT INTO extensions (id, session_id, seconds, base_seconds, tokens, included_tokens, caps, automatic, at)
         SELECT op.value->>'id', op.value->>'sessionId', op.value->>'seconds', op.value->>'baseSeconds', op.value->>'tokens',
           op.value->>'includedTokens', op.value->'caps', op.value->>'automatic', op.value->>'now'
         FROM op WHERE ${NOT_CLAIMED} RETURNING id`,
      )
      .bind(json),
    idempotencyStatement(db, [operation], "EXISTS (SELECT 1 FROM extensions x WHERE x.id = op.value->>'id')"),
    outboxStatement(db, [operation], "EXISTS (SELECT 1 FROM extensions x WHERE x.id = op.value->>'of')"),
  ]);
  return inserted!.results.length === 1;
}

// End --------------------------------------------------------------------------------------------------------------

/** The end is known, the bill waits for late reports: later ones are refused, the hold stays. Safe to repeat. */
export async function markEnded(
  db: D1Database,
  sessionId: string,
  end: { at: Millis; reason: EndReason; status: string; activeSeconds: number },
  events: SessionEvent[],
): Promise<void> {
  await db.batch([
    db
      .prepare(
        "UPDATE sessions SET status = ?2, end_reason = ?3, ended_at = ?4, active_seconds = ?5 WHERE id = ?1 AND settled_at IS NULL AND ended_at IS NULL",
      )
      .bind(sessionId, end.status, end.reason, end.at, end.activeSeconds),
    outboxStatement(db, [{ events }]),
  ]);
}

export interface CloseOperation {
  sessionId: string;
  status: string;
  endReason: EndReason;
  endedAt: Millis;
  activeSeconds: number;
  /** The number of reports the price was worked out from, and the duration whose hold bounds it. */
  reports: number;
  durationSeconds: number;
  usedTokens: number;
  /** Of them, what the plan covers; the rest is charged. */
  includedTokens: number;
  /** Of what is charged. */
  feeTokens: number;
  lines: ChargeLine[];
  intervals: Interval[];
  comparisons: Comparison[];
  /** What stays held (`reservedTokens` of it by the plan), until when the provider may show evidence for it. */
  slice: { tokens: number; reservedTokens: number; meters: DisputedMeter[]; dueAt: Millis } | null;
  now: Millis;
  events: SessionEvent[];
}

export interface Closed {
  /** Whether this very call closed it. */
  closed: boolean;
  /** The account as it is now: when a report or an extension came in between, the price is worked out again from it. */
  account: SessionAccount | null;
}

/** Write closings, which post the settlements. */
export function closingsPart(db: D1Database, operations: CloseOperation[]): BatchPart<Closed> {
  const closings = operations.map((operation) => ({ ...operation, events: undefined }));
  const statements = [
    db
      .prepare(
        `${OPERATIONS} INSERT INTO closings (session_id, status, end_reason, ended_at, active_seconds, reports, used_tokens, included_tokens, fee_tokens,
           token_cents, lines, intervals, comparisons, slice, at)
         SELECT op.value->>'sessionId', op.value->>'status', op.value->>'endReason', op.value->>'endedAt',
           op.value->>'activeSeconds', op.value->>'reports', op.value->>'usedTokens', coalesce(op.value->>'includedTokens', 0), op.value->>'feeTokens', ?2,
           op.value->'lines', op.value->'intervals', coalesce(op.value->'comparisons', '[]'),
           nullif(op.value->'slice', 'null'), op.value->>'now'
         FROM op
         WHERE (SELECT duration_seconds FROM sessions WHERE id = op.value->>'sessionId') = op.value->>'durationSeconds'
         RETURNING session_id AS id`,
      )
      .bind(JSON.stringify(closings), TOKEN_CENTS),
    outboxStatement(db, operations, "EXISTS (SELECT 1 FROM closings c WHERE c.session_id = op.value->>'sessionId')"),
    db
      .prepare(`SELECT ${ACCOUNT_COLUMNS} FROM json_each(?1) op CROSS JOIN sessions s ON s.id = op.value`)
      .bind(JSON.stringify(operations.map(({ sessionId }) => sessionId))),
  ];
  return {
    statements,
    answers: ([inserted, , read]) => {
      const closed = new Set(rowsOf<{ id: string }>(inserted).map((row) => row.id));
      const accounts = new Map(rowsOf<AccountRow>(read).map((row) => [row.id, accountFromRow(row)]));
      return operations.map(({ sessionId }) => ({
        closed: closed.has(sessionId),
        account: accounts.get(sessionId) ?? null,
      }));
    },
  };
}

// What happened in the object ------------------------------------------------------------------------------------

/** Relay events the session's object kept in its own outbox, and the state they leave the session in. */
export async function relayEvents(
  db: D1Database,
  sessionId: string,
  status: "active" | "paused" | null,
  events: SessionEvent[],
): Promise<void> {
  await db.batch([
    outboxStatement(db, [{ events }]),
    db
      .prepare(
        "UPDATE sessions SET status = ?2 WHERE id = ?1 AND ?2 IS NOT NULL AND ended_at IS NULL AND started_at IS NOT NULL",
      )
      .bind(sessionId, status),
  ]);
}
