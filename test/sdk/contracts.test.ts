// The consumer's half of the contract: the SDK's own calls send exactly the requests the contract lists, and can use the
// answers it gives. The provider's half: test/workers/contracts.test.ts.

import { createHmac } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { postSync } from "../../sdk/src/browser/sync.ts";
import { Marketplace } from "../../sdk/src/server/marketplace.ts";
import http from "../contracts/demo-provider--meterplace.json" with { type: "json" };
import messages from "../contracts/demo-provider--meterplace.messages.json" with { type: "json" };
import { mismatches, type Interaction, type Message } from "../contracts/pact.ts";

const interactions = http.interactions as unknown as Interaction[];
const API = "https://api.example";
const ID = "0198c5d2-7a00-7000-8000-0000000000aa";
const scene = (idempotencyKey: string, units: number) => ({ sessionId: ID, meter: "scene", units, idempotencyKey });

/** What the demo provider does for each request of the contract, and what it makes of the answer. */
const USES: Record<string, (it: { live: Marketplace; test: Marketplace; bearer: string }) => Promise<void>> = {
  "start a session with its launch token": async ({ live, bearer }) => {
    const { session, sessionToken } = await live.sessions.start({ launchToken: bearer, nonce: "nonce-of-this-page" });
    expect([session.status, session.remainingSeconds]).toEqual(["active", 3600]);
    expect(sessionToken).toBeTruthy();
  },
  "start a session whose launch token was used by another page": async ({ live, bearer }) => {
    const start = live.sessions.start({ launchToken: bearer, nonce: "nonce-of-another-page" });
    await expect(start).rejects.toMatchObject({ code: "launch_token_used", status: 409, requestId: ID });
  },
  "beat for an open page with somebody at it": async ({ bearer }) => {
    const { session } = await postSync(API, bearer, "heartbeat", { active: true });
    expect(session.nextBeatDue).toBe("2026-01-01T10:00:30.000Z");
  },
  "look at a session from the server": async ({ live }) => {
    expect((await live.sessions.get(ID)).tokensAllocated).toBe(500);
  },
  "pause a session from the server": async ({ live }) => {
    expect((await live.sessions.pause(ID)).session).toMatchObject({ status: "paused", pauseCause: "provider" });
  },
  "beat from the server, which cannot see the person": async ({ live }) => {
    const beat = live.sessions.sync({ action: "heartbeat", sessionId: ID });
    await expect(beat).rejects.toMatchObject({ code: "heartbeat_needs_page" });
  },
  "end a session for good": async ({ live }) => {
    const { session } = await live.sessions.complete(ID, { final: true });
    expect(session).toMatchObject({ status: "completed", settlement: "settled", tokensRefunded: 500 });
  },
  "end a session because the app failed": async ({ live }) => {
    const { session } = await live.sessions.complete(ID, { reason: "provider_error" });
    expect(session).toMatchObject({ status: "failed", tokensConsumed: 0 });
  },
  "look at a session that is not this app's": async ({ live }) => {
    await expect(live.sessions.get(ID)).rejects.toMatchObject({ code: "session_not_found", status: 404 });
  },
  "call with a key that was revoked": async () => {
    const revoked = new Marketplace({ apiKey: "mk_live_revoked", baseUrl: API });
    await expect(revoked.sessions.get(ID)).rejects.toMatchObject({ code: "api_key_invalid", status: 401 });
  },
  "report one piece of work": async ({ live }) => {
    expect(await live.tokens.consume(scene("scene-1", 2))).toMatchObject({ status: "accepted" });
  },
  "report many at once: new, repeated, changed, too much": async ({ live }) => {
    const reported = [scene("scene-2", 1), scene("scene-1", 2), scene("scene-1", 3), scene("scene-3", 1000)];
    const results = await live.tokens.report(reported);
    expect(results.map(({ status }) => status)).toEqual(["accepted", "duplicate", "conflict", "tokens_depleted"]);
  },
  "report one piece of work that does not fit, in the single form": async ({ bearer }) => {
    // For servers without the SDK: one record, and its status over HTTP.
    const answer = await fetch(`${API}/v1/provider/tokens/report`, {
      method: "POST",
      headers: { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" },
      body: JSON.stringify(scene("scene-9", 1000)),
    });
    expect([answer.status, await answer.json()]).toMatchObject([402, { code: "tokens_depleted" }]);
  },
  "make a sandbox session": async ({ test }) => {
    const { redirectUrl } = await test.sessions.createSandbox({ durationMinutes: 30 });
    expect(new URL(redirectUrl).searchParams.has("marketplace_session")).toBe(true);
  },
  "fetch the public keys": async ({ live }) => {
    // The contract's key (RFC 7515, appendix A.3) did not sign this; that it was asked for is the point.
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const header = part({ alg: "ES256", typ: "mp-launch+jwt", kid: "k" });
    const token = `${header}.${part({})}.${Buffer.alloc(64).toString("base64url")}`;
    const check = live.verifyLaunchToken(token, { audience: "app.example", providerId: ID });
    await expect(check).rejects.toMatchObject({ code: "launch_token_invalid", reason: "signature" });
  },
};

afterEach(() => vi.restoreAllMocks());

describe("the SDK asks what the contract lists", () => {
  it("and the contract lists nothing the demo provider does not use", () => {
    expect(interactions.map(({ description }) => description).toSorted()).toEqual(Object.keys(USES).toSorted());
  });

  it.each(interactions.map((one): [string, Interaction] => [one.description, one]))(
    "%s",
    async (description, contract) => {
      const { request, response } = contract;
      const asked: string[] = [];
      vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
        const sent = new Request(input, init);
        asked.push(`${sent.method} ${new URL(sent.url).pathname}`);
        const body: unknown =
          init?.body === undefined || init.body === null ? undefined : JSON.parse(String(init.body));
        expect(mismatches(request.body, body, request.matchingRules?.body)).toEqual([]);
        expect(mismatches(body, request.body)).toEqual([]);
        for (const [name, value] of Object.entries(request.headers)) {
          const rules = request.matchingRules?.header?.[name];
          expect(mismatches(value, sent.headers.get(name), rules ? { [name]: rules } : {}, name)).toEqual([]);
        }
        return Promise.resolve(
          new Response(JSON.stringify(response.body), { status: response.status, headers: response.headers }),
        );
      });
      const client = (apiKey: string) => new Marketplace({ apiKey, baseUrl: API, providerId: ID });
      const bearer = (request.headers.Authorization ?? "").replace("Bearer ", "");
      await USES[description]!({ live: client("mk_live_example"), test: client("mk_test_example"), bearer });
      expect(asked).toEqual([`${request.method} ${request.path}`]);
    },
  );
});

describe("the SDK reads the webhooks the contract lists", () => {
  it.each((messages.messages as unknown as Message[]).map((one): [string, Message] => [one.description, one]))(
    "%s",
    async (_name, { contents, metadata }) => {
      const secret = `whsec_${Buffer.from("a secret of twenty-four b").toString("base64")}`;
      const body = JSON.stringify(contents);
      const id = metadata["webhook-id"]!;
      const timestamp = metadata["webhook-timestamp"]!;
      const signature = createHmac("sha256", Buffer.from(secret.slice(6), "base64"))
        .update(`${id}.${timestamp}.${body}`)
        .digest("base64");
      const marketplace = new Marketplace({
        apiKey: "mk_live_example",
        baseUrl: API,
        now: () => Number(timestamp) * 1000,
      });
      const event = await marketplace.webhooks.verify(
        body,
        { ...metadata, "webhook-signature": `v1,${signature}` },
        secret,
      );
      expect(event).toEqual(contents);
      expect(event.data.sessionId).toBe(ID);
    },
  );
});
