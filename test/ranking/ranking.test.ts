// How good the ranking is, on the development set, loaded through the public API: `npm run rank`. Not part of `npm test`: it
// spends half a minute of CPU on encoding. docs/ranking.md records what it printed.

import { env } from "cloudflare:test";
import { beforeAll, expect, it } from "vitest";
import { catalogueIndex } from "../../workers/catalogue-index.ts";
import { indexCatalogue } from "../../workers/consumers/index-catalogue.ts";
import { newApp, send } from "../support/apps.ts";
import { newPerson } from "../support/people.ts";
import set from "./development-set.json" with { type: "json" };

interface Answer {
  providers: { name: string; score: number }[];
  confidence: "good" | "weak" | "none";
}
const NEEDS = set.needs as { query: string; fits: Record<string, number> }[];
const keyOf = new Map(set.apps.map(({ key, name }) => [name, key]));

beforeAll(async () => {
  const owner = await newPerson();
  for (const { key: _, ...app } of set.apps) await newApp(app, owner);
  (env as { EMBEDDINGS?: "on" | "off" }).EMBEDDINGS = "on";
  while (!(await indexCatalogue(env))) await catalogueIndex(env).withoutVector("use-lite-en-int8-1", 1);
}, 300_000);

const search = async (query: string): Promise<Answer> =>
  (await send("POST", "/v1/providers/search", { body: { query, limit: 10 } })).json<Answer>();

const discounted = (gains: number[]): number =>
  gains.reduce((sum, gain, place) => sum + (2 ** gain - 1) / Math.log2(place + 2), 0);

/** Mean nDCG@5 and recall@3 of the needs that have an answer, and how many of the others are told so. */
async function judge(): Promise<{ ndcg5: number; recall3: number; none: string; falseNone: number; misses: string[] }> {
  const answered = NEEDS.filter(({ fits }) => Object.keys(fits).length > 0);
  let ndcg = 0;
  let recall = 0;
  let falseNone = 0;
  const misses: string[] = [];
  for (const { query, fits } of answered) {
    const { providers, confidence } = await search(query);
    const found = providers.map(({ name }) => keyOf.get(name)!);
    const gains = found.slice(0, 5).map((key) => fits[key] ?? 0);
    const one =
      discounted(gains) /
      discounted(
        Object.values(fits)
          .sort((a, b) => b - a)
          .slice(0, 5),
      );
    const best = Object.keys(fits).filter((key) => fits[key] === Math.max(...Object.values(fits)));
    ndcg += one;
    recall += best.filter((key) => found.slice(0, 3).includes(key)).length / best.length;
    if (confidence === "none") falseNone += 1;
    if (one < 0.5) misses.push(`${query} -> ${found.slice(0, 3).join(", ")} (${confidence})`);
  }
  const unanswered = NEEDS.filter(({ fits }) => Object.keys(fits).length === 0);
  const told = await Promise.all(unanswered.map(async ({ query }) => [query, await search(query)] as const));
  const none = told.filter(([, answer]) => answer.confidence === "none").length;
  for (const [query, answer] of told)
    if (answer.confidence !== "none")
      misses.push(`${query} -> said to fit: ${answer.providers[0]?.name} (${answer.confidence})`);
  return {
    ndcg5: ndcg / answered.length,
    recall3: recall / answered.length,
    none: `${none} of ${unanswered.length}`,
    falseNone,
    misses,
  };
}

it("orders by meaning and words better than by words alone", async () => {
  const hybrid = await judge();
  (env as { EMBEDDINGS?: "on" | "off" }).EMBEDDINGS = "off";
  const words = await judge();
  for (const [name, it] of Object.entries({ words, hybrid }))
    console.log(
      `${name}: nDCG@5 ${it.ndcg5.toFixed(3)}, recall@3 ${it.recall3.toFixed(3)}, nothing fits ${it.none}, wrongly said so ${it.falseNone}`,
    );
  console.log(hybrid.misses.join("\n"));
  expect(hybrid.ndcg5).toBeGreaterThan(words.ndcg5);
}, 300_000);
