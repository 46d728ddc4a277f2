// Search by meaning through the public API, with the encoder switched on: what is found, what is said of it, and that the
// index is nothing but a projection of D1.

import { env } from "cloudflare:test";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packVector } from "../../domain/discovery/vector.ts";
import { catalogueIndex } from "../../workers/catalogue-index.ts";
import { indexCatalogue } from "../../workers/consumers/index-catalogue.ts";
import { answerLocally } from "../../workers/local-ai.ts";
import { newApp, send } from "../support/apps.ts";
import { newPerson } from "../support/people.ts";
import { ScriptedAi } from "../support/scripted-ai.ts";

interface Answer {
  providers: { id: string; name: string; score: number; nearest: string | null }[];
  total: number;
  confidence: string;
  engine: string;
  searchedFor: { from: string; to: string }[];
  facets: Record<string, { value: string; count: number }[]>;
  help: { message: string; withoutFilter: { filter: string; count: number }[] } | null;
}
const search = async (query: string, filters: Record<string, unknown> = {}): Promise<Answer> =>
  (await send("POST", "/v1/providers/search", { body: { query, filters } })).json<Answer>();
const names = async (query: string, filters = {}) => (await search(query, filters)).providers.map(({ name }) => name);

const switches = env as { EMBEDDINGS?: "on" | "off" };
beforeAll(async () => {
  switches.EMBEDDINGS = "on";
  const owner = await newPerson();
  const apps = [
    { name: "Voxscript", category: "audio", useCases: ["turn an interview recording into text"], tokenRatePerHour: 90 },
    { name: "Mealmind", category: "health", useCases: ["plan dinners for a family of four"], regions: ["DE"] },
    {
      name: "Ledgerlark",
      category: "finance",
      useCases: ["sort my receipts for the tax return"],
      tokenRatePerHour: 300,
    },
  ];
  for (const app of apps) await newApp({ description: `${app.name} helps.`, ...app }, owner);
  await indexCatalogue(env);
});
afterAll(() => {
  switches.EMBEDDINGS = "off";
});

describe("a need in one's own words", () => {
  it("finds the app that means it, though they share no word, and says which use it is nearest to", async () => {
    const { providers, engine, confidence } = await search("type up a conversation that I taped");
    expect(engine).toBe("hybrid");
    expect(providers[0]).toMatchObject({ name: "Voxscript", nearest: "Turn an interview recording into text." });
    expect(confidence).not.toBe("none");
    expect((await names("what should we eat this week"))[0]).toBe("Mealmind");
  });

  it("says so when nothing fits, and what to do instead", async () => {
    const { confidence, help } = await search("repair the gearbox of my tractor");
    expect(confidence).toBe("none");
    expect(help!.message).toContain("No app here says that it does this");
  });

  it("helps with typing mistakes toward the catalogue's words, and says what it searched for", async () => {
    const { providers, searchedFor } = await search("recieptss");
    expect(searchedFor).toEqual([{ from: "recieptss", to: "receipts" }]);
    expect(providers[0]!.name).toBe("Ledgerlark");
  });

  it("looks for a German need in English words, and says in which", async () => {
    const answer = await send("POST", "/v1/providers/search", { body: { query: "Abendessen für die Familie planen" } });
    const { providers, readAs } = await answer.json<Answer & { readAs: string | null }>();
    expect(providers[0]!.name).toBe("Mealmind");
    expect(readAs).toBe("dinner for the family plan");
    expect(
      await send("POST", "/v1/providers/search", { body: { query: "plan dinners" } }).then((it) => it.json()),
    ).toMatchObject({ readAs: null });
  });

  it("narrows by group, price, region and says how many each choice would leave", async () => {
    expect(await names("", { group: "work" })).toEqual(["Ledgerlark"]);
    expect(await names("", { maxTokensPerHour: 100 })).toContain("Voxscript");
    expect(await names("", { region: "FR" })).not.toContain("Mealmind");
    expect(await names("", { region: "de" })).toContain("Mealmind");
    const { facets } = await search("", { category: "audio" });
    expect(facets.category).toContainEqual({ value: "finance", count: 1 });
  });
});

