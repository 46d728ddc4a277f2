import { env, SELF } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { signJwt } from "../../domain/identity/signing-keys.ts";
import { newPerson } from "../support/people.ts";

const api = "http://localhost:3000";
const web = "http://localhost:5173";
let people = 0;
const newEmail = () => `person-${people++}-${crypto.randomUUID().slice(0, 8)}@example.com`;

interface SignIn {
  user: { id: string; email: string; tokenBalance: number; createdAt: string };
  token: string;
}
interface ProblemBody {
  code: string;
  detail: string;
  requestId: string;
  errors?: { field: string; message: string }[];
}

const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
  SELF.fetch(api + path, {
    method: "POST",
    headers: { ...(body !== undefined && { "Content-Type": "application/json" }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const me = (token: string) => SELF.fetch(`${api}/v1/me`, { headers: { Authorization: `Bearer ${token}` } });
const problemOf = async (answer: Response) => ({ status: answer.status, ...((await answer.json()) as ProblemBody) });
const cookieOf = (answer: Response) => answer.headers.get("Set-Cookie")!.split(";")[0]!;

async function signUp(email = newEmail(), password = "password123") {
  const answer = await post("/v1/auth/register", { email, password });
  expect(answer.status).toBe(201);
  const setCookie = answer.headers.get("Set-Cookie")!;
  return { email, password, setCookie, cookie: cookieOf(answer), body: (await answer.json()) as SignIn };
}
const refresh = (cookie: string, headers: Record<string, string> = { Origin: web }) =>
  post("/v1/auth/refresh", undefined, { Cookie: cookie, ...headers });

describe("registering", () => {
  it("makes an account with an empty balance and signs it in", async () => {
    const { body, email } = await signUp();
    expect(body.user).toEqual({ id: expect.any(String), email, tokenBalance: 0, createdAt: expect.any(String) });
    const answer = await me(body.token);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ ...body.user, name: null, role: "user" });
  });

  it("makes exactly one wallet, under an id that is not the person's", async () => {
    const { body } = await signUp();
    const row = await env.DB.prepare(
      "SELECT w.id AS wallet, w.available FROM users u JOIN wallets w ON w.id = u.wallet_id WHERE u.id = ?",
    )
      .bind(body.user.id)
      .first<{ wallet: string; available: number }>();
    expect(row!.available).toBe(0);
    expect(row!.wallet).not.toBe(body.user.id);
  });

  it("takes an address once, whatever its case", async () => {
    const { email } = await signUp();
    for (const again of [email, email.toUpperCase(), `  ${email} `]) {
      const answer = await problemOf(await post("/v1/auth/register", { email: again, password: "password123" }));
      expect(answer).toMatchObject({ status: 409, code: "email_taken" });
    }
  });

  it("lets one of five simultaneous registrations of an address win", async () => {
    const email = newEmail();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => post("/v1/auth/register", { email, password: "password123" })),
    );
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([201, 409, 409, 409, 409]);
    const count = await env.DB.prepare(
      "SELECT (SELECT count(*) FROM users WHERE email = ?1) AS users, (SELECT count(*) FROM credentials c JOIN users u ON u.id = c.user_id WHERE u.email = ?1) AS credentials",
    )
      .bind(email)
      .first();
    expect(count).toEqual({ users: 1, credentials: 1 });
  });

  it("names each field that is wrong", async () => {
    const answer = await problemOf(await post("/v1/auth/register", { email: "nobody", password: "short" }));
    expect(answer).toMatchObject({ status: 400, code: "invalid_request" });
    expect(answer.errors!.map(({ field }) => field).toSorted()).toEqual(["email", "password"]);
  });

  it.each([
    [7, 400],
    [8, 201],
    [128, 201],
    [129, 400],
  ])("answers a password of %i characters with %i", async (length, status) => {
    const answer = await post("/v1/auth/register", { email: newEmail(), password: "x".repeat(length) });
    expect(answer.status).toBe(status);
  });

  it.each([
    ["null", null],
    ["a list", []],
    ["a number", 1],
    ["numbers for texts", { email: 1, password: 2 }],
    ["objects for texts", { email: { $ne: "" }, password: { length: 9 } }],
    ["an endless address", { email: `${"a".repeat(300)}@example.com`, password: "password123" }],
    ["two addresses", { email: "a@example.com,b@example.com", password: "password123" }],
    ["a look-alike address", { email: "аdmin@example.com", password: "password123" }],
  ])("refuses %s as a body", async (_name, body) => {
    expect(await problemOf(await post("/v1/auth/register", body))).toMatchObject({ status: 400 });
  });

  it("refuses a body that is not JSON, or does not say that it is", async () => {
    const text = JSON.stringify({ email: newEmail(), password: "password123" });
    const send = (body: string, type: string) =>
      SELF.fetch(`${api}/v1/auth/register`, { method: "POST", headers: { "Content-Type": type }, body });
    expect((await send("{", "application/json")).status).toBe(400);
    expect((await send(text, "text/plain")).status).toBe(415);
    expect((await send("x".repeat(200_000), "application/json")).status).toBe(413);
  });

  it("counts a body that does not say how long it is", async () => {
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("x".repeat(10_000))),
    });
    const headers = { "Content-Type": "application/json" };
    const answer = await SELF.fetch(`${api}/v1/auth/register`, { method: "POST", headers, body: endless });
    expect([answer.status, answer.headers.has("X-Request-Id")]).toEqual([413, true]);
  });

  it("never lets a body choose the role or the wallet", async () => {
    const body = { email: newEmail(), password: "password123", role: "operator", walletId: "w", stripeCustomerId: "c" };
    const { token } = (await (await post("/v1/auth/register", body)).json()) as SignIn;
    expect(await (await me(token)).json()).toMatchObject({ role: "user" });
  });
});

