import { createMessageBatch, env, SELF } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import worker from "../../workers/index.ts";
import { newId } from "../../domain/ids.ts";
import { issueStatement } from "../../domain/ledger/store.ts";
import { aPerson, anApp, API, call, create, started, type Person } from "../support/market.ts";

interface Message {
  type: string;
  balance?: number;
  held?: number;
  event?: { type: string; sessionId: string | null };
}

const connect = (person: Person, headers: Record<string, string> = {}) =>
  SELF.fetch(`${API}/v1/live`, {
    headers: {
      Upgrade: "websocket",
      Origin: "http://localhost:5173",
      "Sec-WebSocket-Protocol": `mp.live.v1, ${person.token}`,
      ...headers,
    },
  });

async function open(person: Person) {
  const answer = await connect(person);
  expect(answer.status).toBe(101);
  const socket = answer.webSocket!;
  const heard: Message[] = [];
  socket.accept();
  socket.addEventListener("message", ({ data }) => void heard.push(JSON.parse(String(data)) as Message));
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  return { socket, heard };
}

/** A person with a row in `users`, so that a wallet can be led back to them. */
async function aKnownPerson(tokens: number): Promise<Person> {
  const person = await aPerson(tokens);
  await env.DB.prepare(
    "INSERT INTO users (id, email, name, role, wallet_id, created_at, updated_at) VALUES (?1, ?1 || '@example.com', '', 'user', ?2, 0, 0)",
  )
    .bind(person.userId, person.walletId)
    .run();
  return person;
}

async function deliver(): Promise<void> {
  const message = { id: newId(Date.now()), timestamp: new Date(), attempts: 1, body: {} };
  await worker.queue!(createMessageBatch("meterplace-webhooks", [message]), env);
}

describe("the live socket", () => {
  it("says the balance at once, then every event of the person's sessions with the balance after it", async () => {
    const person = await aKnownPerson(1_000);
    const { heard } = await open(person);
    expect(heard[0]).toMatchObject({ type: "balance", balance: 1_000, held: 0 });
    await started(person, await anApp(500));
    await deliver();
    await vi.waitFor(() =>
      expect(heard.map(({ event }) => event?.type).filter(Boolean)).toEqual(["session.created", "session.started"]),
    );
    expect(heard.at(-1)).toMatchObject({ type: "balance", balance: 500, held: 500 });
  });

  it("tells of a purchase, and of nobody else's", async () => {
    const [person, other] = [await aKnownPerson(0), await aKnownPerson(0)];
    const { heard } = await open(person);
    for (const { walletId } of [other, person])
      await issueStatement(env.DB, {
        id: `purchase:${newId(Date.now())}`,
        lotId: newId(Date.now()),
        walletId,
        kind: "paid",
        tokens: 700,
        paidCents: 700,
        at: Date.now(),
      }).run();
    await deliver();
    await vi.waitFor(() => expect(heard.at(-1)).toMatchObject({ type: "balance", balance: 700 }));
    expect(heard.filter(({ event }) => event)).toHaveLength(1);
  });

  it("costs nothing for people who are not there: closing the last socket takes them off the list", async () => {
    const person = await aKnownPerson(1_000);
    const { socket } = await open(person);
    const isListed = async () =>
      (await env.DB.prepare("SELECT 1 FROM live_people WHERE user_id = ?").bind(person.userId).first()) !== null;
    expect(await isListed()).toBe(true);
    socket.close();
    await vi.waitFor(async () => expect(await isListed()).toBe(false));
    expect((await create(person, await anApp(500))).status).toBe(200);
  });

  it("opens for the marketplace's own pages and a valid access token only", async () => {
    const person = await aKnownPerson(0);
    expect((await connect(person, { Origin: "https://evil.example" })).status).toBe(403);
    expect((await connect({ ...person, token: "nonsense" })).status).toBe(401);
    expect((await call("GET", "/v1/live", person.token)).status).toBe(400);
  });
});
