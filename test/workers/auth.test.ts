import { env, SELF } from "cloudflare:test";
import { describe, expect, it } from "vitest";

const api = "http://localhost:3000";
const web = "http://localhost:5173";
let people = 0;
const newEmail = () => `person-${people++}-${crypto.randomUUID().slice(0, 8)}@example.com`;

interface SignIn {
  user: { id: string; email: string; tokenBalance: number; createdAt: string };
  token: string;
}
const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
  SELF.fetch(api + path, {
    method: "POST",
    headers: { ...(body !== undefined && { "Content-Type": "application/json" }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const signUp = async (email = newEmail(), password = "password123") => {
  const answer = await post("/v1/auth/register", { email, password });
  expect(answer.status).toBe(201);
  return {
    email,
    password,
    cookie: cookieOf(answer),
    setCookie: answer.headers.get("Set-Cookie")!,
    body: (await answer.json()) as SignIn,
  };
};
const cookieOf = (answer: Response) => answer.headers.get("Set-Cookie")!.split(";")[0]!;

describe("registering", () => {
  it("makes an account with an empty balance and signs it in", async () => {
    const email = newEmail();
    const { body } = await signUp(email);
    expect(body.user).toEqual({ id: expect.any(String), email, tokenBalance: 0, createdAt: expect.any(String) });
    const me = await SELF.fetch(`${api}/v1/me`, { headers: { Authorization: `Bearer ${body.token}` } });
    expect(me.status).toBe(200);
    expect(await me.json()).toEqual({ ...body.user, name: null, role: "user" });
  });
});
