// Launch tokens checked offline: the good one, every hostile one we know of, and the keys they are checked with.
// Attacks: RFC 8725 section 2 and 3; CVE-2022-21449 (r = s = 0).

import { CompactSign, exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWK } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { LAUNCH_TOKEN_TYPE, SESSION_TOKEN_TYPE } from "../../sdk/src/protocol/session.ts";
import { ConnectionError, LaunchTokenError, Marketplace } from "../../sdk/src/server/marketplace.ts";

const ISSUER = "https://market.example";
const AUDIENCE = "app.example:8443";
const PROVIDER_ID = "0199c3f0-0000-7000-8000-00000000a001";
const NOW = Date.parse("2026-11-01T12:00:00Z");
const SECONDS = NOW / 1000;

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
let keys: Keys;
let foreign: Keys;
let jwk: JWK;
beforeAll(async () => {
  keys = await generateKeyPair("ES256", { extractable: true });
  foreign = await generateKeyPair("ES256", { extractable: true });
  jwk = { ...(await exportJWK(keys.publicKey)), kid: "k1", alg: "ES256", use: "sig" };
});

const claims = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: "subject",
  user_id: "subject",
  jti: "jti",
  iat: SECONDS,
  exp: SECONDS + 300,
  session_id: "0199c3f0-0000-7000-8000-00000000b001",
  session_start: SECONDS,
  duration_limit: 3600,
  tokens_allocated: 500,
  provider_id: PROVIDER_ID,
  provider_plan: "price",
  role: "user",
  tenant_id: null,
};
const HEADER = { alg: "ES256", typ: LAUNCH_TOKEN_TYPE, kid: "k1" };

const sign = (over: Record<string, unknown> = {}, header: Record<string, unknown> = {}, by: Keys = keys) =>
  new SignJWT({ ...claims, ...over }).setProtectedHeader({ ...HEADER, ...header }).sign(by.privateKey);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A client whose JWKS is this list; counts how often it was fetched. */
function client(list: () => JWK[] | Error = () => [jwk], clock = { now: NOW }) {
  const fetched: string[] = [];
  const marketplace = new Marketplace({
    apiKey: "mk_live_secret",
    baseUrl: "https://api.market.example",
    issuer: ISSUER,
    providerId: PROVIDER_ID,
    now: () => clock.now,
    fetch: (url, init) => {
      fetched.push(String(url));
      expect(JSON.stringify(init?.headers)).not.toContain("mk_live_secret");
      const answer = list();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(Response.json({ keys: answer }));
    },
  });
  const verify = (token: string) => marketplace.verifyLaunchToken(token, { audience: AUDIENCE });
  return { verify, fetched, clock, marketplace };
}
const reasonOf = async (token: string, verify = client().verify): Promise<string> => {
  const error = await verify(token).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(LaunchTokenError);
  expect((error as Error).message).toBe("This launch token is not valid.");
  return (error as LaunchTokenError).reason;
};

it("accepts the marketplace's own and answers its claims", async () => {
  expect(await client().verify(await sign())).toEqual(claims);
});

