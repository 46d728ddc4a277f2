import { env, evictDurableObject, runInDurableObject, SELF } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import type { SessionState } from "../../../sdk/src/protocol/session.ts";
import {
  aPerson,
  anApp,
  API,
  booksAreSound,
  call,
  passSeconds,
  ring,
  setClock,
  started,
  sync,
  useVirtualClock,
  work,
  type Running,
  type TestApp,
} from "../../support/market.ts";

afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

const appOrigin = async (app: TestApp): Promise<string> =>
  (await env.DB.prepare("SELECT app_origin FROM providers WHERE id = ?").bind(app.id).first<{ app_origin: string }>())!
    .app_origin;

const connect = (session: Running, origin: string, token = session.token) =>
  SELF.fetch(`${API}/v1/provider/sessions/${session.id}/live`, {
    headers: { Upgrade: "websocket", Origin: origin, "Sec-WebSocket-Protocol": `mp.session.v1, ${token}` },
  });

async function open(session: Running, app: TestApp) {
  const answer = await connect(session, await appOrigin(app));
  expect(answer.status).toBe(101);
  const socket = answer.webSocket!;
  const heard: string[] = [];
  socket.accept();
  socket.addEventListener("message", ({ data }) => void heard.push(String(data)));
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  const states = () =>
    heard.filter((text) => text.startsWith("{")).map((text) => (JSON.parse(text) as { session: SessionState }).session);
  /** @returns what comes next, in words. */
  const say = async (words: unknown) => {
    const before = heard.length;
    socket.send(typeof words === "string" ? words : JSON.stringify(words));
    await vi.waitFor(() => expect(heard.length).toBeGreaterThan(before));
    return JSON.parse(heard[before]!) as { type: string; session?: SessionState; code?: string; detail?: string };
  };
  return { socket, heard, states, say };
}

it("answers a beat while the clock's object sleeps, and the answer counts as a sign of life", async () => {
  // The platform stamps its automatic answers by the real clock, which is the one this runs on.
  const person = await aPerson(1_000);
  const app = await anApp(500);
  const session = await started(person, app);
  const { socket, heard } = await open(session, app);
  await evictDurableObject(env.SESSIONS.getByName(session.id), { webSockets: "hibernate" });
  const before = Date.now();
  socket.send("beat");
  await vi.waitFor(() => expect(heard).toContain("ok"));
  const { body } = await call<{ session: SessionState }>("GET", `/v1/sessions/${session.id}`, person.token);
  expect(Date.parse(body.session.nextBeatDue!)).toBeGreaterThanOrEqual(before + 30_000);
});

it("keeps the last answer of the platform's own when the page is gone, also for an object that is made anew", async () => {
  const person = await aPerson(1_000);
  const app = await anApp(500);
  const session = await started(person, app);
  const { socket, heard, states } = await open(session, app);
  const opened = Date.parse(states()[0]!.nextBeatDue!);
  await vi.waitFor(() => expect(Date.now() + 30_000).toBeGreaterThan(opened + 20));
  socket.send("beat");
  await vi.waitFor(() => expect(heard).toContain("ok"));
  const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  socket.close();
  await closed;
  await evictDurableObject(env.SESSIONS.getByName(session.id));
  const { body } = await call<{ session: SessionState }>("GET", `/v1/sessions/${session.id}`, person.token);
  expect(Date.parse(body.session.nextBeatDue!)).toBeGreaterThan(opened + 15);
});

it("takes activity over the socket and tells every page what changed, until the session is over", async () => {
  const person = await aPerson(1_000);
  const app = await anApp(500);
  const session = await started(person, app);
  const [one, two] = [await open(session, app), await open(session, app)];
  await call("POST", `/v1/sessions/${session.id}/pause`, person.token);
  await vi.waitFor(() =>
    expect([one.states().at(-1)!.status, two.states().at(-1)!.status]).toEqual(["paused", "paused"]),
  );
  one.socket.send(JSON.stringify({ type: "active" }));
  await sync(session.token, { action: "complete" });
  await vi.waitFor(() =>
    expect(two.states().at(-1)).toMatchObject({ status: "completed", settlement: "settled", endReason: "user_ended" }),
  );
});

it("opens from the app's own page only, for its own session, with a session token", async () => {
  const app = await anApp(500);
  const session = await started(await aPerson(1_000), app);
  const other = await started(await aPerson(1_000), await anApp(500));
  expect((await connect(session, "https://evil.example")).status).toBe(403);
  expect((await connect(session, await appOrigin(app), other.token)).status).toBe(404);
  expect((await connect(session, await appOrigin(app), session.launchToken)).status).toBe(401);
});

it("answers a beat in words with the state, also where nothing has changed", async () => {
  useVirtualClock();
  const app = await anApp(500);
  const session = await started(await aPerson(1_000), app);
  const page = await open(session, app);
  passSeconds(80);
  const answer = await page.say({ action: "heartbeat", active: true, actedSecondsAgo: 10 });
  expect(answer).toMatchObject({ type: "state", session: { status: "active", activeSeconds: 80 } });
  passSeconds(80);
  expect((await page.say({ action: "heartbeat" })).session).toMatchObject({ status: "active", activeSeconds: 160 });
  // Idle two minutes after the deed, not after the message that told of it.
  passSeconds(35);
  expect((await page.say({ action: "heartbeat" })).session).toMatchObject({ status: "paused", activeSeconds: 190 });
  passSeconds(60);
  expect((await page.say({ type: "active" })).session).toMatchObject({ status: "active", activeSeconds: 190 });
});

