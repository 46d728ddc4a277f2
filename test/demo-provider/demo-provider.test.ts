// The demo provider as its own people would test it: against a small stand-in for the marketplace's API.

import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { Webhook } from "standardwebhooks";
import { beforeAll, describe, expect, it } from "vitest";
import { SEEDED_APPS } from "../../scripts/seed/apps.ts";
import { LAUNCH_TOKEN_TYPE, type ReportStatus } from "../../sdk/src/protocol/session.ts";
import { fakeApi, type HeardRequest } from "../sdk/fake-api.ts";
import { demoApp } from "./app.ts";
import type { WorkAnswer } from "./work.ts";

const WEB = "https://market.example";
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const providerIdOf = (slug: string) => `provider-of-${slug}`;

let keys: Awaited<ReturnType<typeof generateKeyPair>>;
beforeAll(async () => {
  keys = await generateKeyPair("ES256", { extractable: true });
});

async function demo(verdict: ReportStatus = "accepted", sessionStatus = "active") {
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: "k1", alg: "ES256" };
  const api = await fakeApi((request) => {
    if (request.path === "/.well-known/jwks.json") return { body: { keys: [jwk] } };
    if (request.path === "/v1/provider/tokens/report") return { body: { results: [{ status: verdict }] } };
    return { body: { session: { id: "s-1", status: sessionStatus } } };
  });
  const app = await demoApp({
    apiOrigin: api.origin,
    webOrigin: WEB,
    keysOf: (slug) => ({ slug, providerId: providerIdOf(slug), apiKey: `key-${slug}`, webhook: { secret: SECRET } }),
  });
  /** Opens the app as the marketplace would, and answers the cookie it set. */
  const enter = async (slug: string, over: Record<string, unknown> = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: WEB, aud: "demo.example", sub: "u", jti: "j", iat: now, exp: now + 300, session_id: "s-1" };
    const token = await new SignJWT({ ...claims, provider_id: providerIdOf(slug), ...over })
      .setProtectedHeader({ alg: "ES256", typ: LAUNCH_TOKEN_TYPE, kid: "k1" })
      .sign(keys.privateKey);
    const answer = await app.request(`http://demo.example/apps/${slug}?marketplace_session=${token}`);
    return answer.headers.get("set-cookie")?.split(";")[0] ?? null;
  };
  const work = async (slug: string, body: Record<string, unknown>, cookie: string | null) => {
    const answer = await app.request(`http://demo.example/apps/${slug}/work`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(cookie && { Cookie: cookie }) },
      body: JSON.stringify({ count: 1, workId: "click-1", ...body }),
    });
    return { status: answer.status, body: (await answer.json()) as WorkAnswer };
  };
  const reports = () =>
    api.heard
      .filter((request: HeardRequest) => request.path === "/v1/provider/tokens/report")
      .map((request) => (request.body as { events: unknown[] }).events[0]);
  return { app, api, enter, work, reports };
}