describe("filters and facets", () => {
  const owner = newPerson();
  beforeAll(async () => {
    const perPage = [{ meter: "page", price: { model: "per_unit", unit: "3" }, holdPerHour: 20 }];
    const base = { description: "Kites.", category: "games", tokenRatePerHour: undefined };
    const apps = [
      { name: "Kitewright", useCases: ["build a kite"], pricing: perPage, regions: ["DE"], dataReceived: ["Address"] },
      { name: "Kitefinder", useCases: ["find a kite"], pricing: perPage, regions: [], dataReceived: [] },
      { name: "Kitetutor", useCases: ["fly a kite"], tokenRatePerHour: 60, regions: ["FR"], dataReceived: ["Address"] },
    ];
    for (const app of apps) await newApp({ ...base, ...app }, await owner);
  });

  it("are obeyed together with the text, and name what each further choice would leave", async () => {
    const kites = { tag: null, category: "games" };
    expect((await names("kite", kites)).sort()).toEqual(["Kitefinder", "Kitetutor", "Kitewright"]);
    expect(await names("kite", { ...kites, maxTokensPerAction: 3, region: "DE" })).toHaveLength(2);
    expect(await names("kite", { ...kites, maxTokensPerAction: 2 })).toEqual([]);
    expect(await names("kite", { ...kites, withoutData: "address" })).toEqual(["Kitefinder"]);
    expect(await names("kite", { ...kites, region: "de", withoutData: "address" })).toEqual(["Kitefinder"]);
    expect(await names("kite", { ...kites, pricingModel: "per_unit", minRating: 1 })).toEqual([]);
    const { facets } = await search("kite", kites);
    for (const [value, left] of [
      ["de", 2],
      ["fr", 2],
    ] as const) {
      expect(facets.region).toContainEqual({ value, count: left });
      expect(await names("kite", { ...kites, region: value })).toHaveLength(left);
    }
    expect(facets.withoutData).toEqual([{ value: "address", count: 1 }]);
    expect(facets.availableOnly).toEqual([{ value: "true", count: 3 }]);
  });

  it("say which of them is in the way where nothing passes", async () => {
    const { help, total } = await search("kite", { category: "games", maxTokensPerAction: 2, region: "DE" });
    expect(total).toBe(0);
    expect(help).toMatchObject({ withoutFilter: [{ filter: "maxTokensPerAction", count: 2 }] });
  });

  it("page through every hit once, best first", async () => {
    const seen: { id: string; score: number }[] = [];
    let cursor: string | null = null;
    do {
      const body = { query: "kite", filters: { category: "games" }, limit: 2, cursor };
      const page: { providers: typeof seen; nextCursor: string | null } = await (
        await send("POST", "/v1/providers/search", { body })
      ).json();
      seen.push(...page.providers);
      cursor = page.nextCursor;
    } while (cursor);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    expect(seen.map(({ score }) => score)).toEqual(seen.map(({ score }) => score).sort((a, b) => b - a));
    expect(seen.length).toBeGreaterThanOrEqual(3);
  });
});

