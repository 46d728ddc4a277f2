// The client's promises about repeating: never twice by accident, always possible on purpose.

import { beforeEach, describe, expect, it, vi } from "vitest";

const signIn = vi.hoisted(() => ({ token: "old" as string | null, refreshes: 0, isOver: false, forgotten: 0 }));
vi.mock("../../web/src/lib/client/sign-in.svelte.ts", () => ({
  currentAccessToken: () => signIn.token,
  forgetSignIn: () => void signIn.forgotten++,
  refreshSignIn: () => {
    signIn.refreshes++;
    if (signIn.isOver) return Promise.resolve(false);
    signIn.token = "new";
    return Promise.resolve(true);
  },
}));
const { call } = await import("../../web/src/lib/client/api.ts");

interface Sent {
  url: string;
  key: string | null;
  authorization: string | null;
}
const sent: Sent[] = [];
type Answer = Response | "lost";
function serve(...answers: Answer[]) {
  sent.length = 0;
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    sent.push({ url, key: headers.get("Idempotency-Key"), authorization: headers.get("Authorization") });
    const answer = answers.shift() ?? "lost";
    return answer === "lost" ? Promise.reject(new TypeError("network")) : Promise.resolve(answer);
  });
}
const ok = () => Response.json({ done: true });
const refusal = (status: number, code: string, facts: object = {}) =>
  Response.json({ code, status, detail: "No.", requestId: "r1", ...facts }, { status });
const buy = (tokenAmount: number) => call("/v1/tokens/purchase", { method: "POST", body: { tokenAmount } });

beforeEach(() => {
  Object.assign(signIn, { token: "old", refreshes: 0, isOver: false, forgotten: 0 });
  vi.stubGlobal("navigator", { onLine: true });
  // Waiting between tries is not what is tested.
  vi.stubGlobal("setTimeout", (resolve: () => void) => void resolve());
});

describe("a mutation", () => {
  it("repeats a lost answer under the same key", async () => {
    serve("lost", ok());
    await buy(500);
    expect(sent).toHaveLength(2);
    expect(sent[0]!.key).toBeTruthy();
    expect(sent[1]!.key).toBe(sent[0]!.key);
  });
  it("keeps its key when the person presses again after everything was lost", async () => {
    serve();
    await expect(buy(600)).rejects.toMatchObject({ code: "network" });
    const key = sent[0]!.key;
    serve(ok());
    await buy(600);
    expect(sent[0]!.key).toBe(key);
  });
  it("takes a new key after a clear answer, so that buying again on purpose buys again", async () => {
    serve(ok(), ok());
    await buy(700);
    await buy(700);
    expect(sent[1]!.key).not.toBe(sent[0]!.key);
  });
  it("takes a new key after a refusal", async () => {
    serve(refusal(402, "insufficient_tokens", { requiredTokens: 500 }), ok());
    await expect(buy(800)).rejects.toMatchObject({ code: "insufficient_tokens", requestId: "r1" });
    await buy(800);
    expect(sent[1]!.key).not.toBe(sent[0]!.key);
  });
  it("waits for a request that is still being worked on", async () => {
    serve(refusal(409, "idempotency_in_progress"), ok());
    await buy(900);
    expect(sent[1]!.key).toBe(sent[0]!.key);
  });
});

describe("a stale sign-in", () => {
  it("is renewed once and the call repeated with the new token", async () => {
    serve(refusal(401, "unauthenticated"), ok());
    await call("/v1/tokens/balance");
    expect(signIn.refreshes).toBe(1);
    expect(sent.map((request) => request.authorization)).toEqual(["Bearer old", "Bearer new"]);
  });
  it("is told as such when it cannot be renewed", async () => {
    signIn.isOver = true;
    serve(refusal(401, "unauthenticated"));
    await expect(call("/v1/tokens/balance")).rejects.toMatchObject({ code: "unauthenticated" });
  });
  it("is never sent along where none is needed", async () => {
    serve(ok());
    await call("/v1/providers", { signIn: "none", query: { limit: 5, cursor: null } });
    expect(sent).toEqual([{ url: "/v1/providers?limit=5", key: null, authorization: null }]);
  });
});

it("makes a problem of an answer that is none", async () => {
  serve(new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "X-Request-Id": "r9" } }));
  await expect(call("/v1/providers", { signIn: "none" })).rejects.toMatchObject({
    code: "internal",
    status: 502,
    requestId: "r9",
  });
});
