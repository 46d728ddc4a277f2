import { env, evictDurableObject, SELF } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import type { SessionState } from "../../../sdk/src/protocol/session.ts";
import {
  aPerson,
  anApp,
  API,
  booksAreSound,
  call,
  started,
  sync,
  type Running,
  type TestApp,
} from "../../support/market.ts";

// The platform stamps automatic answers with the real clock, so these tests run on it.
afterEach(booksAreSound);

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
  return { socket, heard, states };
}

it("answers a beat while the clock's object sleeps, and the answer counts as a sign of life", async () => {
  // The platform stamps its automatic answers by the real clock.
  vi.useRealTimers();
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
