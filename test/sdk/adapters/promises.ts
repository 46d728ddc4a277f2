// What every adapter promises, told once and held for each framework. The app under test has a guarded page `/work`, which
// answers `{userId, sessionId}`, and `/heard`, the ids of the webhooks it got.

import { describe, expect, it } from "vitest";
import { APP_PAGE, ISSUER, type Market } from "./market.ts";

export interface AppUnderTest {
  market: Market;
  cookieName: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

const PAGE = { headers: { Accept: "text/html" } };
const cookiesOf = (answer: Response): string[] => answer.headers.getSetCookie();

/** @param app Made once, before the first test. */
export function adapterPromises(app: () => AppUnderTest): void {
  const get = (path: string, cookie?: string, more: Record<string, string> = {}) =>
    app().fetch(path, { redirect: "manual", headers: { ...more, ...(cookie && { Cookie: cookie }) } });
  const post = (path: string, cookie?: string, init: RequestInit = {}) =>
    app().fetch(path, {
      method: "POST",
      redirect: "manual",
      ...init,
      headers: { ...(init.headers as Record<string, string>), ...(cookie && { Cookie: cookie }) },
    });
  /** Opens a launch link; answers the cookie the browser would send from then on. */
  async function enter(over: Parameters<Market["launch"]>[0] = {}) {
    const { path, sessionId } = await app().market.launch(over);
    const answer = await get(path, undefined, PAGE.headers);
    const cookie = cookiesOf(answer).find((line) => line.startsWith(`${app().cookieName}=`));
    return { answer, path, sessionId, cookie: cookie?.split(";")[0] ?? "", line: cookie ?? "" };
  }

  describe("a visitor", () => {
    it("without a session is sent to the marketplace; a script hears SESSION_EXPIRED", async () => {
      const page = await get("/work", undefined, PAGE.headers);
      expect([page.status, page.headers.get("location")]).toEqual([303, APP_PAGE]);
      const call = await get("/work");
      expect([call.status, ((await call.json()) as { code: string }).code]).toEqual([401, "SESSION_EXPIRED"]);
    });

    it("with a launch link is let in once, with a cookie no script can read and an address that says nothing", async () => {
      const { answer, cookie, line, sessionId } = await enter();
      expect(answer.status).toBe(303);
      const location = new URL(answer.headers.get("location")!);
      expect(location.pathname + location.search).toBe("/work?tab=2");
      expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
      expect(line).toMatch(/; HttpOnly/);
      expect(line).toMatch(/; SameSite=Lax/);
      expect(line).not.toContain(sessionId);
      const work = await get("/work", cookie);
      expect([work.status, await work.json()]).toEqual([
        200,
        { userId: expect.stringMatching(/^person-/) as string, sessionId },
      ]);
      expect(app().market.sessions.get(sessionId)!.status).toBe("active");
    });

    it("gets in again by a second click in the same browser, and nobody else by the same link", async () => {
      const { path, cookie } = await enter();
      expect((await get(path, cookie, PAGE.headers)).status).toBe(303);
      const stranger = await get(path, undefined, PAGE.headers);
      expect(stranger.status).toBe(403);
      expect(cookiesOf(stranger)).toEqual([]);
      const text = await stranger.text();
      expect(text).toContain("already used");
      expect(text).toContain(APP_PAGE);
    });

    it("with another app's token is refused, and the token is not used up", async () => {
      const { answer, sessionId } = await enter({ providerId: "app-2" });
      expect(answer.status).toBe(403);
      expect(app().market.sessions.get(sessionId)!.status).toBe("pending");
    });

    it("is not let in by a cookie somebody made or changed", async () => {
      const { cookie } = await enter();
      expect((await get("/work", cookie.slice(0, -2) + (cookie.endsWith("AA") ? "BB" : "AA"))).status).toBe(401);
      expect((await get("/work", `${app().cookieName}=v1.AAAA.AAAA`)).status).toBe(401);
    });

    it("comes in by loading the page again, though the answer was lost", async () => {
      const { market } = app();
      const { path, sessionId } = await market.launch();
      market.isAway = true;
      const lost = await get(path, undefined, PAGE.headers).finally(() => (market.isAway = false));
      expect(lost.status).toBe(503);
      const nonce = cookiesOf(lost)[0]!.split(";")[0]!;
      // The marketplace did hear it.
      market.sessions.set(sessionId, { status: "active", nonce: nonce.split("=")[1]! });
      expect((await get(path, nonce, PAGE.headers)).status).toBe(303);
    });
  });

  it("gives the page its session token, and only to who has the cookie", async () => {
    const { cookie, sessionId } = await enter();
    const token = await post("/meterplace/connection-token", cookie);
    expect(await token.json()).toEqual({ secret: `session-token-of-${sessionId}` });
    expect(token.headers.get("cache-control")).toBe("no-store");
    const stranger = await post("/meterplace/connection-token");
    expect([stranger.status, await stranger.json()]).toEqual([401, { secret: null }]);
  });

  it("ends the session and goes back to the marketplace, wherever the link said", async () => {
    for (const returnUrl of [`${ISSUER}/session/complete`, "https://evil.example/"]) {
      const { cookie, sessionId } = await enter({ returnUrl });
      const left = await post("/meterplace/leave", cookie);
      expect(left.status).toBe(303);
      expect(left.headers.get("location")).toBe(`${ISSUER}/session/complete?session_id=${sessionId}&state=st`);
      expect(cookiesOf(left)[0]).toContain("Max-Age=0");
      expect(app().market.sessions.get(sessionId)!.status).toBe("completed");
      expect((await get("/work", cookie)).status).toBe(401);
    }
  });

  it("takes genuine webhooks byte for byte, and lets nobody in after the one that says it is over", async () => {
    const { cookie, sessionId } = await enter();
    expect((await get("/work", cookie)).status).toBe(200);
    app().market.sessions.get(sessionId)!.status = "completed";
    const { body, headers } = await app().market.webhook("session.completed", sessionId);
    const forged = await post("/meterplace/webhooks", undefined, {
      body: body.replace("completed", "started"),
      headers,
    });
    expect(forged.status).toBe(400);
    expect((await get("/work", cookie)).status).toBe(200);
    expect((await post("/meterplace/webhooks", undefined, { body, headers })).status).toBe(204);
    expect(await (await get("/heard")).json()).toContain(headers["webhook-id"]);
    expect((await get("/work", cookie)).status).toBe(401);
  });

  it("reads no webhook that is longer than one can be", async () => {
    const { headers } = await app().market.webhook("session.completed", "s");
    const long = await post("/meterplace/webhooks", undefined, { body: "x".repeat(65_537), headers });
    expect(long.status).toBe(413);
  });

  it("is not made to sign anyone out by another site, whose requests carry no cookie", async () => {
    expect(cookiesOf(await post("/meterplace/leave"))).toEqual([]);
    expect(cookiesOf(await get("/work"))).toEqual([]);
    expect(cookiesOf(await get("/work", `${app().cookieName}=v1.AAAA.AAAA`))[0]).toContain("Max-Age=0");
  });

  it("keeps the app open to those inside while the marketplace is away", async () => {
    const { market } = app();
    const { cookie } = await enter();
    market.isAway = true;
    const inside = await get("/work", cookie).finally(() => (market.isAway = false));
    expect(inside.status).toBe(200);
  });
}