it("takes a page that was away back when it says so, in words", async () => {
  useVirtualClock();
  const app = await anApp(500);
  const session = await started(await aPerson(1_000), app);
  const page = await open(session, app);
  passSeconds(95);
  await ring(session.id);
  await vi.waitFor(() =>
    expect(page.states().at(-1)).toMatchObject({ status: "paused", pauseCause: "heartbeat_lost" }),
  );
  expect((await page.say({ action: "heartbeat" })).session).toMatchObject({ status: "active", activeSeconds: 0 });
});

it("looks for the answers of the platform's own before the last one it knows of counts as lost", async () => {
  useVirtualClock();
  const app = await anApp(500);
  const session = await started(await aPerson(1_000), app);
  const alarm = () => runInDurableObject(env.SESSIONS.getByName(session.id), (_, state) => state.storage.getAlarm());
  expect(await alarm()).toBe(Date.now() + 90_000);
  const page = await open(session, app);
  const beatAt = () => Date.parse(page.states().at(-1)!.nextBeatDue!) - 30_000;
  expect(await alarm()).toBe(beatAt() + 75_000);
  setClock(beatAt() + 75_000);
  await ring(session.id);
  // Nothing was said: what is left is to notice that the page is gone.
  expect(await alarm()).toBe(beatAt() + 90_000);
  await page.say({ action: "heartbeat" });
  await ring(session.id);
  expect(await alarm()).toBe(beatAt() + 75_000);
});

it("puts off nothing that is due before, such as another try to carry something to D1", async () => {
  useVirtualClock();
  const app = await anApp(500);
  const session = await started(await aPerson(1_000), app);
  const retryAt = Date.now() + 2_000;
  const clock = env.SESSIONS.getByName(session.id);
  await runInDurableObject(clock, (_, state) => state.storage.setAlarm(retryAt));
  await open(session, app);
  expect(await runInDurableObject(clock, (_, state) => state.storage.getAlarm())).toBe(retryAt);
});

it("hears what the page saw, for the two-sided meter", async () => {
  const app = await anApp([{ meter: "image", price: { model: "per_unit", unit: "10" }, holdPerHour: 20 }]);
  const session = await started(await aPerson(1_000), app);
  const page = await open(session, app);
  expect((await page.say({ action: "heartbeat", observed: { image: "5.5", other: 1 } })).type).toBe("state");
  await sync(session.token, { action: "complete" });
  await sync(app.key, { action: "complete", sessionId: session.id, final: true });
  const row = await env.DB.prepare("SELECT comparisons FROM closings WHERE session_id = ?").bind(session.id).first();
  expect(JSON.parse(row!.comparisons as string)).toMatchObject([{ meter: "image", observedMicro: 5_500_000 }]);
});

it("says what is wrong with a message it cannot read, counts nothing, and stays open", async () => {
  useVirtualClock();
  const app = await anApp(500);
  const session = await started(await aPerson(1_000), app);
  const page = await open(session, app);
  passSeconds(60);
  for (const [message, detail] of [
    ["hello", /neither "beat" nor a JSON object/],
    ["[1]", /neither "beat" nor a JSON object/],
    ["null", /neither "beat" nor a JSON object/],
    [{ active: "yes" }, /^active must be of type boolean/],
    [{ active: true, actedSecondsAgo: -1 }, /^actedSecondsAgo must be at least 0/],
    [{ observed: { image: "x" } }, /^observed.image is not a number/],
    [{ active: true, more: "x".repeat(2_048) }, /at most 2048 characters/],
  ] as const) {
    const answer = await page.say(message);
    expect(answer).toMatchObject({ type: "error", code: "invalid_request" });
    expect(answer.detail).toMatch(detail);
  }
  // None of them was a sign of life.
  passSeconds(31);
  await ring(session.id);
  await vi.waitFor(() =>
    expect(page.states().at(-1)).toMatchObject({ pauseCause: "heartbeat_lost", activeSeconds: 0 }),
  );
});

it("shows a page that talks without end the door, and no other way is closed to it", async () => {
  useVirtualClock();
  const app = await anApp(500);
  const session = await started(await aPerson(1_000), app);
  const page = await open(session, app);
  await runInDurableObject(env.SESSIONS.getByName(session.id), (clock) =>
    Object.assign(clock, { env: { ...env, RATE_LIMITS: "on" } }),
  );
  let code: number | undefined;
  page.socket.addEventListener("close", (event) => void (code = event.code));
  for (let message = 0; message <= 60; message++) page.socket.send("{}");
  await vi.waitFor(() => expect(code).toBe(1008));
  expect(page.heard).toHaveLength(61);
  expect((await sync(session.token, { action: "heartbeat" })).status).toBe(200);
});

it("tells a page that beats when its time is over the end, and closes", async () => {
  useVirtualClock();
  const app = await anApp(500);
  const session = await started(await aPerson(1_000), app, 5);
  const page = await open(session, app);
  await work(session, 299);
  let isClosed = false;
  page.socket.addEventListener("close", () => void (isClosed = true));
  passSeconds(2);
  page.socket.send(JSON.stringify({ active: true }));
  await vi.waitFor(() => expect(isClosed).toBe(true));
  expect(page.states().at(-1)).toMatchObject({ status: "completed", endReason: "time_expired", settlement: "settled" });
});
