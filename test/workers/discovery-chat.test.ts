// The discovery chat through the public API: what is told in which order, that a cut stream goes on where it was, that a
// conversation is its owner's and is forgotten, and that no sum comes from anywhere but the pricing engine.

import { env } from "cloudflare:test";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { purgeExpired } from "../../workers/cron/purge-expired.ts";
import { indexCatalogue } from "../../workers/consumers/index-catalogue.ts";
import { erasePerson } from "../../domain/privacy/erase-person.ts";
import { wallClock } from "../../domain/clock.ts";
import { newApp, send } from "../support/apps.ts";
import { newPerson, type TestPerson } from "../support/people.ts";

interface ToldCard {
  id: string;
  name: string;
  number: number;
  path: string;
  budget: string | null;
  estimate: { basis: string; lowTokens: number; highTokens: number; lowCents: number; highCents: number } | null;
  mostAnHour: { tokens: number };
}
interface Told {
  id: string;
  event: string;
  data: Record<string, unknown>;
}

const switches = env as { EMBEDDINGS?: "on" | "off" };
let owner: TestPerson;
beforeAll(async () => {
  switches.EMBEDDINGS = "on";
  owner = await newPerson();
  const apps = [
    {
      name: "Mealmind",
      description: "Plans meals and writes the shopping list.",
      useCases: ["plan dinners for a family", "plan meals for a week"],
      tokenRatePerHour: 60,
    },
    {
      name: "Feastly",
      description: "A cook at your side who plans meals with you.",
      useCases: ["plan the meals of a big party", "plan meals for a week with a cook"],
      tokenRatePerHour: 900,
    },
    {
      name: "Cutout",
      description: "Cuts things out of photos.",
      useCases: ["remove the background of a photo"],
      tokenRatePerHour: undefined,
      pricing: [{ meter: "image", price: { model: "per_unit", unit: "3" }, holdPerHour: 60 }],
    },
  ];
  for (const app of apps) await newApp(app, owner);
  await indexCatalogue(env);
});
afterAll(() => {
  switches.EMBEDDINGS = "off";
});

const post = (body: unknown, headers: Record<string, string> = {}) =>
  send("POST", "/v1/chat/discovery", { body, headers });

function read(text: string): Told[] {
  return text
    .split("\n\n")
    .filter((block) => block.startsWith("id:"))
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)![1]!;
      return { id: field("id"), event: field("event"), data: JSON.parse(field("data")) as Told["data"] };
    });
}
async function say(body: Record<string, unknown>, headers: Record<string, string> = {}) {
  const answer = await post(body, headers);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("Content-Type")).toContain("text/event-stream");
  const events = read(await answer.text());
  const of = (event: string) => events.filter((one) => one.event === event).map(({ data }) => data);
  return {
    events,
    conversationId: of("meta")[0]!.conversationId as string,
    cards: of("cards").flatMap(({ cards }) => cards as ToldCard[]),
    prose: of("delta")
      .map(({ text }) => text)
      .join(""),
    citations: of("citation") as { card: string; start: number; end: number; name: string; path: string }[],
    question: of("question")[0] as { slot: string; choices: string[] } | undefined,
    chips: (of("slots")[0]!.chips as { id: string; text: string }[]).map(({ id }) => id),
  };
}

describe("a first message", () => {
  it("is answered with cards before prose, an estimate of the pricing engine, and what it rests on", async () => {
    const told = await say({ message: "I need help to plan my meals, 2 to 3 hours a week, under $20 a month" });
    const order = told.events.map(({ event }) => event);
    expect(order.slice(0, 3)).toEqual(["meta", "slots", "cards"]);
    expect(order.at(-1)).toBe("done");
    expect(told.events[0]!.data).toMatchObject({ engine: "embedded", model: null, turn: 1 });
    expect(told.chips).toEqual(["need", "use", "budget"]);
    expect(told.cards[0]).toMatchObject({
      name: "Mealmind",
      budget: "inside",
      estimate: { basis: "use", lowTokens: 520, highTokens: 780, lowCents: 520, highCents: 780 },
    });
    expect(told.prose).toContain("2 to 3 hours a week");
    expect(told.prose).toContain("520 to 780 tokens a month, $5.20 to $7.80, inside your limit of $20 a month");
    expect(told.prose).toContain("52/12 weeks");
    const { start, end, path, card } = told.citations[0]!;
    expect(told.prose.slice(start, end)).toBe("Mealmind");
    expect(path).toBe(`/apps/${card}?minutes=180`);
  });

  it("says so where nothing fits", async () => {
    const told = await say({ message: "repair the gearbox of my tractor" });
    expect(told.events.find(({ event }) => event === "cards")!.data).toMatchObject({ cards: [], confidence: "none" });
    expect(told.prose).toContain("Nothing in the catalogue says that it does this");
    expect(told.question).toMatchObject({ slot: "need", choices: ["start over"] });
  });
});

