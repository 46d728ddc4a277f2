// SQL of automatic top-up. What may never be twice is held by the tables (migrations/0020_top_up.sql): one open attempt a
// person; and every change of an attempt names the state it comes from, so that two runs at once act once.

import type { Millis } from "../clock.ts";
import { newId } from "../ids.ts";
import type { NotificationKind } from "../notifications/store.ts";
import { periodAround } from "../spending/periods.ts";
import { LIVE_USE_MS, type FuseFacts, type FuseRule, type FuseState } from "./fuse.ts";

export interface Rule extends FuseRule {
  userId: string;
  walletId: string;
  toldCapAt: Millis | null;
}
export type FiringState = "in_flight" | "asked" | "paid" | "declined" | "lapsed";
export interface Firing {
  id: string;
  userId: string;
  orderId: string;
  tokens: number;
  amountCents: number;
  state: FiringState;
  customerId: string;
  paymentMethodId: string;
  reason: string | null;
  at: Millis;
  endedAt: Millis | null;
}
/** An attempt with the order it buys, and where that can be paid by hand. */
export interface FiringOrder extends Firing {
  orderStatus: string;
  checkoutId: string | null;
  checkoutUrl: string | null;
}

const RULE = `user_id AS userId, wallet_id AS walletId, state, threshold_tokens AS thresholdTokens, top_up_tokens AS topUpTokens,
  day_max_tokens AS dayMaxTokens, month_max_tokens AS monthMaxTokens, failures, told_cap_at AS toldCapAt`;
const FIRING = `f.id, f.user_id AS userId, f.order_id AS orderId, f.tokens, f.amount_cents AS amountCents, f.state,
  f.customer_id AS customerId, f.payment_method_id AS paymentMethodId, f.reason, f.at, f.ended_at AS endedAt,
  o.status AS orderStatus, o.checkout_id AS checkoutId, o.checkout_url AS checkoutUrl`;

// The rule ------------------------------------------------------------------------------------------------------------

export const readRule = (db: D1Database, userId: string): Promise<Rule | null> =>
  db.prepare(`SELECT ${RULE} FROM top_up_rules WHERE user_id = ?`).bind(userId).first<Rule>();