it("serves every seeded app and its logo, under a strict policy", async () => {
  const { app } = await demo();
  const landing = await (await app.request("http://demo.example/")).text();
  for (const { slug, name } of SEEDED_APPS) {
    expect(landing).toContain(name);
    const page = await app.request(`http://demo.example/apps/${slug}`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(`<h1>${name}</h1>`);
    const policy = page.headers.get("content-security-policy")!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain("unsafe");
    const logo = await app.request(`http://demo.example/logos/${slug}.svg`);
    expect(logo.headers.get("content-type")).toContain("image/svg+xml");
  }
  expect((await app.request("http://demo.example/apps/none")).status).toBe(404);
  expect((await app.request("http://demo.example/logos/none.svg")).status).toBe(404);
});

it("has tools that work for every app: what is not refused is done", async () => {
  const { enter, work } = await demo();
  for (const { slug, fails } of SEEDED_APPS.filter((app) => !app.fails)) {
    expect(fails).toBeUndefined();
    const { status, body } = await work(slug, { action: "work", text: "One line.\n\nAnother one." }, await enter(slug));
    expect([slug, status]).toEqual([slug, 200]);
    expect(body.result).toBeDefined();
  }
});

describe("who may work", () => {
  it("nobody without a session", async () => {
    const { work, api } = await demo();
    expect((await work("mailroom", { action: "work", text: "x" }, null)).status).toBe(401);
    expect((await work("mailroom", { action: "work", text: "x" }, "demo_mailroom=s-1.forged")).status).toBe(401);
    expect(api.heard).toEqual([]);
  });

  it("nobody with the launch token of another app, host or marketplace", async () => {
    const { enter } = await demo();
    expect(await enter("mailroom", { provider_id: providerIdOf("hush") })).toBeNull();
    expect(await enter("mailroom", { aud: "other.example" })).toBeNull();
    expect(await enter("mailroom", { iss: "https://evil.example" })).toBeNull();
    expect(await enter("mailroom")).toContain("demo_mailroom=");
  });
});

describe("metered work", () => {
  it("reports before it is done, once a click", async () => {
    const { enter, work, reports } = await demo();
    const cookie = await enter("storyboard-studio");
    const { body } = await work("storyboard-studio", { action: "draw", text: "A.\n\nB.\n\nC." }, cookie);
    expect(body.report).toEqual({ meter: "scene", units: 3, status: "accepted" });
    expect(body.result).toMatchObject({ kind: "scenes", scenes: [{}, {}, {}] });
    expect(reports()).toEqual([{ sessionId: "s-1", meter: "scene", units: 3, idempotencyKey: "click-1" }]);
  });

  it("is not done when the report is refused", async () => {
    const { enter, work } = await demo("tokens_depleted");
    const cookie = await enter("invoice-reader");
    const { status, body } = await work("invoice-reader", { action: "read", text: "Total: EUR 5" }, cookie);
    expect(status).toBe(402);
    expect(body.result).toBeUndefined();
  });

  it("tells the page when the session is over", async () => {
    const { enter, work } = await demo("session_closed");
    const answer = await work("hush", { action: "work", text: "x" }, await enter("hush"));
    expect(answer).toEqual({ status: 401, body: { error: "SESSION_EXPIRED" } });
  });

  it("reports tokens where the price is the provider's own sum", async () => {
    const { enter, work, reports } = await demo();
    const cookie = await enter("model-switchboard");
    await work("model-switchboard", { action: "work", text: "x", count: 12.2 }, cookie);
    expect(reports()).toEqual([{ sessionId: "s-1", amount: 13, idempotencyKey: "click-1" }]);
  });

  it("where only time counts, needs a meter that runs", async () => {
    const running = await demo();
    const cookie = await running.enter("ai-writer-pro");
    const done = await running.work("ai-writer-pro", { action: "summarise", text: "One. Two." }, cookie);
    expect(done).toMatchObject({ status: 200, body: { result: { kind: "text" } } });
    const paused = await demo("accepted", "paused");
    const kept = await paused.enter("ai-writer-pro");
    expect(await paused.work("ai-writer-pro", { action: "summarise", text: "One." }, kept)).toMatchObject({
      status: 409,
    });
  });
});

it("Flaky Lab breaks, and when it gives up the person pays nothing", async () => {
  const { enter, work, api } = await demo();
  const cookie = await enter("flaky-lab");
  expect((await work("flaky-lab", { action: "error", text: "x" }, cookie)).status).toBe(500);
  expect(await work("flaky-lab", { action: "end", text: "x" }, cookie)).toEqual({
    status: 401,
    body: { error: "SESSION_EXPIRED" },
  });
  expect(api.heard.at(-1)!.body).toEqual({ action: "complete", sessionId: "s-1", reason: "provider_error" });
});

describe("webhooks", () => {
  const event = (type: string, id = "evt-1") =>
    JSON.stringify({ id, type, timestamp: new Date().toISOString(), data: { sessionId: "s-1", sequence: 1 } });
  const send = (app: Awaited<ReturnType<typeof demoApp>>, slug: string, body: string, signed = body) => {
    const at = new Date();
    return app.request(`http://demo.example/webhooks/${slug}`, {
      method: "POST",
      body,
      headers: {
        "webhook-id": "evt-1",
        "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
        "webhook-signature": new Webhook(SECRET).sign("evt-1", at, signed),
      },
    });
  };

  it("are taken when genuine, shown, and known when they come twice", async () => {
    const { app } = await demo();
    expect((await send(app, "hush", event("session.started"))).status).toBe(200);
    expect((await send(app, "hush", event("session.started"))).status).toBe(200);
    const { webhooks } = (await (await app.request("http://demo.example/webhooks.json")).json()) as {
      webhooks: { app: string; isRepeat: boolean; signatures: object }[];
    };
    expect(webhooks).toMatchObject([
      { app: "hush", isRepeat: true, signatures: { standardWebhooks: true, marketplace: false } },
      { app: "hush", isRepeat: false },
    ]);
    expect(await (await app.request("http://demo.example/webhooks")).text()).toContain("session.started");
  });

  it("are refused when changed on the way, and for apps we do not have", async () => {
    const { app } = await demo();
    const changed = await send(app, "hush", event("session.completed"), event("session.started"));
    expect(changed.status).toBe(400);
    const { webhooks } = (await (await app.request("http://demo.example/webhooks.json")).json()) as {
      webhooks: unknown[];
    };
    expect(webhooks).toEqual([]);
  });

  it("of an ended session close the books at once where units were reported", async () => {
    const { app, api } = await demo();
    await send(app, "hush", event("session.completed"));
    await expect.poll(() => api.heard.length).toBe(1);
    expect(api.heard[0]).toMatchObject({
      headers: { authorization: "Bearer key-hush" },
      body: { action: "complete", sessionId: "s-1", final: true },
    });
  });
});
