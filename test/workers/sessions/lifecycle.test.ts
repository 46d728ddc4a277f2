import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  aPerson,
  anApp,
  balanceOf,
  booksAreSound,
  call,
  create,
  eventsOf,
  freshToken,
  launchTokenOf,
  passSeconds,
  ring,
  started,
  sync,
  useVirtualClock,
  work,
} from "../../support/market.ts";

beforeEach(() => useVirtualClock());
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

interface StateBody {
  session: {
    status: string;
    endReason: string | null;
    activeSeconds: number;
    tokensConsumed: number;
    tokensRefunded: number | null;
    settlement: string;
    remainingSeconds: number;
    warning: boolean;
    pauseCause: string | null;
  };
  balance: number;
}

describe("starting", () => {
  it("holds the most the session can cost and answers with the link into the app", async () => {
    const person = await aPerson(5_000);
    const app = await anApp(500);
    const { status, body } = await create(person, app, 60);
    expect(status).toBe(200);
    expect(body.session.tokensAllocated).toBe(500);
    const url = new URL(body.session.redirectUrl);
    expect(url.searchParams.get("plan")).toBe("a");
    expect(url.searchParams.get("return_url")).toBe("http://localhost:5173/session/complete");
    expect(url.searchParams.get("state")).toBeTruthy();
    expect(await balanceOf(person)).toEqual({ available: 4_500, held: 500 });
  });

  it("refuses with what is missing when the balance is short, and holds nothing", async () => {
    const person = await aPerson(499);
    const { status, body } = await create(person, await anApp(500), 60);
    expect(status).toBe(402);
    expect(body).toMatchObject({ code: "insufficient_tokens", requiredTokens: 500, balanceTokens: 499 });
    expect(await balanceOf(person)).toEqual({ available: 499, held: 0 });
  });

  it("starts exactly 5 of 50 sessions at once on a balance for 5", async () => {
    const person = await aPerson(2_500);
    const app = await anApp(500);
    const answers = await Promise.all(Array.from({ length: 50 }, () => create(person, app, 60)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(45);
    expect(await balanceOf(person)).toEqual({ available: 0, held: 2_500 });
  });

  it("answers a repeated Idempotency-Key with the first session and holds once", async () => {
    const person = await aPerson(1_000);
    const app = await anApp(500);
    const headers = { "Idempotency-Key": "start-1" };
    const first = await create(person, app, 60, headers);
    const [second, third] = await Promise.all([create(person, app, 60, headers), create(person, app, 60, headers)]);
    expect(second.body).toEqual(first.body);
    expect(third.body).toEqual(first.body);
    expect(second.headers.get("Idempotency-Replayed")).toBe("true");
    expect(await balanceOf(person)).toEqual({ available: 500, held: 500 });
    const other = await create(person, app, 30, headers);
    expect(other.status).toBe(409);
    expect(other.body).toMatchObject({ code: "idempotency_key_reused" });
  });

  it("lets ten racing retries of one key create one session", async () => {
    const person = await aPerson(5_000);
    const app = await anApp(500);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => create(person, app, 60, { "Idempotency-Key": "race" })),
    );
    expect(new Set(answers.map(({ body }) => body.session.id)).size).toBe(1);
    expect(await balanceOf(person)).toEqual({ available: 4_500, held: 500 });
  });

  it.each([4, 181])("refuses %i minutes", async (minutes) => {
    const { status, body } = await create(await aPerson(5_000), await anApp(500), minutes);
    expect([status, body]).toMatchObject([422, { code: "duration_out_of_range" }]);
  });
});

