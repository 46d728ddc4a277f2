// The marketplace's own signing keys: every JWT we issue (access, launch, session) is made and checked here, ES256 only.
// Kinds are kept apart by `typ`, so that none passes for another (RFC 8725 section 3.11).

import { CompactSign, errors, importJWK, jwtVerify, SignJWT, type JWK, type JWTPayload } from "jose";
import type { Millis } from "../clock.ts";
import { assert } from "../errors.ts";

/** `JWKS` of private P-256 keys as JSON; the first one signs, all of them verify. */
export interface SigningEnv {
  SIGNING_KEYS: string;
}

/** Nothing we issue comes near; longer ones are refused before any parsing. */
export const JWT_MAX_LENGTH = 4096;
const ALGORITHM = "ES256";

export type JwtRefusal = "malformed" | "type" | "key" | "signature" | "claims" | "expired";

/** A token we do not accept. Callers answer it with one public code; `reason` is for them and for tests, not the caller. */
export class JwtRefused extends Error {
  readonly reason: JwtRefusal;
  constructor(reason: JwtRefusal) {
    super(`JWT refused: ${reason}`);
    this.name = "JwtRefused";
    this.reason = reason;
  }
}

export interface JwtExpectation {
  /** The `typ` header, e.g. `at+jwt`. */
  typ: string;
  issuer: string;
  /** Left out only where the audience is checked by the caller (the launch token's is the app's own host). */
  audience?: string;
  now: Millis;
}

/**
 * Sign claims with the current key. `iat` and `exp` are the caller's (whole seconds), because the caller has the time.
 * @returns Compact JWS with header `{alg: ES256, typ, kid}`.
 */
export async function signJwt(env: SigningEnv, typ: string, claims: JWTPayload): Promise<string> {
  assert(Number.isInteger(claims.iat) && Number.isInteger(claims.exp), "a JWT of ours carries iat and exp");
  const { signer } = await signingKeys(env);
  return new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, typ, kid: signer.kid }).sign(signer.privateKey);
}

/**
 * Sign a document that does not expire, byte for byte as it is given. `verifyJwt` takes none of them for a token: they
 * have no expiry.
 * @returns Compact JWS, and the public half of the key that signed it.
 */
export async function signDocument(
  env: SigningEnv,
  typ: string,
  text: string,
): Promise<{ jws: string; key: PublishedKey }> {
  const { signer, published } = await signingKeys(env);
  const jws = await new CompactSign(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: ALGORITHM, typ, kid: signer.kid })
    .sign(signer.privateKey);
  return { jws, key: published[0]! };
}

/**
 * Check a token of ours: algorithm, key, signature, type, issuer, audience, expiry; `exp`, `iat` and `sub` must be there.
 * Key material inside the token (`jwk`, `jku`, `x5u`) is never looked at: the key is found by `kid` among our own.
 * @throws JwtRefused, always, for whatever is wrong with it.
 */
export async function verifyJwt(env: SigningEnv, token: string, expected: JwtExpectation): Promise<JWTPayload> {
  if (token.length > JWT_MAX_LENGTH) throw new JwtRefused("malformed");
  const { verifiers } = await signingKeys(env);
  try {
    const { payload } = await jwtVerify(
      token,
      (header) => {
        const key = verifiers.get(header.kid ?? "");
        if (!key) throw new JwtRefused("key");
        return key;
      },
      {
        algorithms: [ALGORITHM],
        typ: expected.typ,
        issuer: expected.issuer,
        ...(expected.audience !== undefined && { audience: expected.audience }),
        requiredClaims: ["exp", "iat", "sub"],
        currentDate: new Date(expected.now),
      },
    );
    return payload;
  } catch (error) {
    if (error instanceof JwtRefused) throw error;
    throw new JwtRefused(reasonOf(error));
  }
}

/** The public halves, as `/.well-known/jwks.json` shows them. */
export async function publicJwks(env: SigningEnv): Promise<{ keys: PublishedKey[] }> {
  return { keys: (await signingKeys(env)).published };
}

function reasonOf(error: unknown): JwtRefusal {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim === "typ" ? "type" : "claims";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  return "malformed";
}

export interface PublishedKey {
  kty: "EC";
  crv: "P-256";
  x: string;
  y: string;
  kid: string;
  alg: typeof ALGORITHM;
  use: "sig";
}

interface KeyRing {
  signer: { kid: string; privateKey: CryptoKey };
  verifiers: ReadonlyMap<string, CryptoKey>;
  published: PublishedKey[];
}

// Parsed once per isolate: importing keys costs more than verifying with them. Only the finished ring is kept, never its
// promise: a promise must not be awaited by another request than the one that made it.
let parsed: { source: string; ring: KeyRing } | null = null;

async function signingKeys(env: SigningEnv): Promise<KeyRing> {
  if (parsed?.source === env.SIGNING_KEYS) return parsed.ring;
  const ring = await readKeyRing(env.SIGNING_KEYS);
  parsed = { source: env.SIGNING_KEYS, ring };
  return ring;
}

async function readKeyRing(source: string): Promise<KeyRing> {
  const { keys } = JSON.parse(source) as { keys: JWK[] };
  const first = keys[0];
  assert(first?.kid && first.d, "SIGNING_KEYS starts with a private key that has a kid");
  const published = keys.map(({ kty, crv, x, y, kid }): PublishedKey => {
    assert(kty === "EC" && crv === "P-256" && x && y && kid, "SIGNING_KEYS holds P-256 keys with a kid each");
    return { kty: "EC", crv: "P-256", x, y, kid, alg: ALGORITHM, use: "sig" };
  });
  const verifiers = await Promise.all(published.map(async (key) => [key.kid, await asCryptoKey(key)] as const));
  return {
    signer: { kid: first.kid, privateKey: await asCryptoKey(first) },
    verifiers: new Map(verifiers),
    published,
  };
}

async function asCryptoKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, ALGORITHM);
  assert(!(key instanceof Uint8Array), "an EC key imports as a CryptoKey");
  return key;
}
