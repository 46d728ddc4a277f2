// Registering, signing in, staying signed in and signing out. The door every face uses; the engine stands behind it.

import { iso, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { sha256Hex } from "../ids.ts";
import { forgetSignIn, issueAccessToken, type AccessTokenEnv, type UserRole } from "./access-token.ts";
import type { EngineEnv, SignedIn } from "./engine.ts";
import { firstRefreshToken, renew, SIGN_IN_LIFETIME_MS, type Renewal } from "./refresh-token.ts";
import { deleteSignIn, findSignInOfRefreshToken, personStatement, type PersonRow } from "./store.ts";

export type IdentityEnv = EngineEnv & AccessTokenEnv;

export interface Person {
  id: string;
  email: string;
  /** Null until they gave one. */
  name: string | null;
  role: UserRole;
  /** Spendable now, in tokens. */
  tokenBalance: number;
  createdAt: string;
}

/** An open sign-in: who, the access token for the page, and the refresh token for the cookie. */
export interface OpenSignIn {
  person: Person;
  accessToken: string;
  refreshToken: string;
  refreshExpiresAt: Millis;
}

/**
 * Make an account with an empty wallet and sign it in. `email` is already trimmed and in lower case.
 * @throws DomainError `email_taken`.
 */
export async function register(
  env: IdentityEnv,
  it: { email: string; password: string; name?: string | undefined },
  now: Millis,
): Promise<OpenSignIn> {
  const engine = await import("./engine.ts");
  const expiresAt = now + SIGN_IN_LIFETIME_MS;
  return open(env, await engine.signUp(env, { ...it, name: it.name ?? "" }, { now, expiresAt }), expiresAt, now);
}

/**
 * Sign in with a password.
 * @throws DomainError `invalid_credentials`, the same (and as slow) for an unknown e-mail and a wrong password.
 */
export async function logIn(
  env: IdentityEnv,
  it: { email: string; password: string },
  now: Millis,
): Promise<OpenSignIn> {
  const engine = await import("./engine.ts");
  const expiresAt = now + SIGN_IN_LIFETIME_MS;
  return open(env, await engine.signIn(env, it, { now, expiresAt }), expiresAt, now);
}

/**
 * A new access token and the next refresh token.
 * @throws DomainError `unauthenticated`.
 */
export async function refresh(env: IdentityEnv, refreshToken: string, now: Millis): Promise<OpenSignIn> {
  return answer(env, await renew(env, refreshToken, now), now);
}

/** End a sign-in, by any refresh token of its family or by its id. Ending it twice changes nothing. */
export async function logOut(env: IdentityEnv, by: { refreshToken: string } | { signInId: string }): Promise<void> {
  const signInId =
    "signInId" in by ? by.signInId : await findSignInOfRefreshToken(env.DB, await sha256Hex(by.refreshToken));
  if (!signInId) return;
  await deleteSignIn(env.DB, signInId);
  forgetSignIn(signInId);
}

/** @throws DomainError `unauthenticated` when the account is gone while its access token still lives. */
export async function readPerson(db: D1Database, userId: string): Promise<Person> {
  const row = await personStatement(db, userId).first<PersonRow>();
  if (!row) throw new DomainError("unauthenticated", "This account is gone. Sign in again.");
  return asPerson(row);
}

async function open(env: IdentityEnv, result: SignedIn, expiresAt: Millis, now: Millis): Promise<OpenSignIn> {
  if (!result.ok) throw refused(result.refusal);
  return answer(env, await firstRefreshToken(env, { ...result, expiresAt }, now), now);
}

function refused(refusal: (SignedIn & { ok: false })["refusal"]): DomainError {
  switch (refusal) {
    case "email_taken":
      return new DomainError("email_taken", "This e-mail is already registered. Sign in instead.");
    case "invalid_credentials":
      return new DomainError("invalid_credentials", "E-mail or password is wrong.");
  }
}

async function answer(env: IdentityEnv, it: Renewal, now: Millis): Promise<OpenSignIn> {
  const { id: userId, wallet_id: walletId, role } = it.person;
  return {
    person: asPerson(it.person),
    accessToken: await issueAccessToken(env, { userId, walletId, role, signInId: it.signInId }, now),
    refreshToken: it.refreshToken,
    refreshExpiresAt: it.expiresAt,
  };
}

const asPerson = (row: PersonRow): Person => ({
  id: row.id,
  email: row.email,
  name: row.name || null,
  role: row.role,
  tokenBalance: row.available,
  createdAt: iso(row.created_at),
});
