// Refresh tokens: single use, rotating, seven days from sign-in at most (RFC 9700 section 4.14.2).
//
// The successor is HMAC(key, old token), so everyone who presents the same token within the grace gets the same
// successor: two tabs and a lost answer do no harm. Any other second use means that two parties hold the token, and
// nobody can tell which one is the thief: the whole sign-in ends.

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { base64url, randomSecret, sha256Hex } from "../ids.ts";
import { forgetSignIn } from "./access-token.ts";
import { deleteSignIn, insertRefreshToken, personStatement, rotateRefreshToken, type PersonRow } from "./store.ts";

/** From sign-in; successors inherit the moment and never move it. */
export const SIGN_IN_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;
/** How long a used token still gets its successor. */
export const REUSE_GRACE_MS = 10_000;
const ENDED = "You are signed out. Sign in again.";

export interface RefreshEnv {
  DB: D1Database;
  AUTH_SECRET: string;
}

export interface Renewal {
  person: PersonRow;
  signInId: string;
  refreshToken: string;
  expiresAt: Millis;
}

/** Two parties held one token. To the caller it is any other refusal; whoever answers may write it to the log. */
export class RefreshTokenReused extends DomainError {
  readonly signInId: string;
  constructor(signInId: string) {
    super("unauthenticated", ENDED);
    this.signInId = signInId;
  }
}

/** The first refresh token of a sign-in, and whose it is. */
export async function firstRefreshToken(
  env: RefreshEnv,
  it: { userId: string; signInId: string; expiresAt: Millis },
  now: Millis,
): Promise<Renewal> {
  const refreshToken = randomSecret();
  const row = { ...it, hash: await sha256Hex(refreshToken), createdAt: now };
  const [, people] = await env.DB.batch<PersonRow>([
    insertRefreshToken(env.DB, row),
    personStatement(env.DB, it.userId),
  ]);
  return { person: people!.results[0]!, signInId: it.signInId, refreshToken, expiresAt: it.expiresAt };
}

/**
 * Exchange a refresh token for its successor. Repeatable within `REUSE_GRACE_MS` of its first use.
 * @throws DomainError `unauthenticated`: unknown, expired, or used before; the last one also ends the sign-in.
 */
export async function renew(env: RefreshEnv, token: string, now: Millis): Promise<Renewal> {
  const refreshToken = await successorOf(env, token);
  const [hash, successor] = await Promise.all([sha256Hex(token), sha256Hex(refreshToken)]);
  const row = await rotateRefreshToken(env.DB, { hash, successor, now });
  if (!row || row.expires_at <= now) throw signInEnded();
  const isFirstUseOrRetry =
    row.successor === successor && row.successor_used_at === null && now - row.used_at! <= REUSE_GRACE_MS;
  if (!isFirstUseOrRetry) {
    await deleteSignIn(env.DB, row.sign_in_id);
    forgetSignIn(row.sign_in_id);
    throw new RefreshTokenReused(row.sign_in_id);
  }
  return { person: row, signInId: row.sign_in_id, refreshToken, expiresAt: row.expires_at };
}

const signInEnded = () => new DomainError("unauthenticated", ENDED);

async function successorOf(env: RefreshEnv, token: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(env.AUTH_SECRET), algorithm, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(`refresh-successor:${token}`));
  return base64url(new Uint8Array(mac));
}
