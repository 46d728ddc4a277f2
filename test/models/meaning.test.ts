// Who works out what a need means: the model elsewhere, our own encoder, nobody; and what is made of their answers.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CatalogueSearch, Embedder, IndexAnswer, IndexQuery } from "../../domain/discovery/index-query.ts";
import { confidenceOf, scaleOf } from "../../domain/discovery/rank.ts";
import { reranked } from "../../domain/discovery/rerank.ts";
import { searchApps, type SearchHit, type SearchResult } from "../../domain/discovery/search.ts";
import { embeddingInputs, embedTexts, rerankTexts } from "../../domain/gateways/workers-ai-vectors.ts";
import { ScriptedAi, type Step } from "../support/scripted-ai.ts";

const BGE = "@cf/baai/bge-m3";
const now = { milliseconds: 1_500, gatewayId: null };
const embed = (step: Step, texts = ["one", "two"]) => embedTexts(new ScriptedAi().next(step), BGE, texts, now);

describe("vectors from Workers AI", () => {
  it("are one unit vector a text, asked for in the declared shape", async () => {
    const vectors = await embed({ vectors: (text) => (text === "one" ? [3, 4, 0, 0] : [0, 0, 0, 2]) });
    expect(vectors.map((vector) => [...vector].map((value) => Math.round(value * 10) / 10))).toEqual([
      [0.6, 0.8, 0, 0],
      [0, 0, 0, 1],
    ]);
    const inputs: AiModels[typeof BGE]["inputs"] = embeddingInputs(["one"]);
    expect(inputs).toEqual({ text: ["one"], truncate_inputs: true });
  });

  it.each<[string, Step, string]>([
    ["too few", { json: { data: [[1, 0, 0, 0]] } }, "bad_answer"],
    ["no numbers", { vectors: () => [Number.NaN, 1, 0, 0] }, "bad_answer"],
    ["nothing but zeros", { vectors: () => [0, 0, 0, 0] }, "bad_answer"],
    [
      "different lengths",
      { vectors: (text) => (text === "one" ? [1, 0, 0, 0] : [1, 0, 0, 0, 0, 0, 0, 0]) },
      "bad_answer",
    ],
    ["an error", { error: "3036: daily allocation used" }, "quota"],
  ])("are refused when they are %s", async (_, step, code) => {
    await expect(embed(step)).rejects.toMatchObject({ code });
  });

  describe("and time", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());
    it("are not waited for beyond a second and a half", async () => {
      const refused = embed({ held: new Promise<void>(() => undefined), next: { empty: true } }).catch(
        (e: unknown) => e,
      );
      await vi.advanceTimersByTimeAsync(1_500);
      expect(await refused).toMatchObject({ code: "timeout" });
    });
  });
});

describe("a search", () => {
  const queries: IndexQuery[] = [];
  /** An index that has vectors of these models. */
  const index = (...models: string[]): CatalogueSearch => ({
    alternatives: () => Promise.resolve([]),
    search: (query) => {
      queries.push(query);
      const isHybrid = query.vector !== null && models.includes(query.model);
      return Promise.resolve({
        hits: [],
        total: 0,
        best: null,
        corrections: [],
        relaxed: [],
        isHybrid,
      } as unknown as IndexAnswer);
    },
  });
  const own = (before?: Embedder["before"]): Embedder => ({
    model: "own",
    embed: () => Float32Array.of(1, 0, 0, 0),
    isOrdinary: () => false,
    before,
  });
  const remote = (vector: Float32Array | null) => ({ model: BGE, embed: () => Promise.resolve(vector) });
  const db = {
    prepare: () => ({ bind: () => ({ raw: () => Promise.resolve([]) }) }),
  } as unknown as D1Database;
  const run = async (embedder: Embedder | null, search: CatalogueSearch) => {
    queries.length = 0;
    const { engine } = await searchApps(db, search, embedder, { query: "plan meals", filters: {}, from: 0, limit: 5 });
    return { engine, models: queries.map(({ model, vector }) => `${model} ${vector?.length ?? 0}`) };
  };
  const VECTOR = new Float32Array(8).fill(0.35);

  it("goes by the model elsewhere, and compares its vector with that model's set only", async () => {
    expect(await run(own(remote(VECTOR)), index("own", BGE))).toEqual({ engine: "hybrid", models: [`${BGE} 8`] });
    expect(queries[0]!.sharePresent).toBe(0.9);
  });

  it("goes by our own encoder when that one does not answer, or its vectors are not all there yet", async () => {
    expect(await run(own(remote(null)), index("own", BGE))).toEqual({ engine: "hybrid", models: ["own 4"] });
    expect(await run(own(remote(VECTOR)), index("own"))).toEqual({ engine: "hybrid", models: [`${BGE} 8`, "own 4"] });
  });

  it("goes by words when there is neither", async () => {
    expect(await run(null, index())).toEqual({ engine: "words", models: ["none 0"] });
  });

  it("judges how good the best hit is on the scale of the model that was asked", () => {
    const best = { score: 0.5, words: 0, nearest: 0.6, average: 0.38, apps: 50 };
    expect([confidenceOf(best, "own"), confidenceOf(best, BGE)]).toEqual(["none", "weak"]);
    expect(scaleOf("own").cosineMin).toBe(0.3);
  });
});

describe("the reranker", () => {
  const texts = ["zero", "one", "two"];
  it("gives places, best first, and leaves what it does not mention at the end", async () => {
    const ai = new ScriptedAi().next({
      ranking: [
        { id: 0, score: 0.1 },
        { id: 2, score: 0.9 },
      ],
    });
    expect(await rerankTexts(ai, "need", texts, null)).toEqual([2, 0, 1]);
    expect(ai.calls[0]!.inputs).toMatchObject({
      query: "need",
      contexts: [{ text: "zero" }, { text: "one" }, { text: "two" }],
    });
  });

  it.each([
    [[{ id: 3, score: 1 }]],
    [
      [
        { id: 0, score: 1 },
        { id: 0, score: 2 },
      ],
    ],
    [[{ id: 0.5, score: 1 }]],
    [[{ id: 0, score: Number.NaN }]],
  ])("is not believed when its answer makes no sense: %j", async (ranking) => {
    await expect(rerankTexts(new ScriptedAi().next({ ranking }), "need", texts, null)).rejects.toMatchObject({
      code: "bad_answer",
    });
  });

  it("moves hits, loses none, and changes nothing when it does not answer", async () => {
    const hit = (name: string) => ({ app: { name, description: "" }, nearest: null }) as unknown as SearchHit;
    const result = { hits: [hit("a"), hit("b"), hit("c")] } as SearchResult;
    const names = async (places: number[] | null) =>
      (await reranked(() => Promise.resolve(places), "need", result)).hits.map(({ app }) => app.name);
    expect(await names([2, 0, 1])).toEqual(["c", "a", "b"]);
    expect(await names(null)).toEqual(["a", "b", "c"]);
  });
});
