// The two JWTs of a session. The launch token travels in the redirect and is worth nothing but one redemption; the session
// token is what the app's page holds afterwards. Contract section 3.

import {
  LAUNCH_PARAMS,
  LAUNCH_SECONDS,
  LAUNCH_TOKEN_TYPE,
  SESSION_CAP_SECONDS,
  SESSION_TOKEN_TYPE,
  type LaunchClaims,
  type SessionTokenClaims,
} from "../../sdk/src/protocol/session.ts";
import { BoundedMap } from "../bounded-map.ts";
import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { JwtRefused, signJwt, verifyJwt, type SigningEnv } from "../identity/signing-keys.ts";
import type { Session } from "./row.ts";

export interface TokenEnv extends SigningEnv {
  WEB_ORIGIN: string;
  API_ORIGIN: string;
}

const unixSeconds = (at: Millis): number => Math.floor(at / 1000);

type Launched = Pick<
  Session,
  | "id"
  | "mode"
  | "subject"
  | "providerId"
  | "priceVersionId"
  | "appUrl"
  | "durationSeconds"
  | "heldTokens"
  | "state"
  | "jti"
  | "createdAt"
>;

/** Where the browser goes: the app's URL, its own query parameters kept, plus the launch token and the way back. */
export async function launchUrl(env: TokenEnv, session: Launched): Promise<string> {
  const url = new URL(session.appUrl);
  url.searchParams.set(LAUNCH_PARAMS.token, await signLaunchToken(env, session, url.host));
  url.searchParams.set(LAUNCH_PARAMS.returnUrl, `${env.WEB_ORIGIN}/session/complete`);
  url.searchParams.set(LAUNCH_PARAMS.state, session.state);
  return url.toString();
}

function signLaunchToken(env: TokenEnv, session: Launched, audience: string): Promise<string> {
  const issuedAt = unixSeconds(session.createdAt);
  const claims: LaunchClaims = {
    iss: env.WEB_ORIGIN,
    aud: audience,
    sub: session.subject,
    user_id: session.subject,
    jti: session.jti,
    iat: issuedAt,
    exp: issuedAt + LAUNCH_SECONDS,
    session_id: session.id,
    mode: session.mode,
    session_start: issuedAt,
    duration_limit: session.durationSeconds,
    tokens_allocated: session.heldTokens,
    provider_id: session.providerId,
    provider_plan: session.priceVersionId,
    role: "user",
    tenant_id: null,
  };
  return signJwt(env, LAUNCH_TOKEN_TYPE, { ...claims });
}

/** @throws DomainError `launch_token_expired` (410) past its five minutes, `launch_token_invalid` (401) for anything else. */
export async function readLaunchToken(env: TokenEnv, token: string, now: Millis): Promise<LaunchClaims> {
  try {
    const claims = await verifyJwt(env, token, { typ: LAUNCH_TOKEN_TYPE, issuer: env.WEB_ORIGIN, now });
    return claims as unknown as LaunchClaims;
  } catch (error) {
    if (!(error instanceof JwtRefused)) throw error;
    if (error.reason === "expired")
      throw new DomainError(
        "launch_token_expired",
        "This launch link is more than five minutes old; nothing was charged. Start the session again.",
      );
    throw new DomainError(
      "launch_token_invalid",
      "This is not a launch token of ours. Send what came as `marketplace_session`, unchanged, as bearer.",
    );
  }
}

/** The page's own credential for `sync` and the live socket; made from stored facts, so a replayed answer carries an equal one. */
export function signSessionToken(
  env: TokenEnv,
  session: Pick<Session, "id" | "subject" | "providerId" | "jti">,
  startedAt: Millis,
): Promise<string> {
  const issuedAt = unixSeconds(startedAt);
  const claims: SessionTokenClaims = {
    iss: env.WEB_ORIGIN,
    aud: env.API_ORIGIN,
    sub: session.subject,
    jti: session.jti,
    iat: issuedAt,
    exp: issuedAt + SESSION_CAP_SECONDS,
    session_id: session.id,
    provider_id: session.providerId,
  };
  return signJwt(env, SESSION_TOKEN_TYPE, { ...claims });
}

// A page beats with the same token every 30 s: found here it costs almost nothing, verified again about 180 us of CPU.
const VERIFIED_MAX = 20_000;
const verified = new BoundedMap<string, SessionTokenClaims>(VERIFIED_MAX);

/** @throws DomainError `session_token_invalid`. Whether the session is still open is its object's to say. */
export async function readSessionToken(env: TokenEnv, token: string, now: Millis): Promise<SessionTokenClaims> {
  const known = verified.get(token);
  if (known && now < known.exp * 1000) return known;
  try {
    const claims = await verifyJwt(env, token, {
      typ: SESSION_TOKEN_TYPE,
      issuer: env.WEB_ORIGIN,
      audience: env.API_ORIGIN,
      now,
    });
    verified.set(token, claims as unknown as SessionTokenClaims);
    return claims as unknown as SessionTokenClaims;
  } catch (error) {
    if (!(error instanceof JwtRefused)) throw error;
    throw new DomainError("session_token_invalid", "This session token is not valid, or its session is long over.");
  }
}
