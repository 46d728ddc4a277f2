// The badge of a passed run: a document we sign, that anyone can check with our published keys. It says when, of which app,
// where the app was, and by which version of the lab.

import type { Millis } from "../clock.ts";
import { JwtRefused, signJwt, verifyJwt, type SigningEnv } from "../identity/signing-keys.ts";
import { LAB_VERSION } from "./checks.ts";

export const BADGE_TYPE = "mp-badge+jwt";
/** Half a year: by then apps have changed, and so has the lab. */
export const BADGE_LASTS_MS = 180 * 24 * 60 * 60 * 1000;

export interface Badge {
  providerId: string;
  appOrigin: string;
  version: number;
  passedAt: Millis;
  expiresAt: Millis;
}

export const signBadge = (
  env: SigningEnv & { WEB_ORIGIN: string },
  it: { providerId: string; appOrigin: string },
  now: Millis,
): Promise<string> =>
  signJwt(env, BADGE_TYPE, {
    iss: env.WEB_ORIGIN,
    sub: it.providerId,
    app_origin: it.appOrigin,
    lab_version: LAB_VERSION,
    iat: Math.floor(now / 1000),
    exp: Math.floor((now + BADGE_LASTS_MS) / 1000),
  });

/** The badge if it is ours and still good; null for anything else. */
export async function readBadge(
  env: SigningEnv & { WEB_ORIGIN: string },
  badge: string,
  now: Millis,
): Promise<Badge | null> {
  try {
    const claims = await verifyJwt(env, badge, { typ: BADGE_TYPE, issuer: env.WEB_ORIGIN, now });
    return {
      providerId: String(claims.sub),
      appOrigin: String(claims.app_origin),
      version: Number(claims.lab_version),
      passedAt: Number(claims.iat) * 1000,
      expiresAt: Number(claims.exp) * 1000,
    };
  } catch (error) {
    if (error instanceof JwtRefused) return null;
    throw error;
  }
}
