// The adapters in the frameworks they are for: Express 5 over HTTP, Hono, and Next's middleware and route handlers by their
// web contract. SvelteKit's own server: sveltekit.test.ts.

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { Hono } from "hono";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { meterplace as forExpress } from "../../../sdk/src/adapters/express.ts";
import type { GateOptions } from "../../../sdk/src/adapters/gate.ts";
import { meterplace as forHono } from "../../../sdk/src/adapters/hono.ts";
import { meterplace as forNext } from "../../../sdk/src/adapters/next.ts";
import { Marketplace } from "../../../sdk/src/server/marketplace.ts";
import { COOKIE_SECRET, ISSUER, market, PROVIDER_ID, WEBHOOK_SECRET, type Market } from "./market.ts";
import { adapterPromises, type AppUnderTest } from "./promises.ts";

const client = (from: Market, providerId: string | undefined = PROVIDER_ID) =>
  new Marketplace({
    apiKey: "mk_test_a",
    baseUrl: from.api.origin,
    issuer: ISSUER,
    retries: 0,
    ...(providerId && { providerId }),
  });

function options(from: Market, appUrl: string, heard: string[]): GateOptions {
  return {
    marketplace: client(from),
    appUrl,
    cookieSecret: COOKIE_SECRET,
    webhookSecret: WEBHOOK_SECRET,
    onWebhook: (event) => heard.push(event.id),
  };
}

describe("Express", () => {
  let app: AppUnderTest;
  let server: Server;
  beforeAll(async () => {
    const heard: string[] = [];
    const web = express();
    server = web.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const own = await market(new URL(origin).host);
    const gate = forExpress(options(own, origin, heard));
    web.use(gate);
    web.use(express.json());
    web.get("/work", gate.requireSession, (request, response) => {
      const session = gate.sessionOf(request);
      response.json({ userId: session.userId, sessionId: session.id });
    });
    web.get("/heard", (_request, response) => void response.json(heard));
    app = { market: own, cookieName: "meterplace", fetch: (path, init) => fetch(origin + path, init) };
    return () => {
      server.close();
      own.close();
    };
  });
  adapterPromises(() => app);

  it("says what is wrong when a parser stands in front of it", async () => {
    const web = express();
    web.use(express.json());
    web.use(forExpress(options(app.market, "https://app.example/", [])));
    const errors: string[] = [];
    web.use((error: Error, _request: unknown, response: express.Response, _next: unknown) => {
      errors.push(error.message);
      response.sendStatus(500);
    });
    const late = web.listen(0, "127.0.0.1");
    await new Promise((resolve) => late.once("listening", resolve));
    const { body, headers } = await app.market.webhook("session.started", "s");
    await fetch(`http://127.0.0.1:${(late.address() as AddressInfo).port}/meterplace/webhooks`, {
      method: "POST",
      body,
      headers,
    });
    late.close();
    expect(errors).toEqual([expect.stringContaining("before express.json()")]);
  });
});

describe("Hono", () => {
  let app: AppUnderTest;
  beforeAll(async () => {
    const heard: string[] = [];
    const own = await market("app.example");
    const gate = forHono(options(own, "https://app.example/", heard));
    const web = new Hono();
    web.use(gate);
    web.get("/work", gate.requireSession, (c) => {
      const session = gate.sessionOf(c);
      return c.json({ userId: session.userId, sessionId: session.id });
    });
    web.get("/heard", (c) => c.json(heard));
    app = {
      market: own,
      cookieName: "__Host-meterplace",
      fetch: async (path, init) => web.request(`https://app.example${path}`, init),
    };
    return own.close;
  });
  adapterPromises(() => app);

  it("sets a cookie that only https carries, bound to this host, and stays there whatever the path is", async () => {
    const { path } = await app.market.launch({ path: "//evil.example/x" });
    const answer = await app.fetch(path);
    expect(answer.headers.get("location")).toBe("https://app.example//evil.example/x");
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-meterplace=.*; Path=\/; .*; Secure$/);
  });

  it("does not use up a link for a browser that only looks ahead", async () => {
    const { path, sessionId } = await app.market.launch();
    const ahead = await app.fetch(path, { headers: { "Sec-Purpose": "prefetch;prerender" } });
    expect([ahead.status, app.market.sessions.get(sessionId)!.status]).toEqual([503, "pending"]);
  });
});

describe("Next, by its web contract", () => {
  let app: AppUnderTest;
  beforeAll(async () => {
    const heard: string[] = [];
    const own = await market("app.example");
    const gate = forNext({ ...options(own, "https://app.example/", heard), guard: (path) => path === "/work" });
    /** As Next goes: middleware first, then the route handler of the path. */
    const next = async (request: Request): Promise<Response> => {
      const stopped = await gate.middleware(request);
      if (stopped) return stopped;
      const { pathname } = new URL(request.url);
      if (request.method === "POST" && pathname.startsWith("/meterplace/")) return gate.POST(request);
      if (pathname === "/heard") return Response.json(heard);
      const value = /__Host-meterplace=([^;]*)/.exec(request.headers.get("cookie") ?? "")?.[1];
      const session = await gate.sessionOf({
        get: (name) => (name === "__Host-meterplace" && value ? { value } : undefined),
      });
      return Response.json({ userId: session!.userId, sessionId: session!.id });
    };
    app = {
      market: own,
      cookieName: "__Host-meterplace",
      fetch: (path, init) => next(new Request(`https://app.example${path}`, init)),
    };
    return own.close;
  });
  adapterPromises(() => app);
});

describe("the settings", () => {
  it("refuse a secret that can be guessed and a client that does not know which app it is", async () => {
    const own = await market("app.example");
    onTestFinished(own.close);
    expect(() => forHono({ ...options(own, "https://app.example/", []), cookieSecret: "short" })).toThrow(
      /32 characters/,
    );
    expect(() => forHono({ ...options(own, "https://app.example/", []), marketplace: client(own, "") })).toThrow(
      /providerId/,
    );
  });

  it("let a cookie secret be changed without signing anyone out", async () => {
    const own = await market("app.example");
    onTestFinished(own.close);
    const shared = options(own, "https://app.example/", []);
    const gate = (cookieSecret: string | string[]) => {
      const web = new Hono();
      const made = forHono({ ...shared, cookieSecret });
      web.use(made).get("/work", made.requireSession, (c) => c.text("in"));
      return web;
    };
    const { path } = await own.launch();
    const cookie = (await gate(COOKIE_SECRET).request(`https://app.example${path}`)).headers
      .getSetCookie()[0]!
      .split(";")[0]!;
    const visit = async (web: Hono) =>
      (await web.request("https://app.example/work", { headers: { Cookie: cookie } })).status;
    const changed = "another cookie secret, for a year or so";
    expect(await visit(gate([changed, COOKIE_SECRET]))).toBe(200);
    expect(await visit(gate(changed))).toBe(401);
  });
});
