// The conformance lab against two apps in one test: a careful one that passes and gets its badge, and a careless one whose
// faults are each named with what to do.

import { env, SELF } from "cloudflare:test";
import { createRemoteJWKSet, customFetch, jwtVerify } from "jose";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LabRunView } from "../../domain/lab/run.ts";
import {
  anApp,
  API,
  call,
  freshToken,
  launchTokenOf,
  passSeconds,
  sync,
  useVirtualClock,
  type TestApp,
} from "../support/market.ts";

let port = 18_080;
let origin: string;
let app: TestApp;
let owner: string;
let handle: (request: Request) => Response | Promise<Response>;
beforeEach(async () => {
  useVirtualClock(Date.UTC(2030, 5, 1));
  // An origin belongs to one owner.
  origin = `http://localhost:${++port}`;
  app = await anApp(600, `${origin}/start`);
  owner = await freshToken({ userId: app.ownerUserId, walletId: app.ownerUserId });
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => handle(new Request(input, init)));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const run = async () => {
  const answer = await call<{ run: LabRunView; code: string }>("POST", `/v1/provider/apps/${app.id}/lab`, owner);
  return { status: answer.status, code: answer.body.code, run: answer.body.run };
};
const verdicts = (of: LabRunView) => Object.fromEntries(of.checks.map(({ check, verdict }) => [check, verdict]));
async function endpoint(): Promise<string> {
  const made = await call<{ webhook: { secret: string } }>("POST", "/v1/provider/webhooks", app.testKey, {
    url: `${origin}/hooks`,
    events: ["*"],
  });
  return made.body.webhook.secret;
}
const html = (body: string, headers: Record<string, string> = {}) =>
  new Response(`<!doctype html><title>App</title>${body}`, { headers: { "Content-Type": "text/html", ...headers } });
const SCRIPT = '<script async src="http://localhost:3000/sdk.js" data-provider-id="x"></script>';

describe("a careful app", () => {
  it("passes, and its badge is one that anybody can check", async () => {
    const hooks = new Webhook(await endpoint());
    const seen: string[] = [];
    handle = async (request) => {
      if (!request.url.endsWith("/hooks")) return html(SCRIPT);
      try {
        const body = await request.text();
        hooks.verify(body, Object.fromEntries(request.headers));
        seen.push((JSON.parse(body) as { type: string }).type);
        return new Response(null, { status: 204 });
      } catch {
        return new Response(null, { status: 401 });
      }
    };
    const { run: found } = await run();
    expect(found.checks.filter(({ verdict }) => verdict === "failed" || verdict === "warning")).toEqual([]);
    expect(found.passed).toBe(true);
    expect(found.hour).toMatchObject({ activeSeconds: 3600, endReason: "time_expired", endedAtSecond: 4380 });
    expect(seen).toEqual(
      expect.arrayContaining(["session.started", "session.paused", "session.expiring", "session.settled"]),
    );

    const { body } = await call<{ badge: { signed: string } }>("GET", `/v1/providers/${app.id}/badge`, null);
    const keys = createRemoteJWKSet(new URL(`${API}/.well-known/jwks.json`), {
      [customFetch]: (url, init) => SELF.fetch(url, init as RequestInit<CfProperties>),
    });
    const { payload } = await jwtVerify(body.badge.signed, keys, { typ: "mp-badge+jwt", currentDate: new Date() });
    expect(payload).toMatchObject({ sub: app.id, app_origin: origin, lab_version: 1 });
    const picture = await SELF.fetch(`${API}/v1/providers/${app.id}/badge.svg`);
    expect(picture.headers.get("Content-Type")).toBe("image/svg+xml");

    // It moves, and the badge stays behind.
    await env.DB.prepare("UPDATE providers SET app_url = 'http://localhost:28081/' WHERE id = ?").bind(app.id).run();
    expect((await call("GET", `/v1/providers/${app.id}/badge`, null)).body).toEqual({ badge: null });
  });

  it("passes without webhooks too, and leaves no sandbox session open", async () => {
    handle = () => html(SCRIPT);
    const { run: found } = await run();
    expect(found.passed).toBe(true);
    expect(verdicts(found)).toMatchObject({ webhooks_accepted: "skipped", token_replayed: "skipped" });
    const open = await env.DB.prepare("SELECT count(*) AS n FROM sessions WHERE provider_id = ? AND settled_at IS NULL")
      .bind(app.id)
      .first();
    expect(open).toEqual({ n: 0 });
  });

  it("is looked at once in two seconds, and only by its owner", async () => {
    handle = () => html(SCRIPT);
    await run();
    expect(await run()).toMatchObject({ status: 429, code: "rate_limited" });
    passSeconds(3);
    expect((await run()).status).toBe(200);
    const stranger = await freshToken({ userId: app.id, walletId: app.id });
    expect((await call("POST", `/v1/provider/apps/${app.id}/lab`, stranger)).status).toBe(404);
  });
});

describe("a careless app", () => {
  it("is told each fault, and what to do about it", async () => {
    await endpoint();
    handle = async (request) => {
      const url = new URL(request.url);
      if (url.pathname === "/hooks") {
        const { type } = await request.json<{ type: string }>();
        // Believes everybody, and falls over what it does not know.
        return new Response(null, { status: type === "lab.unknown" ? 500 : 200 });
      }
      const token = url.searchParams.get("marketplace_session")!;
      const back = new URL(url.searchParams.get("return_url")!);
      // Its server redeems whatever it is given.
      const started = await SELF.fetch(`${API}/v1/provider/sessions/sync`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ action: "start", nonce: token.slice(-20) }),
      });
      if (started.status === 410) return new Response("oops", { status: 500 });
      return html(`<a href="${back.href}">Back</a><script>const token = "${token}";</script>`);
    };
    const { run: found } = await run();
    expect(found.passed).toBe(false);
    expect(found.badge).toBeNull();
    expect(verdicts(found)).toMatchObject({
      page_opens: "passed",
      sdk_present: "passed",
      token_not_repeated: "warning",
      token_replayed: "passed",
      token_wrong_audience: "failed",
      token_expired: "failed",
      token_tampered: "passed",
      foreign_return: "failed",
      webhooks_accepted: "passed",
      webhooks_repeated: "passed",
      webhooks_unknown: "failed",
      webhooks_forged: "failed",
      webhooks_tampered: "failed",
      webhooks_stale: "failed",
    });
    for (const { verdict, mend } of found.checks) if (verdict === "failed") expect(mend).toMatch(/\w{3}/);
  });

  it("is told when its reports come too late, or name a meter that nobody pays for", async () => {
    // An origin of its own, as before.
    app = await anApp(
      [{ meter: "page", price: { model: "per_unit", unit: "5" }, holdPerHour: 40 }],
      `http://localhost:${++port}/start`,
    );
    owner = await freshToken({ userId: app.ownerUserId, walletId: app.ownerUserId });
    handle = () => html(SCRIPT);
    expect(verdicts((await run()).run)).toMatchObject({ reports_seen: "warning", reports_in_time: "passed" });
    await env.DB.prepare(
      `INSERT INTO app_day_counts (provider_id, day, mode, kind, count, last_at)
       VALUES (?, ?, 'test', 'report:session_closed', 2, 1)`,
    )
      .bind(app.id, Math.floor(Date.now() / (24 * 60 * 60 * 1000)))
      .run();
    const made = await call<{ session: { id: string; redirectUrl: string } }>(
      "POST",
      "/v1/provider/sandbox/sessions",
      app.testKey,
      { durationMinutes: 30 },
    );
    const { id: sessionId, redirectUrl } = made.body.session;
    await sync(launchTokenOf(redirectUrl), { action: "start", nonce: "nonce-of-lab" });
    for (const meter of ["page", "pgae"])
      await call("POST", "/v1/provider/tokens/report", app.testKey, {
        sessionId,
        meter,
        units: 1,
        idempotencyKey: meter,
      });
    passSeconds(3);
    const { run: found } = await run();
    expect(verdicts(found)).toMatchObject({ reports_seen: "warning", reports_in_time: "warning" });
    // A misspelt meter is work that nobody pays for.
    expect(found.checks.find(({ check }) => check === "reports_seen")).toMatchObject({
      found: expect.stringContaining("did not have (pgae)") as string,
      mend: "Report the meters of your price: page.",
    });
    expect(found.passed).toBe(true);
  });

  it("that cannot be reached, or leads elsewhere, is told so", async () => {
    handle = () => Promise.reject(new TypeError("no network"));
    expect(verdicts((await run()).run)).toMatchObject({ page_opens: "failed", foreign_return: "skipped" });
    passSeconds(3);
    handle = () => Response.redirect("https://elsewhere.example/", 302);
    const { run: found } = await run();
    expect(found.checks[0]).toMatchObject({ check: "page_opens", verdict: "failed" });
    expect(found.checks[0]!.found).toContain("https://elsewhere.example");
  });
});