describe("signing in", () => {
  it("accepts the right password, and the address in any case", async () => {
    const { email, password, body } = await signUp();
    const answer = await post("/v1/auth/login", { email: email.toUpperCase(), password });
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as SignIn).user).toEqual(body.user);
  });

  it("says the same to a wrong password and to an unknown address", async () => {
    const { email } = await signUp();
    const wrong = await problemOf(await post("/v1/auth/login", { email, password: "password124" }));
    const unknown = await problemOf(await post("/v1/auth/login", { email: newEmail(), password: "password124" }));
    expect(wrong).toMatchObject({ status: 401, code: "invalid_credentials" });
    expect({ ...wrong, requestId: "" }).toEqual({ ...unknown, requestId: "" });
  });

  it("knows a password typed on another keyboard (Unicode forms)", async () => {
    const { email } = await signUp(newEmail(), "pässword-ﬁve".normalize("NFC"));
    const answer = await post("/v1/auth/login", { email, password: "pässword-five".normalize("NFD") });
    expect(answer.status).toBe(200);
  });

  it("shows the spendable balance", async () => {
    const { body, email, password } = await signUp();
    const wallet = await env.DB.prepare("SELECT wallet_id FROM users WHERE id = ?")
      .bind(body.user.id)
      .first("wallet_id");
    await env.DB.prepare(
      "INSERT INTO issuances (id, lot_id, wallet_id, kind, tokens, paid_cents, priority, at) VALUES (?1, ?1, ?2, 'paid', 500, 500, 50, 1)",
    )
      .bind(`purchase:${body.user.id}`, wallet)
      .run();
    const again = (await (await post("/v1/auth/login", { email, password })).json()) as SignIn;
    expect(again.user.tokenBalance).toBe(500);
  });

  it("keeps passwords as scrypt with its parameters, and refresh tokens as hashes", async () => {
    const { body, cookie, password } = await signUp();
    const stored = await env.DB.prepare("SELECT password FROM credentials WHERE user_id = ?")
      .bind(body.user.id)
      .first<string>("password");
    expect(stored).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[^$]+\$[^$]+$/);
    expect(stored).not.toContain(password);
    const refreshToken = cookie.split("=")[1]!;
    const kept = await env.DB.prepare("SELECT * FROM refresh_tokens WHERE user_id = ?").bind(body.user.id).first();
    expect(JSON.stringify(kept)).not.toContain(refreshToken);
  });

  it("does not accept the engine's own session token as anything", async () => {
    const { body } = await signUp();
    const inner = await env.DB.prepare("SELECT token FROM sign_ins WHERE user_id = ?")
      .bind(body.user.id)
      .first("token");
    expect((await me(String(inner))).status).toBe(401);
    expect((await refresh(`__Host-refresh=${String(inner)}`)).status).toBe(401);
  });
});

describe("the refresh cookie", () => {
  it("is out of reach of scripts, other sites and plain http, for seven days", async () => {
    const { setCookie } = await signUp();
    const [pair, ...attributes] = setCookie.split("; ");
    expect(pair).toMatch(/^__Host-refresh=[A-Za-z0-9_-]{43}$/);
    expect(attributes.toSorted()).toEqual(["HttpOnly", "Max-Age=604800", "Path=/", "SameSite=Strict", "Secure"]);
  });

  it("is exchanged for its successor and a new access token", async () => {
    const { cookie, body } = await signUp();
    const answer = await refresh(cookie);
    expect(answer.status).toBe(200);
    expect(cookieOf(answer)).not.toBe(cookie);
    const next = (await answer.json()) as SignIn;
    expect(next.user).toEqual(body.user);
    expect((await me(next.token)).status).toBe(200);
    expect((await refresh(cookieOf(answer))).status).toBe(200);
  });

  it("gives two tabs that refresh at once the same successor", async () => {
    const { cookie } = await signUp();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(cookie)));
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(new Set(answers.map(cookieOf)).size).toBe(1);
  });

  it("works for our own pages only", async () => {
    const { cookie } = await signUp();
    const foreign: Record<string, string>[] = [
      { Origin: "https://attacker.test" },
      { Origin: "null" },
      { Origin: `${web}.attacker.test` },
      { Origin: "http://localhost:4000" },
      { "Sec-Fetch-Site": "cross-site" },
    ];
    for (const headers of foreign) {
      expect(await problemOf(await refresh(cookie, headers))).toMatchObject({
        status: 403,
        code: "origin_not_allowed",
      });
    }
    expect((await refresh(cookie, { Origin: web })).status).toBe(200);
    expect((await refresh(cookie, { Origin: api })).status).toBe(200);
    expect((await refresh(cookie, {})).status).toBe(200);
  });

  it("refuses a missing, planted or malformed one", async () => {
    const cookies = ["", "__Host-refresh=", "refresh=abc", "__Host-refresh=%00", `__Host-refresh=${"x".repeat(5000)}`];
    for (const cookie of cookies) {
      expect(await problemOf(await refresh(cookie))).toMatchObject({ status: 401, code: "unauthenticated" });
    }
  });
});

