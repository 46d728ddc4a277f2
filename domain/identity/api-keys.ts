// API keys of providers' servers: made once, shown once, kept as SHA-256 only. A key is 256 random bits, so a plain hash
// is enough: there is nothing to guess (unlike a password).

import { BoundedMap } from "../bounded-map.ts";
import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { newId, randomSecret, sha256Hex } from "../ids.ts";
import { isInScope, type KeyScope } from "./key-scopes.ts";
import type { KeyMode, NewApiKey } from "./new-key.ts";
import { findApiKey } from "./store.ts";

export interface KeyHolder {
  kind: "provider";
  providerId: string;
  keyId: string;
  mode: KeyMode;
}

const SHAPE = /^mk_(live|test)_[A-Za-z0-9_-]{43}$/;
const PREFIX_LENGTH = "mk_live_".length + 4;

/** A new key; the caller stores `insertApiKey(db, providerId, key, now)` in the batch that needs it. */
export async function newApiKey(mode: KeyMode, now: Millis): Promise<NewApiKey> {
  const key = `mk_${mode}_${randomSecret()}`;
  return { id: newId(now), mode, key, hash: await sha256Hex(key), prefix: key.slice(0, PREFIX_LENGTH) };
}

/** A revoked key may still work for this long in an isolate that just used it: the price of no database read a report. */
export const KEY_CACHE_MS = 10_000;
/** The use of a key is noted at most this often: its owner wants to know whether it lives, not how busy it is. */
export const KEY_USE_NOTED_MS = 15 * 60 * 1000;

/** A key that works, and what else is known of it. */
interface KnownKey {
  holder: KeyHolder;
  /** Null: everything. */
  scopes: readonly KeyScope[] | null;
  lastUsedAt: Millis | null;
}
const known = new BoundedMap<string, KnownKey & { seenAt: Millis; until: Millis }>(5_000);

/** Whether a bearer credential looks like an API key, so that the caller knows which check applies. */
export const isApiKey = (credential: string): boolean => credential.startsWith("mk_");

/**
 * Whose key this is.
 * @throws DomainError `api_key_invalid`, the same for malformed, unknown and revoked keys.
 */
export const readApiKey = async (db: D1Database, key: string, now: Millis): Promise<KeyHolder> =>
  (await knownKey(db, key, now)).holder;

/**
 * Whose key this is, if it may ask this address.
 * @returns `isUseDue` where the use should be noted (`noteKeyUse`), off the caller's way.
 * @throws DomainError `api_key_invalid`, `forbidden` outside the key's scopes.
 */
export async function useApiKey(
  db: D1Database,
  key: string,
  path: string,
  now: Millis,
): Promise<{ holder: KeyHolder; isUseDue: boolean }> {
  const it = await knownKey(db, key, now);
  if (!isInScope(it.scopes, path))
    throw new DomainError(
      "forbidden",
      `This key is limited to ${it.scopes!.join(", ")}. Use a key with the scope this needs, or one without limits.`,
    );
  const isUseDue = it.lastUsedAt === null || now - it.lastUsedAt >= KEY_USE_NOTED_MS || it.lastUsedAt > now;
  if (isUseDue) it.lastUsedAt = now;
  return { holder: it.holder, isUseDue };
}

const NOT_VALID = "This API key is not valid. Make a new one in your provider settings.";
const NO_KEY = "This call takes an API key (mk_live_... or mk_test_...) as bearer, from your server.";

async function knownKey(db: D1Database, key: string, now: Millis): Promise<KnownKey> {
  const cached = known.get(key);
  if (cached && cached.seenAt <= now && now < cached.until) return cached;
  const row = SHAPE.test(key) ? await findApiKey(db, await sha256Hex(key)) : null;
  if (!row || (row.revoked_at !== null && row.revoked_at <= now))
    throw new DomainError("api_key_invalid", key.startsWith("mk_") ? NOT_VALID : NO_KEY);
  const it = {
    holder: { kind: "provider" as const, providerId: row.provider_id, keyId: row.id, mode: row.mode },
    scopes: row.scopes === null ? null : (JSON.parse(row.scopes) as KeyScope[]),
    lastUsedAt: row.last_used_at,
    seenAt: now,
    until: Math.min(now + KEY_CACHE_MS, row.revoked_at ?? Number.POSITIVE_INFINITY),
  };
  known.set(key, it);
  return it;
}
