// Idempotency records (contract section 1). The record is written by the same D1 batch as the effect it stands for, so
// there is never one without the other; a failed effect leaves no record and frees the key.
//
// A domain function that changes state takes `claim: IdempotencyClaim | null` and puts `recordAnswer(...)` LAST in its
// batch; whatever then fails, `answerOnce` (workers/middleware/idempotency-key.ts) looks for `recordedAnswer(...)` first.
// Source: stripe.com/docs/api/idempotent_requests.

import type { Millis } from "./clock.ts";
import { DomainError } from "./errors.ts";
import { seal, sealingKey, unseal } from "./seal.ts";

/** Kept for 24 h, then purged by cron. */
export const IDEMPOTENCY_KEPT_MS = 24 * 60 * 60 * 1000;
export const IDEMPOTENCY_KEY_MAX_LENGTH = 255;

export interface IdempotencyClaim {
  /** `user:<id>` or `provider:<id>:<mode>`. */
  principal: string;
  /** Method and route pattern, e.g. `POST /v1/sessions/create`; aliases of one handler share it. */
  route: string;
  keyHash: string;
  bodyHash: string;
  /** The caller's key itself: answers are sealed under it, and it is never stored. */
  key: string;
}

export interface RecordedAnswer {
  status: number;
  body: unknown;
}

/** The row to store, with the answer sealed under the caller's key (answers can carry launch tokens and API keys). */
export async function idempotencyRow(claim: IdempotencyClaim, answer: RecordedAnswer, now: Millis) {
  const key = await sealingKey(claim.key, "idempotency-answer");
  return {
    principal: claim.principal,
    route: claim.route,
    keyHash: claim.keyHash,
    bodyHash: claim.bodyHash,
    status: answer.status,
    response: await seal(key, JSON.stringify(answer.body)),
    createdAt: now,
  };
}
export type IdempotencyRow = Awaited<ReturnType<typeof idempotencyRow>>;

/** The statement that records the answer; [] without a claim. Fails the whole batch when the key was used before. */
export async function recordAnswer(
  db: D1Database,
  claim: IdempotencyClaim | null,
  answer: RecordedAnswer,
  now: Millis,
): Promise<D1PreparedStatement[]> {
  if (!claim) return [];
  const row = await idempotencyRow(claim, answer, now);
  return [
    db
      .prepare(
        "INSERT INTO idempotency (principal, route, key_hash, body_hash, status, response, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      )
      .bind(row.principal, row.route, row.keyHash, row.bodyHash, row.status, row.response, row.createdAt),
  ];
}

/**
 * The first answer to this key.
 * @throws DomainError `idempotency_key_reused` when the key came with another body.
 */
export async function recordedAnswer(db: D1Database, claim: IdempotencyClaim): Promise<RecordedAnswer | null> {
  const row = await db
    .prepare("SELECT body_hash, status, response FROM idempotency WHERE principal = ? AND route = ? AND key_hash = ?")
    .bind(claim.principal, claim.route, claim.keyHash)
    .first<{ body_hash: string; status: number; response: string }>();
  if (!row) return null;
  if (row.body_hash !== claim.bodyHash)
    throw new DomainError(
      "idempotency_key_reused",
      "This Idempotency-Key was used with another request body. Use a new key for a new request.",
    );
  const key = await sealingKey(claim.key, "idempotency-answer");
  return { status: row.status, body: JSON.parse(await unseal(key, row.response)) };
}

/** Forget answers older than 24 h. */
export async function purgeRecordedAnswers(db: D1Database, now: Millis): Promise<void> {
  await db
    .prepare("DELETE FROM idempotency WHERE created_at < ?")
    .bind(now - IDEMPOTENCY_KEPT_MS)
    .run();
}