describe("the index", () => {
  it("shows an app that was just published, before its vectors are there", async () => {
    await newApp({ name: "Zephyrine", useCases: ["measure the wind"], description: "Wind." });
    expect((await names("zephyrine"))[0]).toBe("Zephyrine");
    expect((await names("measure how strong the wind is"))[0]).toBe("Zephyrine");
  });

  it("drops an app that was taken off the list", async () => {
    const owner = await newPerson();
    const { provider } = await newApp({ name: "Quibbleton", useCases: ["argue"], description: "Talk." }, owner);
    expect((await names("quibbleton"))[0]).toBe("Quibbleton");
    await send("PATCH", `/v1/provider/apps/${provider.id}`, { body: { status: "inactive" }, headers: owner.headers });
    expect(await names("quibbleton")).not.toContain("Quibbleton");
  });

  it("is rebuilt from D1, vectors included, without encoding anything again", async () => {
    await indexCatalogue(env);
    const before = await search("type up a conversation that I taped");
    await env.DB.prepare("UPDATE embeddings SET vector = vector").run();
    const state = await catalogueIndex(env).rebuild("use-lite-en-int8-1");
    expect(state.apps).toBeGreaterThanOrEqual(4);
    expect(state.withoutVector).toBe(0);
    expect(await search("type up a conversation that I taped")).toEqual(before);
  });

  it("is rebuilt by an operator and nobody else, and a repeated request does it once", async () => {
    const operator = await newPerson({ role: "operator" });
    const headers = { ...operator.headers, "Idempotency-Key": "rebuild-1" };
    const rebuild = (who: Record<string, string>) =>
      send("POST", "/v1/operator/catalogue-index/rebuild", { headers: who });
    const before = await names("kite", { category: "games" });
    const first = await rebuild(headers);
    const state = await first.json<{ apps: number; withoutVector: number }>();
    expect(first.status).toBe(200);
    expect(state.apps).toBeGreaterThanOrEqual(7);
    expect((await rebuild(headers)).headers.get("Idempotency-Replayed")).toBe("true");
    expect(await names("kite", { category: "games" })).toEqual(before);
    expect((await rebuild((await newPerson()).headers)).status).toBe(403);
    expect((await rebuild({})).status).toBe(401);
  });

  it("never compares vectors of two models", async () => {
    const index = catalogueIndex(env);
    const [missing] = await index.withoutVector("another-model", 1);
    await index.addVectors("another-model", [
      { hash: missing!.hash, vector: packVector(new Float32Array(512).fill(0.04)).buffer },
    ]);
    expect((await names("what should we eat this week"))[0]).toBe("Mealmind");
  });
});

describe("a multilingual model beside our own encoder", () => {
  const MODEL = "@cf/baai/bge-m3";
  const bindings = env as { AI_EMBEDDING_MODEL?: string };
  afterAll(() => {
    bindings.AI_EMBEDDING_MODEL = undefined;
    answerLocally(null);
  });

  it("finds needs in other languages once all its vectors are there, and our own takes over when it fails", async () => {
    const meanings = [/interview|gespräch|interview/i, /dinner|family|abendessen/i, /receipt|beleg/i, /./];
    const ai = new ScriptedAi();
    ai.otherwise = {
      vectors: (text) =>
        Array.from({ length: 1024 }, (_, i) => (i === meanings.findIndex((it) => it.test(text)) ? 1 : 0.001)),
    };
    answerLocally(ai.run);
    bindings.AI_EMBEDDING_MODEL = MODEL;
    await search("Abendessen für vier");
    const askedForQuery = ai.calls.length;
    expect(await indexCatalogue(env)).toBe(true);
    expect(ai.calls.length).toBeGreaterThan(askedForQuery);
    expect(ai.calls.every(({ model }) => model === MODEL)).toBe(true);
    expect(await catalogueIndex(env).withoutVector(MODEL, 10)).toEqual([]);
    expect((await names("ein Gespräch abtippen"))[0]).toBe("Voxscript");
    expect((await names("Belege sortieren"))[0]).toBe("Ledgerlark");
    ai.otherwise = { empty: true };
    const { providers, engine } = await search("type up what was said on a tape");
    expect(engine).toBe("hybrid");
    expect(providers[0]!.name).toBe("Voxscript");
    const used = await env.DB.prepare("SELECT milli_neurons FROM model_use WHERE who = 'everyone'").first(
      "milli_neurons",
    );
    expect(used).toBe(5_000);
  });
});
