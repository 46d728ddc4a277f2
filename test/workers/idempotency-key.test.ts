// The middleware with a route that makes a note: its effect and its record are one D1 batch, as in every real route.

import { createExecutionContext, env } from "cloudflare:test";
import { beforeAll, expect, it } from "vitest";
import { DomainError } from "../../domain/errors.ts";
import { recordAnswer } from "../../domain/idempotency.ts";
import { newRouter, type AppEnv } from "../../workers/http.ts";
import { requireUser } from "../../workers/middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../../workers/middleware/idempotency-key.ts";
import { onError } from "../../workers/middleware/problem.ts";
import { everyRequest } from "../../workers/middleware/every-request.ts";
import { newPerson } from "../support/people.ts";
import type { Context } from "hono";

beforeAll(async () => {
  await env.DB.prepare("CREATE TABLE notes (id INTEGER PRIMARY KEY, shelf TEXT, text TEXT UNIQUE)").run();
});

const makeNote = async (c: Context<AppEnv>) => {
  const { text } = await c.req.json<{ text: string }>();
  const shelf = c.req.param("shelf") ?? "";
  const body = await answerOnce(c, async () => {
    const answer = { secret: crypto.randomUUID(), shelf };
    const isTaken = await c.env.DB.prepare("SELECT 1 FROM notes WHERE text = ?").bind(text).first();
    if (isTaken && c.req.header("Ask-First")) throw new DomainError("session_changed", "There is such a note.");
    const insert = c.env.DB.prepare("INSERT INTO notes (shelf, text) VALUES (?, ?)");
    await c.env.DB.batch([
      insert.bind(shelf, text),
      ...(await recordAnswer(c.env.DB, c.get("idempotency"), { status: 201, body: answer }, c.get("now"))),
    ]);
    return answer;
  });
  return c.json(body, 201);
};

const app = newRouter();
app.onError(onError);
app.use(everyRequest);
app.use(requireUser, idempotencyKey("POST /v1/notes/:shelf"));
app.post("/v1/notes/:shelf", makeNote);
app.post("/api/notes/:shelf", makeNote);

const person = await newPerson();
const post = async (it: { key?: string; text: string; path?: string; as?: Record<string, string> }) =>
  app.fetch(
    new Request(`http://localhost:3000${it.path ?? "/v1/notes/a"}`, {
      method: "POST",
      headers: { ...(it.as ?? person.headers), ...(it.key !== undefined && { "Idempotency-Key": it.key }) },
      body: JSON.stringify({ text: it.text }),
    }),
    env,
    createExecutionContext(),
  );
const unique = () => crypto.randomUUID();
const notes = (text: string) => env.DB.prepare("SELECT count(*) AS n FROM notes WHERE text = ?").bind(text).first("n");

it("does it once, and gives the first answer again with a mark", async () => {
  const it2 = { key: unique(), text: unique() };
  const first = await post(it2);
  const again = await post(it2);
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(await again.json()).toEqual(await first.json());
  expect(first.headers.get("Idempotency-Replayed")).toBeNull();
  expect(again.headers.get("Idempotency-Replayed")).toBe("true");
  expect(await notes(it2.text)).toBe(1);
});

it("gives ten parallel callers one effect and one answer", async () => {
  const it2 = { key: unique(), text: unique() };
  const answers = await Promise.all(Array.from({ length: 10 }, () => post(it2)));
  const bodies = await Promise.all(answers.map((answer) => answer.text()));
  expect(new Set(bodies).size).toBe(1);
  expect(await notes(it2.text)).toBe(1);
});

it("replays on the other face of the same route", async () => {
  const it2 = { key: unique(), text: unique() };
  const first = await post(it2);
  const again = await post({ ...it2, path: "/api/notes/a" });
  expect(again.headers.get("Idempotency-Replayed")).toBe("true");
  expect(await again.json()).toEqual(await first.json());
});

it("replays even when the first run makes the second one be refused", async () => {
  const it2 = { key: unique(), text: unique(), as: { ...person.headers, "Ask-First": "yes" } };
  await post(it2);
  expect((await post(it2)).headers.get("Idempotency-Replayed")).toBe("true");
  expect((await post({ ...it2, key: unique() })).status).toBe(409);
});

it("refuses a key that comes with another body or another path", async () => {
  const key = unique();
  await post({ key, text: unique() });
  for (const other of [{ text: unique() }, { text: "x", path: "/v1/notes/b" }]) {
    const answer = await post({ key, ...other });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ code: "idempotency_key_reused" });
  }
});

it("keeps people's keys apart", async () => {
  const key = unique();
  await post({ key, text: unique() });
  const other = await newPerson();
  const answer = await post({ key, text: unique(), as: other.headers });
  expect(answer.status).toBe(201);
  expect(answer.headers.get("Idempotency-Replayed")).toBeNull();
});

it("frees the key when the effect failed", async () => {
  const text = unique();
  await post({ text });
  const key = unique();
  expect((await post({ key, text })).status).toBe(500);
  expect((await post({ key, text: unique() })).status).toBe(201);
});

it("does nothing without the header, and refuses an empty or endless key", async () => {
  expect((await post({ text: unique() })).headers.get("Idempotency-Replayed")).toBeNull();
  for (const [key, status] of [
    ["", 400],
    ["k".repeat(255), 201],
    ["k".repeat(256), 400],
  ] as const)
    expect((await post({ key, text: unique() })).status).toBe(status);
});

it("stores neither the key nor the answer in the clear", async () => {
  const key = unique();
  const { secret } = (await (await post({ key, text: unique() })).json()) as { secret: string };
  const rows = await env.DB.prepare("SELECT * FROM idempotency").all();
  expect(JSON.stringify(rows.results)).not.toContain(key);
  expect(JSON.stringify(rows.results)).not.toContain(secret);
});