describe("refuses", () => {
  it.each([
    ["another issuer", { iss: "https://evil.example" }, "iss"],
    ["another audience", { aud: "other.example" }, "aud"],
    ["a list of audiences", { aud: [AUDIENCE] }, "aud"],
    ["another app of the same host", { provider_id: "other" }, "provider_id"],
    ["an expired one", { iat: SECONDS - 331, exp: SECONDS - 31 }, "exp"],
    ["one that lives too long", { exp: SECONDS + 301 }, "exp"],
    ["one without an end", { exp: undefined }, "exp"],
    ["an end that is no number", { exp: "9999999999" }, "exp"],
    ["one from the future", { iat: SECONDS + 31, exp: SECONDS + 300 }, "iat"],
    ["one without a session", { session_id: undefined }, "session_id"],
    ["one without an id", { jti: "" }, "jti"],
  ])("%s", async (_name, over, reason) => {
    expect(await reasonOf(await sign(over))).toBe(reason);
  });

  it.each([
    ["a session token", { typ: SESSION_TOKEN_TYPE }, "typ"],
    ["an access token", { typ: "at+jwt" }, "typ"],
    ["no type", { typ: undefined }, "typ"],
    ["no key id", { kid: undefined }, "kid"],
    ["an unknown key id", { kid: "k2" }, "unknown_key"],
  ])("%s", async (_name, header, reason) => {
    expect(await reasonOf(await sign({}, header))).toBe(reason);
  });

  it("a signature of somebody else, also when the token brings its own key", async () => {
    expect(await reasonOf(await sign({}, {}, foreign))).toBe("signature");
    const own = await exportJWK(foreign.publicKey);
    expect(await reasonOf(await sign({}, { jwk: own, jku: "https://evil.example/jwks", x5u: "x" }, foreign))).toBe(
      "signature",
    );
  });

  it.each(["none", "None", "NONE", "HS256", "RS256", "ES384", "es256", "", null, ["ES256"]])(
    "the algorithm %j",
    async (alg) => {
      const [, body, signature] = (await sign()).split(".");
      expect(await reasonOf(`${encode({ ...HEADER, alg })}.${body}.${signature}`)).toBe("alg");
    },
  );

  it("the public key used as an HMAC secret", async () => {
    const secret = new TextEncoder().encode(await exportSPKI(keys.publicKey));
    const token = await new SignJWT(claims).setProtectedHeader({ ...HEADER, alg: "HS256" }).sign(secret);
    expect(await reasonOf(token)).toBe("alg");
  });

  it("critical extensions it does not know", async () => {
    const [, body, signature] = (await sign()).split(".");
    expect(await reasonOf(`${encode({ ...HEADER, crit: ["b64"], b64: false })}.${body}.${signature}`)).toBe("crit");
  });

  it("an empty, a zero, a DER-shaped and a longer signature", async () => {
    const [header, body, signature] = (await sign()).split(".") as [string, string, string];
    const zero = Buffer.alloc(64).toString("base64url");
    const longer = Buffer.concat([Buffer.from(signature, "base64url"), Buffer.alloc(1)]).toString("base64url");
    const der = Buffer.alloc(70, 0x30).toString("base64url");
    for (const bad of [zero, longer, der]) expect(await reasonOf(`${header}.${body}.${bad}`)).toBe("signature");
    expect(await reasonOf(`${header}.${body}.`)).toBe("malformed");
  });

  it("changed claims", async () => {
    const [header, , signature] = (await sign()).split(".");
    expect(await reasonOf(`${header}.${encode({ ...claims, tokens_allocated: 1 })}.${signature}`)).toBe("signature");
  });

  it("what is no token at all", async () => {
    const good = await sign();
    const list = await new CompactSign(new TextEncoder().encode("[]")).setProtectedHeader(HEADER).sign(keys.privateKey);
    const bad = ["", "a.b", "a.b.c.d", ` ${good}`, `${good}=`, `${good.slice(0, -1)}+`, "é.é.é", `${encode([])}.a.a`];
    for (const token of [...bad, list, "x".repeat(10_000)]) expect(await reasonOf(token)).toBe("malformed");
  });
});

describe("the keys", () => {
  it("are fetched once for many tokens, also when these come together", async () => {
    const { verify, fetched } = client();
    const token = await sign();
    await Promise.all([verify(token), verify(token), verify(token)]);
    await verify(token);
    expect(fetched).toEqual(["https://api.market.example/.well-known/jwks.json"]);
  });

  it("are fetched again for a key id that is new, but made-up ids cannot make us ask more than every 30 s", async () => {
    let list = [jwk];
    const { verify, fetched, clock } = client(() => list);
    await verify(await sign());
    const rotated = await generateKeyPair("ES256", { extractable: true });
    list = [{ ...(await exportJWK(rotated.publicKey)), kid: "k2" }, jwk];
    const token = await sign({ iat: SECONDS, exp: SECONDS + 300 }, { kid: "k2" }, rotated);
    expect(await reasonOf(token, verify)).toBe("unknown_key");
    clock.now += 30_001;
    expect((await verify(token)).jti).toBe("jti");
    for (let made = 0; made < 20; made++) await reasonOf(await sign({}, { kid: `made-up-${made}` }), verify);
    expect(fetched).toHaveLength(2);
  });

  it("stop working when withdrawn, within the hour", async () => {
    let list = [jwk];
    const { verify, clock } = client(() => list);
    await verify(await sign());
    list = [];
    clock.now += 61 * 60_000;
    const later = clock.now / 1000;
    expect(await reasonOf(await sign({ iat: later, exp: later + 300 }), verify)).toBe("unknown_key");
  });

  it("outlive an outage of ours once they are known; before that the outage is told", async () => {
    let isDown = true;
    const { verify, clock } = client(() => (isDown ? new TypeError("no network") : [jwk]));
    await expect(verify(await sign())).rejects.toBeInstanceOf(ConnectionError);
    isDown = false;
    await verify(await sign());
    isDown = true;
    clock.now += 61 * 60_000;
    const later = clock.now / 1000;
    expect((await verify(await sign({ iat: later, exp: later + 300 }))).jti).toBe("jti");
  });

  it("of other kinds are passed over", async () => {
    const rsa = { kty: "RSA", n: "AQAB", e: "AQAB", kid: "k1" };
    const encryption = { ...jwk, use: "enc" };
    expect(await reasonOf(await sign(), client(() => [rsa, encryption]).verify)).toBe("unknown_key");
    expect((await client(() => [rsa, jwk]).verify(await sign())).jti).toBe("jti");
  });
});

it("needs to know which app it is", async () => {
  const marketplace = new Marketplace({ apiKey: "k" });
  await expect(marketplace.verifyLaunchToken("a.b.c", { audience: AUDIENCE })).rejects.toMatchObject({
    code: "configuration",
  });
});
