// Hostile tokens against our verifier. The cases follow RFC 8725 (JWT best current practices) and OWASP ASVS chapter 9.

import { env } from "cloudflare:test";
import { base64url, CompactSign, exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT, type JWK } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { JWT_MAX_LENGTH, publicJwks, signJwt, verifyJwt } from "../../../domain/identity/signing-keys.ts";

const now = Date.UTC(2026, 10, 22, 12);
const seconds = Math.floor(now / 1000);
const issuer = "https://market.test";
const audience = "https://api.market.test";
const claims = { iss: issuer, aud: audience, sub: "user-1", sid: "sign-in-1", iat: seconds, exp: seconds + 900 };
const expected = { typ: "at+jwt", issuer, audience, now };

const encoder = new TextEncoder();
const part = (value: unknown) => base64url.encode(JSON.stringify(value));
const reasonOf = (token: string, expectation = expected) =>
  verifyJwt(env, token, expectation).then(
    () => "accepted",
    (error: { name: string; reason?: string }) => (error.name === "JwtRefused" ? error.reason : String(error)),
  );

let good: string;
let kid: string;
let ownPrivateJwk: JWK;
let ownPublicJwk: JWK;
beforeAll(async () => {
  good = await signJwt(env, "at+jwt", claims);
  ownPrivateJwk = (JSON.parse(env.SIGNING_KEYS) as { keys: JWK[] }).keys[0]!;
  ownPublicJwk = (await publicJwks(env)).keys[0]!;
  kid = ownPublicJwk.kid!;
});

/** A token signed with our real key, but with a header of the attacker's choice. */
const signedByUs = async (header: Record<string, unknown>, payload: unknown = claims) =>
  new CompactSign(encoder.encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid, ...header })
    .sign(await importJWK(ownPrivateJwk, "ES256"), { crit: { exp: true, "http://x.test/a": true } });

it("accepts what it signed and gives the claims back", async () => {
  expect(await verifyJwt(env, good, expected)).toEqual(claims);
});

it("publishes the public half of each key and nothing of the private one", async () => {
  const { keys } = await publicJwks(env);
  expect(keys.map((key) => Object.keys(key).toSorted())).toEqual([["alg", "crv", "kid", "kty", "use", "x", "y"]]);
  expect(JSON.stringify(keys)).not.toContain(ownPrivateJwk.d);
});

describe("algorithms", () => {
  it.each(["none", "nOnE", "NONE", "None"])("refuses alg %s, with and without a signature", async (alg) => {
    const unsigned = `${part({ alg, typ: "at+jwt", kid })}.${part(claims)}.`;
    expect(await reasonOf(unsigned)).toBe("malformed");
    expect(await reasonOf(unsigned + good.split(".")[2])).toBe("malformed");
  });

  it("refuses HS256 keyed with the public key, as JWK, as SPKI text and as raw point", async () => {
    const publicKey = (await importJWK(ownPublicJwk, "ES256", { extractable: true })) as CryptoKey;
    const secrets = [
      encoder.encode(JSON.stringify(ownPublicJwk)),
      encoder.encode(await exportSPKI(publicKey)),
      base64url.decode(ownPublicJwk.x!),
    ];
    for (const secret of secrets) {
      const token = await new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid }).sign(secret);
      expect(await reasonOf(token)).toBe("malformed");
    }
  });

  it("refuses another curve under the same kid", async () => {
    const { privateKey } = await generateKeyPair("ES384");
    const token = await new SignJWT(claims).setProtectedHeader({ alg: "ES384", typ: "at+jwt", kid }).sign(privateKey);
    expect(await reasonOf(token)).toBe("malformed");
  });
});

