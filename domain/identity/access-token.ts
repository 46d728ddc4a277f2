// The access token: who is signed in, for 15 minutes, without a database read (RFC 9068, `typ: at+jwt`).

import { BoundedMap } from "../bounded-map.ts";
import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { signJwt, verifyJwt, JwtRefused, type SigningEnv } from "./signing-keys.ts";

export const ACCESS_TOKEN_TYPE = "at+jwt";
export const ACCESS_TOKEN_SECONDS = 15 * 60;

export const USER_ROLES = ["user", "operator"] as const;
export type UserRole = (typeof USER_ROLES)[number];

export interface SignedInUser {
  kind: "user";
  userId: string;
  walletId: string;
  signInId: string;
  role: UserRole;
}

export interface AccessTokenEnv extends SigningEnv {
  API_ORIGIN: string;
  WEB_ORIGIN: string;
}

/** @returns A JWT that says who is signed in until `now` + 15 min. */
export function issueAccessToken(env: AccessTokenEnv, user: Omit<SignedInUser, "kind">, now: Millis): Promise<string> {
  const issuedAt = Math.floor(now / 1000);
  return signJwt(env, ACCESS_TOKEN_TYPE, {
    iss: env.WEB_ORIGIN,
    aud: env.API_ORIGIN,
    sub: user.userId,
    sid: user.signInId,
    wid: user.walletId,
    role: user.role,
    iat: issuedAt,
    exp: issuedAt + ACCESS_TOKEN_SECONDS,
  });
}

// Verifying costs about 180 us of CPU, finding it here almost nothing; keyed by the token itself, because hashing it
// would cost a third of what is saved (docs/benchmarks.md). 20,000 entries are about 20 MB.
const VERIFIED_MAX = 20_000;
const verified = new BoundedMap<string, { user: SignedInUser; expiresAt: Millis }>(VERIFIED_MAX);

// Sign-ins this isolate saw end. Other isolates learn it when the access token runs out, within 15 minutes.
const ENDED_MAX = 20_000;
const ended = new BoundedMap<string, true>(ENDED_MAX);

/**
 * Who this token signs in.
 * @throws DomainError `unauthenticated`, with one message whatever is wrong with the token.
 */
export async function readAccessToken(env: AccessTokenEnv, token: string, now: Millis): Promise<SignedInUser> {
  const known = verified.get(token);
  const entry = known && now < known.expiresAt ? known : await verifyAccessToken(env, token, now);
  if (ended.get(entry.user.signInId)) throw unauthenticated();
  return entry.user;
}

/** Makes this isolate refuse the access tokens of a sign-in at once (sign-out, reused refresh token). */
export function forgetSignIn(signInId: string): void {
  ended.set(signInId, true);
}

/** The one refusal for "you are not signed in". */
export const unauthenticated = (): DomainError =>
  new DomainError("unauthenticated", "Invalid or expired token. Sign in again.");

const KEY_INSTEAD =
  "This call takes the access token of a person who is signed in (POST /v1/auth/login), not an API key.";

async function verifyAccessToken(env: AccessTokenEnv, token: string, now: Millis) {
  const claims = await verifyJwt(env, token, {
    typ: ACCESS_TOKEN_TYPE,
    issuer: env.WEB_ORIGIN,
    audience: env.API_ORIGIN,
    now,
  }).catch((error: unknown) => {
    if (!(error instanceof JwtRefused)) throw error;
    throw token.startsWith("mk_") ? new DomainError("unauthenticated", KEY_INSTEAD) : unauthenticated();
  });
  const { sub, sid, wid, role, exp } = claims;
  const userRole = USER_ROLES.find((known) => known === role);
  if (typeof sub !== "string" || typeof sid !== "string" || typeof wid !== "string" || !userRole)
    throw unauthenticated();
  const user: SignedInUser = { kind: "user", userId: sub, walletId: wid, signInId: sid, role: userRole };
  const entry = { user, expiresAt: exp! * 1000 };
  verified.set(token, entry);
  return entry;
}
