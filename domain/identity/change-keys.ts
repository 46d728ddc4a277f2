// What the owner of an app does with its API keys: make one, limited or not, replace one with an overlap, and stop one.

import { iso, isoOrNull, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newApiKey } from "./api-keys.ts";
import type { KeyMode, NewApiKey } from "./new-key.ts";
import type { KeyScope } from "./key-scopes.ts";
import { findOwnedKey, insertApiKey, listApiKeys, replaceApiKey, revokeApiKey, type ApiKeyRow } from "./store.ts";

/** Keys of one app that work at the same time. */
export const KEYS_MAX = 20;
/** How long a replaced key still works, unless said otherwise: a day to roll out the new one. */
export const OVERLAP_HOURS_DEFAULT = 24;
export const OVERLAP_HOURS_MAX = 7 * 24;
const HOUR_MS = 60 * 60 * 1000;
/** Keys that are over are shown for so long. */
const SHOWN_AFTER_END_MS = 30 * 24 * HOUR_MS;

const keyView = (row: ApiKeyRow, now: Millis) => ({
  id: row.id,
  name: row.name,
  mode: row.mode,
  /** Its first characters. */
  prefix: row.prefix,
  /** Null: everything. */
  scopes: row.scopes === null ? null : (JSON.parse(row.scopes) as KeyScope[]),
  createdAt: iso(row.created_at),
  /** To the quarter hour. */
  lastUsedAt: isoOrNull(row.last_used_at),
  /** Set where it stops, or stopped, working. */
  worksUntil: isoOrNull(row.revoked_at),
  isWorking: row.revoked_at === null || row.revoked_at > now,
  replacedBy: row.replaced_by,
});
export type KeyView = ReturnType<typeof keyView>;

/** Keys that work and those that stopped in the last 30 days, the newest first. */
export const keysOf = async (db: D1Database, providerId: string, now: Millis): Promise<KeyView[]> =>
  (await listApiKeys(db, providerId))
    .filter(({ revoked_at }) => revoked_at === null || revoked_at > now - SHOWN_AFTER_END_MS)
    .map((row) => keyView(row, now));

export interface MadeKey {
  key: KeyView;
  /** The key itself: shown here and nowhere else. */
  secret: string;
}

/**
 * One more key.
 * @throws DomainError `key_limit_reached`
 */
export async function makeKey(
  db: D1Database,
  it: { providerId: string; mode: KeyMode; name: string; scopes: readonly KeyScope[] | null },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<MadeKey> {
  await assertRoom(db, it.providerId, now);
  const made: NewApiKey = { ...(await newApiKey(it.mode, now)), name: it.name, scopes: it.scopes };
  const answer = { key: viewOfNew(made, it.providerId, now), secret: made.key };
  await db.batch([
    insertApiKey(db, it.providerId, made, now),
    ...(await recordAnswer(db, claim, { status: 201, body: answer }, now)),
  ]);
  return answer;
}

/**
 * A successor with the same name, mode and scopes; the old key works for the overlap and then no more.
 * @throws DomainError `key_not_found`, `key_revoked`, `key_limit_reached`
 */
export async function rotateKey(
  db: D1Database,
  it: { userId: string; keyId: string; overlapHours: number },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<MadeKey & { replaced: KeyView }> {
  const old = await workingKey(db, it, now);
  await assertRoom(db, old.provider_id, now);
  const scopes = old.scopes === null ? null : (JSON.parse(old.scopes) as KeyScope[]);
  const made: NewApiKey = { ...(await newApiKey(old.mode, now)), name: old.name, scopes };
  const until = Math.min(now + it.overlapHours * HOUR_MS, old.revoked_at ?? Number.POSITIVE_INFINITY);
  const answer = {
    key: viewOfNew(made, old.provider_id, now),
    secret: made.key,
    replaced: keyView({ ...old, revoked_at: until, replaced_by: made.id }, now),
  };
  await db.batch([
    insertApiKey(db, old.provider_id, made, now),
    replaceApiKey(db, { providerId: old.provider_id, keyId: old.id, successorId: made.id, until }),
    ...(await recordAnswer(db, claim, { status: 201, body: answer }, now)),
  ]);
  return answer;
}

/**
 * Stop a key now; isolates that just used it may take ten seconds more. Stopping a stopped one changes nothing.
 * @throws DomainError `key_not_found`
 */
export async function stopKey(
  db: D1Database,
  it: { userId: string; keyId: string },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ key: KeyView }> {
  const row = await findKey(db, it);
  const revokedAt = Math.min(row.revoked_at ?? now, now);
  const answer = { key: keyView({ ...row, revoked_at: revokedAt }, now) };
  await db.batch([
    revokeApiKey(db, row.provider_id, row.id, now),
    ...(await recordAnswer(db, claim, { status: 200, body: answer }, now)),
  ]);
  return answer;
}

async function findKey(db: D1Database, it: { userId: string; keyId: string }): Promise<ApiKeyRow> {
  const row = await findOwnedKey(db, it.userId, it.keyId);
  if (!row) throw new DomainError("key_not_found", "There is no such key of an app of yours.");
  return row;
}

async function workingKey(db: D1Database, it: { userId: string; keyId: string }, now: Millis): Promise<ApiKeyRow> {
  const row = await findKey(db, it);
  if (row.revoked_at !== null && row.revoked_at <= now)
    throw new DomainError("key_revoked", "This key was stopped. Make a new one instead.");
  if (row.replaced_by !== null)
    throw new DomainError("key_revoked", "This key has a successor already. Replace that one, or make a new key.");
  return row;
}

async function assertRoom(db: D1Database, providerId: string, now: Millis): Promise<void> {
  const working = (await keysOf(db, providerId, now)).filter(({ isWorking }) => isWorking).length;
  if (working >= KEYS_MAX)
    throw new DomainError("key_limit_reached", `An app has at most ${KEYS_MAX} keys that work. Stop one first.`);
}

const viewOfNew = (made: NewApiKey, providerId: string, now: Millis): KeyView =>
  keyView(
    {
      id: made.id,
      provider_id: providerId,
      mode: made.mode,
      prefix: made.prefix,
      name: made.name ?? "",
      scopes: made.scopes ? JSON.stringify(made.scopes) : null,
      created_at: now,
      last_used_at: null,
      revoked_at: null,
      replaced_by: null,
    },
    now,
  );
