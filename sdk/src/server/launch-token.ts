// Offline check of a launch token with WebCrypto alone. It proves that the marketplace sent this person to this app
// within the last five minutes; it never admits anyone: only redeeming does, and that works once (`sessions.start`, or
// the browser SDK). RFC 8725: algorithm, type, issuer and audience are pinned, the token's own header decides nothing.

import { LAUNCH_SECONDS, LAUNCH_TOKEN_TYPE, type LaunchClaims } from "../protocol/session.ts";
import { LaunchTokenError } from "./errors.ts";
import type { KeySource } from "./keys.ts";

const TOKEN_MAX_LENGTH = 4_096;
/** How far your clock and ours may be apart. */
const CLOCK_TOLERANCE_SECONDS = 30;
const SIGNATURE_BYTES = 64;
const PART = /^[A-Za-z0-9_-]+$/;

export interface LaunchTokenExpectations {
  issuer: string;
  /** Host of your app's URL, with the port when it has one: `app.example`, `localhost:4000`. */
  audience: string;
  /** Two apps on one host must not swap tokens. */
  providerId: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/** @throws LaunchTokenError with a `reason` for your log; the message is the same for all. */
export async function readLaunchToken(
  token: string,
  expected: LaunchTokenExpectations,
  keys: KeySource,
): Promise<LaunchClaims> {
  const parts = token.length <= TOKEN_MAX_LENGTH ? token.split(".") : [];
  if (parts.length !== 3 || !parts.every((part) => PART.test(part))) throw new LaunchTokenError("malformed");
  const [encodedHeader, encodedClaims, encodedSignature] = parts as [string, string, string];

  const header = readPart(encodedHeader);
  if (header.alg !== "ES256") throw new LaunchTokenError("alg");
  if (header.typ !== LAUNCH_TOKEN_TYPE) throw new LaunchTokenError("typ");
  if ("crit" in header) throw new LaunchTokenError("crit");
  if (typeof header.kid !== "string") throw new LaunchTokenError("kid");

  const key = await keys.find(header.kid, expected.now);
  if (!key) throw new LaunchTokenError("unknown_key");
  const signature = bytesOf(encodedSignature);
  const signed = new TextEncoder().encode(`${encodedHeader}.${encodedClaims}`);
  const isGenuine =
    signature.length === SIGNATURE_BYTES &&
    (await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, signed));
  if (!isGenuine) throw new LaunchTokenError("signature");

  const claims = readPart(encodedClaims);
  const refusal = refusedClaim(claims, expected);
  if (refusal) throw new LaunchTokenError(refusal);
  return claims as unknown as LaunchClaims;
}

/** The first claim that does not hold, or null. */
function refusedClaim(claims: Record<string, unknown>, expected: LaunchTokenExpectations): string | null {
  const nowSeconds = expected.now / 1_000;
  if (claims.iss !== expected.issuer) return "iss";
  if (claims.aud !== expected.audience) return "aud";
  if (claims.provider_id !== expected.providerId) return "provider_id";
  if (!isTime(claims.iat) || claims.iat > nowSeconds + CLOCK_TOLERANCE_SECONDS) return "iat";
  if (!isTime(claims.exp) || claims.exp <= nowSeconds - CLOCK_TOLERANCE_SECONDS) return "exp";
  if (claims.exp - claims.iat > LAUNCH_SECONDS) return "exp";
  for (const name of ["sub", "jti", "session_id"]) if (typeof claims[name] !== "string" || !claims[name]) return name;
  return null;
}

const isTime = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

function readPart(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytesOf(part)),
    );
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below: whatever it is, it is not a JSON object.
  }
  throw new LaunchTokenError("malformed");
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  } catch {
    throw new LaunchTokenError("malformed");
  }
}
