// API keys of providers' servers: made once, shown once, kept as SHA-256 only. A key is 256 random bits, so a plain hash
// is enough: there is nothing to guess (unlike a password).

import { BoundedMap } from "../bounded-map.ts";
import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { newId, randomSecret, sha256Hex } from "../ids.ts";
import { findApiKey } from "./store.ts";

export type KeyMode = "live" | "test";

export interface NewApiKey {
  id: string;
  mode: KeyMode;
  /** The key itself, `mk_live_...` or `mk_test_...`: goes to its owner once and nowhere else. */
  key: string;
  hash: string;
  /** Its first characters, for telling keys apart in a list. */
  prefix: string;
}

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
const known = new BoundedMap<string, { holder: KeyHolder; until: Millis }>(5_000);

/** Whether a bearer credential looks like an API key, so that the caller knows which check applies. */
export const isApiKey = (credential: string): boolean => credential.startsWith("mk_");

/**
 * Whose key this is.
 * @throws DomainError `api_key_invalid`, the same for malformed, unknown and revoked keys.
 */
export async function readApiKey(db: D1Database, key: string, now: Millis): Promise<KeyHolder> {
  const cached = known.get(key);
  if (cached && now < cached.until) return cached.holder;
  const row = SHAPE.test(key) ? await findApiKey(db, await sha256Hex(key)) : null;
  if (!row || row.revoked_at !== null)
    throw new DomainError("api_key_invalid", "This API key is not valid. Make a new one in your provider settings.");
  const holder: KeyHolder = { kind: "provider", providerId: row.provider_id, keyId: row.id, mode: row.mode };
  known.set(key, { holder, until: now + KEY_CACHE_MS });
  return holder;
}