describe("signing out", () => {
  it("ends the sign-in: its cookie and its access token are refused", async () => {
    const { cookie, body } = await signUp();
    const answer = await post("/v1/auth/logout", undefined, { Cookie: cookie, Origin: web });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("Set-Cookie")).toMatch(/^__Host-refresh=; .*Max-Age=0/);
    expect((await refresh(cookie)).status).toBe(401);
    expect((await me(body.token)).status).toBe(401);
  });

  it("leaves the person's other sign-ins alone", async () => {
    const { email, password, cookie } = await signUp();
    const other = await post("/v1/auth/login", { email, password });
    const { token } = (await other.json()) as SignIn;
    await post("/v1/auth/logout", undefined, { Cookie: cookie, Origin: web });
    expect((await me(token)).status).toBe(200);
    expect((await refresh(cookieOf(other))).status).toBe(200);
  });

  it("works by access token alone, twice, and without either", async () => {
    const { body, cookie } = await signUp();
    const headers = { Authorization: `Bearer ${body.token}` };
    expect((await post("/v1/auth/logout", undefined, headers)).status).toBe(204);
    expect((await post("/v1/auth/logout", undefined, headers)).status).toBe(204);
    expect((await post("/v1/auth/logout")).status).toBe(204);
    expect((await refresh(cookie)).status).toBe(401);
  });

  it("cannot be caused by another site", async () => {
    const { cookie } = await signUp();
    const answer = await post("/v1/auth/logout", undefined, { Cookie: cookie, Origin: "https://attacker.test" });
    expect(answer.status).toBe(403);
    expect((await refresh(cookie)).status).toBe(200);
  });
});

describe("hostile credentials", () => {
  const claims = async () => {
    const { userId, walletId, signInId } = await newPerson();
    const iat = Math.floor(Date.now() / 1000);
    const exp = iat + 900;
    return { iss: web, aud: api, sub: userId, wid: walletId, sid: signInId, role: "user", iat, exp };
  };

  it("accepts the claims these tests then break", async () => {
    expect((await me(await signJwt(env, "at+jwt", await claims()))).status).toBe(200);
  });

  it("refuses our own tokens of other kinds as an access token", async () => {
    for (const typ of ["mp-launch+jwt", "mp-session+jwt", "JWT"])
      expect((await me(await signJwt(env, typ, await claims()))).status).toBe(401);
  });

  it("refuses wrong or missing claims with one and the same message", async () => {
    const good = await claims();
    const broken: Record<string, unknown>[] = [
      { iss: "https://attacker.test" },
      { aud: web },
      { aud: "demo.example.com" },
      { sub: undefined },
      { sid: undefined },
      { wid: undefined },
      { role: undefined },
      { role: "root" },
      { sid: 1 },
      { exp: good.iat - 1 },
    ];
    const details = new Set<string>();
    for (const change of broken) {
      const answer = await problemOf(await me(await signJwt(env, "at+jwt", { ...good, ...change })));
      expect(answer).toMatchObject({ status: 401, code: "unauthenticated" });
      details.add(answer.detail);
    }
    expect((await problemOf(await SELF.fetch(`${api}/v1/me`))).detail).toBe([...details][0]);
    expect(details.size).toBe(1);
  });

  it.each(["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer a.b.c", "Bearer mk_live_x", "bearer null"])(
    "refuses Authorization: %j with 401 and a challenge",
    async (Authorization) => {
      const answer = await SELF.fetch(`${api}/v1/me`, { headers: { Authorization } });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("WWW-Authenticate")).toBe("Bearer");
    },
  );

  it("refuses the token of an account that is gone", async () => {
    const person = await newPerson();
    await env.DB.prepare("DELETE FROM users WHERE id = ?").bind(person.userId).run();
    expect((await me(person.token)).status).toBe(401);
  });
});

it("publishes its keys for everyone, cacheable", async () => {
  const answer = await SELF.fetch(`${api}/.well-known/jwks.json`, { headers: { Origin: "https://anyone.test" } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("Cache-Control")).toMatch(/^public, max-age=\d+/);
  expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
  const { keys } = (await answer.json()) as { keys: Record<string, string>[] };
  expect(keys[0]).toMatchObject({ kty: "EC", crv: "P-256", alg: "ES256", use: "sig" });
  expect(keys[0]).not.toHaveProperty("d");
});