describe("keys", () => {
  it("refuses a foreign key under our kid", async () => {
    const { privateKey } = await generateKeyPair("ES256");
    const token = await new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid }).sign(privateKey);
    expect(await reasonOf(token)).toBe("signature");
  });

  it("never looks at key material the token brings along", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: "mine", alg: "ES256" };
    const brought = [
      { jwk, kid },
      { jwk, kid: "mine" },
      { jku: "https://attacker.test/jwks.json", kid: "mine" },
      { x5u: "https://attacker.test/cert.pem", kid },
      { jwk },
    ];
    for (const extra of brought) {
      const header = { alg: "ES256", typ: "at+jwt", ...extra };
      const token = await new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
      expect(["key", "signature"]).toContain(await reasonOf(token));
    }
  });

  it.each(["../../dev/null", "' OR 1=1 --", "__proto__", "constructor", ""])("refuses kid %j", async (hostileKid) => {
    expect(await reasonOf(await signedByUs({ kid: hostileKid }))).toBe("key");
  });

  it("accepts a retired key for verifying while a new one signs", async () => {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const next = { ...(await exportJWK(privateKey)), kid: "next" };
    const rotated = { SIGNING_KEYS: JSON.stringify({ keys: [next, ownPrivateJwk] }) };
    expect(await verifyJwt(rotated, good, expected)).toEqual(claims);
    const signedWithNext = await signJwt(rotated, "at+jwt", claims);
    expect(await verifyJwt(rotated, signedWithNext, expected)).toEqual(claims);
    // The old ring does not know the new key.
    expect(await reasonOf(signedWithNext)).toBe("key");
  });
});

describe("signature and form", () => {
  it("refuses a tampered, stripped, zero or foreign signature", async () => {
    const [header, payload, signature] = good.split(".") as [string, string, string];
    const richer = part({ ...claims, sub: "user-2" });
    const zero = base64url.encode(new Uint8Array(64));
    expect(await reasonOf(`${header}.${richer}.${signature}`)).toBe("signature");
    expect(await reasonOf(`${header}.${payload}.${zero}`)).toBe("signature");
    expect(await reasonOf(`${header}.${payload}.`)).toBe("signature");
    expect(await reasonOf(`${header}.${payload}`)).toBe("malformed");
    const flipped = (signature[0] === "A" ? "B" : "A") + signature.slice(1);
    expect(await reasonOf(`${header}.${payload}.${flipped}`)).toBe("signature");
  });

  it.each(["", ".", "..", "a.b.c", "a.b.c.d.e", "{}", "\u0000", "%2e%2e"])("refuses %j", async (text) => {
    expect(await reasonOf(text)).toBe("malformed");
  });

  it("refuses headers marked critical, whatever they say", async () => {
    expect(await reasonOf(await signedByUs({ crit: ["exp"], exp: 1 }))).toBe("malformed");
    expect(await reasonOf(await signedByUs({ crit: ["http://x.test/a"], "http://x.test/a": true }))).toBe("malformed");
  });

  it("refuses a token longer than any of ours before parsing it", async () => {
    const long = await signedByUs({}, { ...claims, filler: "x".repeat(JWT_MAX_LENGTH) });
    expect(long.length).toBeGreaterThan(JWT_MAX_LENGTH);
    expect(await reasonOf(long)).toBe("malformed");
  });

  it("refuses a payload that is not an object of claims", async () => {
    for (const payload of [[], "text", 1, null])
      expect(await reasonOf(await signedByUs({}, payload))).toBe("malformed");
  });
});

describe("claims", () => {
  it("refuses another type of token of ours, and one without a type", async () => {
    for (const typ of ["mp-launch+jwt", "mp-session+jwt", "JWT", undefined])
      expect(await reasonOf(await signedByUs({ typ }))).toBe("type");
    expect(await reasonOf(good, { ...expected, typ: "mp-launch+jwt" })).toBe("type");
  });

  it("refuses another audience or issuer", async () => {
    for (const aud of ["https://other.test", "", [], undefined, `${audience}/`])
      expect(await reasonOf(await signJwt(env, "at+jwt", { ...claims, aud }))).toBe("claims");
    for (const iss of ["https://attacker.test", undefined, `${issuer}/`])
      expect(await reasonOf(await signJwt(env, "at+jwt", { ...claims, iss }))).toBe("claims");
  });

  it("refuses a token without exp, iat or sub, and with an exp that is no number", async () => {
    for (const name of ["exp", "iat", "sub"]) {
      expect(await reasonOf(await signedByUs({}, { ...claims, [name]: undefined }))).toBe("claims");
    }
    for (const exp of ["9999999999", null, {}]) {
      expect(await reasonOf(await signedByUs({}, { ...claims, exp }))).toBe("claims");
    }
  });

  it("accepts until the second of expiry, and not at it", async () => {
    expect(await reasonOf(good, { ...expected, now: now + 899_999 })).toBe("accepted");
    expect(await reasonOf(good, { ...expected, now: now + 900_000 })).toBe("expired");
  });

  it("refuses a token that is not valid yet", async () => {
    expect(await reasonOf(await signedByUs({}, { ...claims, nbf: seconds + 60 }))).toBe("claims");
  });
});