/** Set or change the standing order. Turning it on forgets earlier failures: the person has just said yes. */
export const putRule = (
  db: D1Database,
  it: Omit<Rule, "failures" | "toldCapAt"> & { consentedAt: Millis | null },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO top_up_rules (user_id, wallet_id, state, threshold_tokens, top_up_tokens, day_max_tokens, month_max_tokens,
         consented_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
       ON CONFLICT (user_id) DO UPDATE SET state = ?3, threshold_tokens = ?4, top_up_tokens = ?5, day_max_tokens = ?6,
         month_max_tokens = ?7, consented_at = ?8, updated_at = ?9, failures = 0, due_at = NULL, told_cap_at = NULL`,
    )
    .bind(
      it.userId,
      it.walletId,
      it.state,
      it.thresholdTokens,
      it.topUpTokens,
      it.dayMaxTokens,
      it.monthMaxTokens,
      it.consentedAt,
      now,
    );

export const dueRules = async (db: D1Database, now: Millis, limit: number): Promise<Rule[]> =>
  (
    await db
      .prepare(`SELECT ${RULE} FROM top_up_rules WHERE due_at IS NOT NULL AND due_at <= ? ORDER BY due_at LIMIT ?`)
      .bind(now, limit)
      .all<Rule>()
  ).results;

/** Look again at `at`, or with null when tokens are charged again. */
export const setDue = (db: D1Database, userId: string, at: Millis | null): D1PreparedStatement =>
  db.prepare("UPDATE top_up_rules SET due_at = ?2 WHERE user_id = ?1").bind(userId, at);

export const setToldCap = (db: D1Database, userId: string, now: Millis): D1PreparedStatement =>
  db.prepare("UPDATE top_up_rules SET told_cap_at = ?2 WHERE user_id = ?1").bind(userId, now);

/** Nothing more is charged until the person turns it on again. */
export const trip = (db: D1Database, userId: string, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE top_up_rules SET state = 'asking', due_at = NULL, updated_at = ?2 WHERE user_id = ?1 AND state = 'on'",
    )
    .bind(userId, now);

// What the fuse looks at ------------------------------------------------------------------------------------------------

export interface RawFacts extends Omit<FuseFacts, "hasCard" | "lastUseAt"> {
  /** When the clock of a session that is over last ran: one that was left stands for half an hour before it ends. */
  lastRanAt: Millis | null;
  /** Running now, by D1: their objects know the last beat. */
  runningSessionIds: string[];
  customerId: string | null;
}

/** A session starts only by the person's own click, so one that ran at all was used by them. */
const REAL_USE_SECONDS = 1;
/** A session lasts 12 h at most. */
const SESSION_MAX_MS = 13 * 60 * 60 * 1000;
const RUNNING_MAX = 5;

export async function readFacts(db: D1Database, rule: Rule, now: Millis): Promise<RawFacts> {
  const row = await db
    .prepare(
      `SELECT w.available + w.held AS totalTokens, u.stripe_customer_id AS customerId,
         EXISTS (SELECT 1 FROM top_up_firings WHERE user_id = ?1 AND state IN ('in_flight', 'asked')) AS hasOpenFiring,
         (SELECT max(at) FROM top_up_firings WHERE user_id = ?1) AS lastFiredAt,
         (SELECT coalesce(sum(tokens), 0) FROM top_up_firings WHERE user_id = ?1 AND at >= ?3 AND state IN ('in_flight', 'asked', 'paid')) AS dayTokens,
         (SELECT coalesce(sum(tokens), 0) FROM top_up_firings WHERE user_id = ?1 AND at >= ?4 AND state IN ('in_flight', 'asked', 'paid')) AS monthTokens,
         (SELECT max(ran.value->>'to') FROM sessions s JOIN closings c ON c.session_id = s.id, json_each(c.intervals) ran
            WHERE s.user_id = ?1 AND s.created_at >= ?5 AND s.mode = 'live' AND s.ended_at >= ?6 AND s.active_seconds >= ?7
              AND ran.value->>'kind' = 'active') AS lastRanAt,
         (SELECT json_group_array(id) FROM (SELECT id FROM sessions WHERE user_id = ?1 AND created_at >= ?5 AND mode = 'live'
            AND started_at IS NOT NULL AND ended_at IS NULL ORDER BY created_at DESC LIMIT ${RUNNING_MAX})) AS running
       FROM wallets w JOIN users u ON u.id = ?1 WHERE w.id = ?2`,
    )
    .bind(
      rule.userId,
      rule.walletId,
      periodAround("day", now).from,
      periodAround("month", now).from,
      now - SESSION_MAX_MS,
      now - LIVE_USE_MS,
      REAL_USE_SECONDS,
    )
    .first<Omit<RawFacts, "hasOpenFiring" | "runningSessionIds"> & { hasOpenFiring: number; running: string }>();
  if (!row) return { ...NOTHING };
  const { hasOpenFiring, running, ...facts } = row;
  return { ...facts, hasOpenFiring: hasOpenFiring === 1, runningSessionIds: JSON.parse(running) as string[] };
}

/** A person who is gone has nothing to top up. */
const NOTHING: RawFacts = {
  totalTokens: Number.MAX_SAFE_INTEGER,
  hasOpenFiring: false,
  lastFiredAt: null,
  dayTokens: 0,
  monthTokens: 0,
  lastRanAt: null,
  runningSessionIds: [],
  customerId: null,
};

// Attempts ---------------------------------------------------------------------------------------------------------------

/** Begin an attempt. Fails its batch when another is open (`top_up_one_open`). */
export const insertFiring = (
  db: D1Database,
  it: Omit<Firing, "state" | "reason" | "endedAt">,
  nextTryAt: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO top_up_firings (id, user_id, order_id, tokens, amount_cents, state, customer_id, payment_method_id, at, next_try_at)
       VALUES (?, ?, ?, ?, ?, 'in_flight', ?, ?, ?, ?)`,
    )
    .bind(it.id, it.userId, it.orderId, it.tokens, it.amountCents, it.customerId, it.paymentMethodId, it.at, nextTryAt);

export const isAlreadyOpen = (error: unknown): boolean =>
  /UNIQUE constraint failed: top_up_firings/.test(String((error as Error)?.message));

/** From one state to another, once. `moveId` is the run's own: its further statements act only if the move was its. */
export const moveFiring = (
  db: D1Database,
  it: { id: string; from: FiringState; to: FiringState; reason: string | null; moveId: string },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE top_up_firings SET state = ?3, reason = coalesce(?4, reason), move_id = ?6,
         ended_at = CASE WHEN ?3 = 'asked' THEN NULL ELSE ?5 END WHERE id = ?1 AND state = ?2`,
    )
    .bind(it.id, it.from, it.to, it.reason, now, it.moveId);

const MOVED = "EXISTS (SELECT 1 FROM top_up_firings WHERE move_id = ?1)";

/** The fuse after the move of this run. */
export const setFuse = (
  db: D1Database,
  moveId: string,
  fuse: { userId: string; state: FuseState; failures: number; dueAt: Millis | null },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE top_up_rules SET state = ?3, failures = ?4, due_at = ?5, updated_at = ?6 WHERE user_id = ?2 AND ${MOVED}`,
    )
    .bind(moveId, fuse.userId, fuse.state, fuse.failures, fuse.dueAt, now);

/** What the person is told of the move of this run. */
export const tellOfMove = (
  db: D1Database,
  moveId: string,
  it: { userId: string; kind: NotificationKind; data: Record<string, unknown>; at: Millis },
): D1PreparedStatement =>
  db
    .prepare(`INSERT INTO notifications (id, user_id, kind, data, at) SELECT ?2, ?3, ?4, ?5, ?6 WHERE ${MOVED}`)
    .bind(moveId, newId(it.at), it.userId, it.kind, JSON.stringify(it.data), it.at);

export const postponeFiring = (db: D1Database, id: string, nextTryAt: Millis): D1PreparedStatement =>
  db.prepare("UPDATE top_up_firings SET next_try_at = ?2 WHERE id = ?1 AND state = 'in_flight'").bind(id, nextTryAt);

/** Attempts whose charge was never heard of, or whose order has come to an end. */
export const firingsToFinish = async (db: D1Database, now: Millis, limit: number): Promise<FiringOrder[]> =>
  (
    await db
      .prepare(
        `SELECT ${FIRING} FROM top_up_firings f JOIN orders o ON o.id = f.order_id
         WHERE f.state IN ('in_flight', 'asked') AND (o.status <> 'open'
           OR (f.state = 'in_flight' AND o.checkout_id IS NULL AND f.next_try_at <= ?1)) ORDER BY f.at LIMIT ?2`,
      )
      .bind(now, limit)
      .all<FiringOrder>()
  ).results;

/** The latest attempts of a person, newest first. */
export const recentFirings = async (db: D1Database, userId: string, limit: number): Promise<FiringOrder[]> =>
  (
    await db
      .prepare(
        `SELECT ${FIRING} FROM top_up_firings f JOIN orders o ON o.id = f.order_id WHERE f.user_id = ? ORDER BY f.at DESC LIMIT ?`,
      )
      .bind(userId, limit)
      .all<FiringOrder>()
  ).results;

/** Bought, or being bought, since the day and the month began. */
export const boughtSince = async (
  db: D1Database,
  userId: string,
  day: Millis,
  month: Millis,
): Promise<{ dayTokens: number; monthTokens: number }> =>
  (await db
    .prepare(
      `SELECT coalesce(sum(CASE WHEN at >= ?2 THEN tokens END), 0) AS dayTokens, coalesce(sum(tokens), 0) AS monthTokens
       FROM top_up_firings WHERE user_id = ?1 AND at >= ?3 AND state IN ('in_flight', 'asked', 'paid')`,
    )
    .bind(userId, day, month)
    .first<{ dayTokens: number; monthTokens: number }>())!;

/** The order of an attempt that has not heard of its charge, by the customer that was charged. */
export const orderAwaitingCharge = async (db: D1Database, customerId: string): Promise<string | null> =>
  (
    await db
      .prepare(
        `SELECT f.order_id AS id FROM users u JOIN top_up_firings f ON f.user_id = u.id AND f.state IN ('in_flight', 'asked', 'declined', 'lapsed')
         JOIN orders o ON o.id = f.order_id AND o.checkout_id IS NULL WHERE u.stripe_customer_id = ? ORDER BY f.at DESC LIMIT 1`,
      )
      .bind(customerId)
      .first<{ id: string }>()
  )?.id ?? null;