describe("a conversation", () => {
  it("goes on: a question, its answer, cheaper, a comparison, and a start that only links", async () => {
    const first = await say({ message: "plan meals with a cook for a party" });
    const { conversationId } = first;
    expect(first.cards.map(({ name }) => name).slice(0, 2)).toEqual(["Feastly", "Mealmind"]);
    expect(first.question).toMatchObject({ slot: "use" });
    const told = await say({ message: "2 hours", conversationId });
    expect(told.cards[0]!.estimate).toMatchObject({ lowTokens: 7800, highTokens: 7800 });
    expect(told.question).toMatchObject({ slot: "budget" });
    const compared = await say({ message: "compare 1 and 2", conversationId });
    expect(compared.prose).toContain(
      "Feastly is 7,800 tokens a month, $78.00 and Mealmind is 520 tokens a month, $5.20",
    );
    expect(compared.prose).toContain("Mealmind costs less than Feastly");
    const second = await say({ message: "the second one", conversationId });
    expect(second.cards.map(({ name, number }) => [name, number])).toEqual([["Mealmind", 2]]);
    await say({ message: "the first one", conversationId });
    const cheaper = await say({ message: "cheaper please", conversationId });
    expect(cheaper.cards.map(({ name }) => name)).toEqual(["Mealmind"]);
    const start = await say({ message: "start it", conversationId });
    expect(start.citations[0]).toMatchObject({ name: "Mealmind", path: expect.stringContaining("?minutes=120") });
    expect(start.prose).toContain("I cannot spend your tokens");
    const removed = await say({ remove: ["use"], conversationId });
    expect(removed.chips).toEqual(["need"]);
    expect(removed.cards[0]!.estimate).toBeNull();
  });

  it("counts pieces where an app does, whatever people call them", async () => {
    const told = await say({ message: "remove the background of photos, 300 photos a month" });
    expect(told.cards[0]).toMatchObject({ name: "Cutout", estimate: { basis: "use", highTokens: 900 } });
  });

  it("is a person's own, taken along at sign-in, and gone with the account", async () => {
    const { conversationId } = await say({ message: "plan meals" });
    const person = await newPerson();
    const path = `/v1/chat/discovery/${conversationId}`;
    await say({ message: "cheaper", conversationId }, person.headers);
    const foreign = { headers: (await newPerson()).headers };
    expect((await send("GET", path, foreign)).status).toBe(404);
    expect((await send("GET", path)).status).toBe(404);
    expect((await post({ message: "mine", conversationId })).status).toBe(404);
    expect((await send("DELETE", path)).status).toBe(404);
    const own = await (await send("GET", path, { headers: person.headers })).json<{ turns: unknown[] }>();
    expect(own.turns).toHaveLength(2);
    const { userId, signInId, email } = person;
    await erasePerson(
      env.DB,
      { endSession: async () => undefined, endPlans: async () => undefined },
      { userId, signInId, email, giveUpTokens: false },
      wallClock(),
    );
    const left = await env.DB.prepare("SELECT count(*) AS left FROM chat_turns WHERE conversation_id = ?")
      .bind(conversationId)
      .first("left");
    expect(left).toBe(0);
  });

  it("is forgotten when asked to be, and after its time", async () => {
    const { conversationId } = await say({ message: "plan meals" });
    expect((await send("DELETE", `/v1/chat/discovery/${conversationId}`)).status).toBe(204);
    expect((await send("GET", `/v1/chat/discovery/${conversationId}`)).status).toBe(404);
    const other = await say({ message: "plan meals" });
    await purgeExpired(env, wallClock() + 25 * 60 * 60 * 1000);
    expect((await send("GET", `/v1/chat/discovery/${other.conversationId}`)).status).toBe(404);
  });
});

describe("a cut stream", () => {
  it("goes on after the last event heard, and is not answered twice", async () => {
    const body = { message: "plan meals for a week" };
    const { events, conversationId } = await say(body);
    const heard = events[2]!;
    const again = read(await (await post(body, { "Last-Event-ID": heard.id })).text());
    expect(again).toEqual(events.slice(3));
    const { turns } = await (
      await send("GET", `/v1/chat/discovery/${conversationId}`)
    ).json<{ turns: { events: Told[] }[] }>();
    expect(turns.map((turn) => turn.events)).toEqual([events]);
  });

  it("is told again for the same key, and refused for another body", async () => {
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const { events } = await say({ message: "plan meals" }, key);
    const again = await post({ message: "plan meals" }, key);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(read(await again.text())).toEqual(events);
    expect((await post({ message: "plan dinners" }, key)).status).toBe(409);
  });
});

describe("what is no message", () => {
  it.each([
    [{}, 400, "message: say what you need, in 1 to 500 characters"],
    [{ message: "   " }, 400, "message: say what you need, in 1 to 500 characters"],
    [{ message: "x".repeat(501) }, 400, "message: may have at most 500 characters"],
    [{ message: "x", conversationId: "nope" }, 404, "There is no such conversation"],
    [{ message: "ä".repeat(1_100) }, 413, "at most 2048 bytes"],
  ])("%j is refused with words that say what to do", async (body, status, words) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect((await answer.json<{ detail: string }>()).detail).toContain(words);
  });

  it("takes 500 characters, and refuses an event id that is none", async () => {
    await say({ message: "plan meals ".repeat(45).slice(0, 500) });
    expect((await post({ message: "x" }, { "Last-Event-ID": "1" })).status).toBe(400);
  });
});