describe("redeeming", () => {
  it("admits a launch token once, and answers the same nonce again for 60 s", async () => {
    const person = await aPerson(500);
    const { body } = await create(person, await anApp(500), 60);
    const launchToken = launchTokenOf(body.session.redirectUrl);
    const first = await sync(launchToken, { action: "start", nonce: "nonce-one" });
    expect(first.status).toBe(200);
    expect(first.body.session).toMatchObject({ status: "active", remainingSeconds: 3600, tokensConsumed: 0 });
    passSeconds(59);
    const replay = await sync(launchToken, { action: "start", nonce: "nonce-one" });
    expect(replay.status).toBe(200);
    const foreign = await sync(launchToken, { action: "start", nonce: "nonce-two" });
    expect([foreign.status, foreign.body]).toMatchObject([409, { code: "launch_token_used" }]);
    passSeconds(2);
    expect((await sync(launchToken, { action: "start", nonce: "nonce-one" })).status).toBe(409);
  });

  it("lets one of two racing pages in", async () => {
    const { body } = await create(await aPerson(500), await anApp(500), 60);
    const launchToken = launchTokenOf(body.session.redirectUrl);
    const answers = await Promise.all(
      ["nonce-aaaa", "nonce-bbbb"].map((nonce) => sync(launchToken, { action: "start", nonce })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it("refuses a launch token after five minutes and lets the hold go", async () => {
    const person = await aPerson(500);
    const { body } = await create(person, await anApp(500), 60);
    passSeconds(301);
    const late = await sync(launchTokenOf(body.session.redirectUrl), { action: "start", nonce: "nonce-late" });
    expect([late.status, late.body]).toMatchObject([410, { code: "launch_token_expired" }]);
    const { body: ended } = await call<StateBody>("POST", `/v1/sessions/${body.session.id}/complete`, person.token);
    expect(ended).toMatchObject({
      session: { status: "expired", endReason: "never_started", tokensRefunded: 500 },
      balance: 500,
    });
  });
});

describe("the clock", () => {
  it("charges whole seconds of active time, rounded up once, and returns the rest at once", async () => {
    const person = await aPerson(5_000);
    const session = await started(person, await anApp(500));
    await work(session, 12 * 60 + 34);
    const { body } = await call<StateBody>("POST", `/v1/sessions/${session.id}/complete`, person.token);
    // 754 s of 500 tokens an hour = 104.72..., rounded up once.
    expect(body).toMatchObject({
      session: {
        status: "completed",
        endReason: "user_ended",
        activeSeconds: 754,
        tokensConsumed: 105,
        tokensRefunded: 395,
        settlement: "settled",
      },
      balance: 4_895,
    });
    expect((await eventsOf(session.id)).map(({ type }) => type)).toEqual([
      "session.created",
      "session.started",
      "session.completed",
      "session.settled",
    ]);
  });

  it("stops at the last good heartbeat when the tab closes, and abandons the session half an hour later", async () => {
    const person = await aPerson(5_000);
    const session = await started(person, await anApp(500));
    await work(session, 300);
    passSeconds(91);
    await ring(session.id);
    const paused = await call<StateBody>("GET", `/v1/sessions/${session.id}`, person.token);
    expect(paused.body.session).toMatchObject({ status: "paused", pauseCause: "heartbeat_lost", activeSeconds: 300 });
    passSeconds(30 * 60);
    await ring(session.id);
    const { body } = await call<StateBody>("GET", `/v1/sessions/${session.id}`, await freshToken(person));
    expect(body).toMatchObject({
      session: {
        status: "completed",
        endReason: "abandoned",
        activeSeconds: 300,
        tokensConsumed: 42,
        tokensRefunded: 458,
      },
      balance: 4_958,
    });
  });

  it("stops 120 s after the last activity while the page keeps beating, and activity starts it again", async () => {
    const person = await aPerson(5_000);
    const session = await started(person, await anApp(500));
    await work(session, 60);
    for (let i = 0; i < 6; i++) {
      passSeconds(30);
      await sync(session.token, { action: "heartbeat" });
    }
    const idle = await sync(session.token, { action: "heartbeat" });
    expect(idle.body.session).toMatchObject({ status: "paused", pauseCause: "idle", activeSeconds: 180 });
    const back = await sync(session.token, { action: "heartbeat", active: true });
    expect(back.body.session).toMatchObject({ status: "active", activeSeconds: 180 });
  });

  it("keeps a pause the person made on the marketplace until they lift it there", async () => {
    const person = await aPerson(5_000);
    const session = await started(person, await anApp(500));
    await work(session, 60);
    await call("POST", `/v1/sessions/${session.id}/pause`, person.token);
    const beat = await sync(session.token, { action: "heartbeat", active: true });
    expect(beat.body.session).toMatchObject({ status: "paused", pauseCause: "user" });
    const page = await sync(session.token, { action: "resume" });
    expect([page.status, page.body]).toMatchObject([403, { code: "user_pause_only" }]);
    passSeconds(600);
    const { body } = await call<StateBody>("POST", `/v1/sessions/${session.id}/resume`, person.token);
    expect(body.session).toMatchObject({ status: "active", activeSeconds: 60 });
  });

  it("warns, then ends at the limit with nothing coming back", async () => {
    const person = await aPerson(5_000);
    const session = await started(person, await anApp(600), 10);
    await work(session, 481);
    await ring(session.id);
    const warned = await sync(session.token, { action: "heartbeat", active: true });
    expect(warned.body.session).toMatchObject({ warning: true, remainingSeconds: 119 });
    await work(session, 119);
    await ring(session.id);
    const { body } = await call<StateBody>("GET", `/v1/sessions/${session.id}`, person.token);
    expect(body).toMatchObject({
      session: {
        status: "completed",
        endReason: "time_expired",
        activeSeconds: 600,
        tokensConsumed: 100,
        tokensRefunded: 0,
      },
      balance: 4_900,
    });
    const over = await sync(session.token, { action: "heartbeat" });
    expect([over.status, over.body]).toMatchObject([401, { code: "session_expired" }]);
    expect((await eventsOf(session.id)).map(({ type }) => type)).toContain("session.expiring");
  });

  it("extends at the frozen price when the person consents, and once only per key", async () => {
    const person = await aPerson(5_000);
    const session = await started(person, await anApp(600), 10);
    await work(session, 500);
    const headers = { "Idempotency-Key": "more" };
    const extended = await call<StateBody>(
      "POST",
      `/v1/sessions/${session.id}/extend`,
      person.token,
      { minutes: 30 },
      headers,
    );
    expect(extended.body).toMatchObject({
      session: { tokensAllocated: 400, durationSeconds: 2400, warning: false },
      balance: 4_600,
    });
    const again = await call<StateBody>(
      "POST",
      `/v1/sessions/${session.id}/extend`,
      person.token,
      { minutes: 30 },
      headers,
    );
    expect(again.body).toMatchObject({ balance: 4_600 });
    expect(await balanceOf(person)).toEqual({ available: 4_600, held: 400 });
    const tooMuch = await call("POST", `/v1/sessions/${session.id}/extend`, person.token, { minutes: 600 });
    expect(tooMuch.status).toBe(402);
  });

  it("refuses an extension during the warning for lack of tokens, and the session runs to its own end", async () => {
    const person = await aPerson(130);
    const session = await started(person, await anApp(600), 10);
    await work(session, 500);
    const refused = await call("POST", `/v1/sessions/${session.id}/extend`, person.token, { minutes: 15 });
    expect([refused.status, refused.body]).toMatchObject([
      402,
      { code: "insufficient_tokens", requiredTokens: 150, balanceTokens: 30 },
    ]);
    expect(await balanceOf(person)).toEqual({ available: 30, held: 100 });
    await work(session, 100);
    const { body } = await call<StateBody>("GET", `/v1/sessions/${session.id}`, person.token);
    expect(body).toMatchObject({ session: { endReason: "time_expired", tokensConsumed: 100 }, balance: 30 });
  });

  it("charges a tab that is closed shortly before the limit until its last beat, and returns the rest", async () => {
    const person = await aPerson(5_000);
    const session = await started(person, await anApp(600), 10);
    await work(session, 540);
    // Nobody has told the clock of the tab yet: it asks again when the heartbeat must be lost.
    passSeconds(60);
    await ring(session.id);
    passSeconds(3_600);
    await ring(session.id);
    const { body } = await call<StateBody>("GET", `/v1/sessions/${session.id}`, await freshToken(person));
    expect(body).toMatchObject({
      session: { endReason: "abandoned", activeSeconds: 540, tokensConsumed: 90, tokensRefunded: 10 },
      balance: 4_910,
    });
  });

  it("ends twelve hours after the start, whatever was paused", async () => {
    const person = await aPerson(5_000);
    const session = await started(person, await anApp(60), 180);
    for (let hour = 0; hour < 12 * 3; hour++) {
      await call("POST", `/v1/sessions/${session.id}/pause`, await freshToken(person));
      passSeconds(1_199);
      await call("POST", `/v1/sessions/${session.id}/resume`, await freshToken(person));
      passSeconds(1);
      await sync(session.token, { action: "heartbeat", active: true });
    }
    await ring(session.id);
    const { body } = await call<StateBody>("GET", `/v1/sessions/${session.id}`, await freshToken(person));
    expect(body.session).toMatchObject({ status: "completed", endReason: "time_expired", activeSeconds: 36 });
  });
});

describe("the end", () => {
  it("settles once when the person, the page, the server and the alarm end it together", async () => {
    const person = await aPerson(5_000);
    const app = await anApp(500);
    const session = await started(person, app);
    await work(session, 300);
    await Promise.all([
      call("POST", `/v1/sessions/${session.id}/complete`, person.token),
      sync(session.token, { action: "complete" }),
      sync(app.key, { action: "complete", sessionId: session.id, final: true }),
      ring(session.id),
    ]);
    expect(await balanceOf(person)).toEqual({ available: 4_958, held: 0 });
    expect((await eventsOf(session.id)).filter(({ type }) => type === "session.settled")).toHaveLength(1);
  });

  it("captures nothing when the provider's server says that it failed", async () => {
    const person = await aPerson(5_000);
    const app = await anApp(500);
    const session = await started(person, app);
    await work(session, 300);
    const { body } = await sync(app.key, { action: "complete", sessionId: session.id, reason: "provider_error" });
    expect(body).toMatchObject({
      session: { status: "failed", endReason: "provider_error", tokensConsumed: 0 },
      balance: 5_000,
    });
  });

  it("is an operator's to bring about, and nobody else's", async () => {
    const person = await aPerson(5_000);
    const session = await started(person, await anApp(500));
    await work(session, 360);
    const end = (token: string) =>
      call<StateBody>("POST", `/v1/operator/sessions/${session.id}/end`, token, { reason: "admin_ended" });
    expect((await end(person.token)).status).toBe(403);
    const { body } = await end(await freshToken(await aPerson(), "operator"));
    expect(body.session).toMatchObject({ status: "completed", endReason: "admin_ended", tokensConsumed: 50 });
    expect(await balanceOf(person)).toEqual({ available: 4_950, held: 0 });
  });

  it("shows a receipt whose parts add up", async () => {
    const person = await aPerson(5_000);
    const session = await started(person, await anApp(500));
    await work(session, 600);
    await call("POST", `/v1/sessions/${session.id}/pause`, person.token);
    passSeconds(60);
    await call("POST", `/v1/sessions/${session.id}/complete`, person.token);
    const { body } = await call<{ receipt: Record<string, unknown> }>(
      "GET",
      `/v1/sessions/${session.id}/receipt`,
      person.token,
    );
    expect(body.receipt).toMatchObject({
      activeSeconds: 600,
      pausedSeconds: 60,
      tokensConsumed: 84,
      platformFeeTokens: 16,
      providerShareTokens: 68,
      tokensRefunded: 416,
    });
  });

  it("answers a repeated key with the first answer and does not run the command again", async () => {
    const person = await aPerson(5_000);
    const session = await started(person, await anApp(500));
    await work(session, 60);
    const headers = { "Idempotency-Key": "coffee" };
    const first = await call("POST", `/v1/sessions/${session.id}/pause`, person.token, undefined, headers);
    await call("POST", `/v1/sessions/${session.id}/resume`, person.token);
    const again = await call("POST", `/v1/sessions/${session.id}/pause`, person.token, undefined, headers);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    const now = await call<StateBody>("GET", `/v1/sessions/${session.id}`, person.token);
    expect(now.body.session.status).toBe("active");
  });

  it("does not exist for another person or another provider", async () => {
    const person = await aPerson(5_000);
    const session = await started(person, await anApp(500));
    const stranger = await aPerson(10);
    const otherApp = await anApp(500);
    for (const verb of ["pause", "resume", "complete", "extend"])
      expect((await call("POST", `/v1/sessions/${session.id}/${verb}`, stranger.token, { minutes: 5 })).status).toBe(
        404,
      );
    expect((await call("GET", `/v1/sessions/${session.id}`, stranger.token)).status).toBe(404);
    expect((await call("GET", `/v1/sessions/${session.id}/receipt`, stranger.token)).status).toBe(404);
    expect((await sync(otherApp.key, { action: "complete", sessionId: session.id })).status).toBe(404);
  });

  it("lets a server neither beat nor resume where time is paid for", async () => {
    const app = await anApp(500);
    const session = await started(await aPerson(5_000), app);
    for (const action of ["heartbeat", "resume"]) {
      const { status, body } = await sync(app.key, { action, sessionId: session.id });
      expect([status, body]).toMatchObject([403, { code: "heartbeat_needs_page" }]);
    }
  });
});
