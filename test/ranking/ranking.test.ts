// How good the ranking is, on two sets of invented apps and needs, each loaded through the public API into a market of its own:
// `npm run rank`. Not part of `npm test`: it spends a minute of CPU on encoding. docs/ranking.md records what it printed.

import { env } from "cloudflare:test";
import { expect, it } from "vitest";
import { EMBEDDED_MODEL } from "../../domain/discovery/encoder/encoder.ts";
import { catalogueIndex } from "../../workers/catalogue-index.ts";
import { indexCatalogue } from "../../workers/consumers/index-catalogue.ts";
import { newApp, send } from "../support/apps.ts";
import { newPerson } from "../support/people.ts";
import blindSet from "./blind-set.json" with { type: "json" };
import developmentSet from "./development-set.json" with { type: "json" };

interface Answer {
  providers: { name: string; score: number }[];
  confidence: "good" | "weak" | "none";
}
interface RankingSet {
  apps: { key: string; name: string }[];
  needs: { query: string; fits: Record<string, number> }[];
}
const SETS = { development: developmentSet, blind: blindSet } as unknown as Record<string, RankingSet>;

/** Only the apps of this set are listed then. */
async function load(set: RankingSet): Promise<void> {
  await env.DB.prepare("UPDATE providers SET status = 'inactive'").run();
  const owner = await newPerson();
  for (const { key: _, ...app } of set.apps) await newApp(app, owner);
  switches.EMBEDDINGS = "on";
  while (!(await indexCatalogue(env)));
  expect(await catalogueIndex(env).state(EMBEDDED_MODEL)).toMatchObject({ apps: set.apps.length, withoutVector: 0 });
}
const switches = env as { EMBEDDINGS?: "on" | "off" };

const search = async (query: string): Promise<Answer> =>
  (await send("POST", "/v1/providers/search", { body: { query, limit: 10 } })).json<Answer>();

const discounted = (gains: number[]): number =>
  gains.reduce((sum, gain, place) => sum + (2 ** gain - 1) / Math.log2(place + 2), 0);

/** Mean nDCG@5 and recall@3 of the needs that have an answer, and how many of the others are told so. */
async function judge({
  apps,
  needs,
}: RankingSet): Promise<{ ndcg5: number; recall3: number; none: string; falseNone: number; misses: string[] }> {
  const keyOf = new Map(apps.map(({ key, name }) => [name, key]));
  const answered = needs.filter(({ fits }) => Object.keys(fits).length > 0);
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
  const unanswered = needs.filter(({ fits }) => Object.keys(fits).length === 0);
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

it.each(Object.entries(SETS))(
  "orders the %s set better by meaning and words than by words alone",
  async (which, set) => {
    await load(set);
    const hybrid = await judge(set);
    switches.EMBEDDINGS = "off";
    const words = await judge(set);
    for (const [name, it] of Object.entries({ words, hybrid }))
      console.log(
        `${which}, ${name}: nDCG@5 ${it.ndcg5.toFixed(3)}, recall@3 ${it.recall3.toFixed(3)}, nothing fits ${it.none}, wrongly said so ${it.falseNone}`,
      );
    console.log(hybrid.misses.join("\n"));
    expect(hybrid.ndcg5).toBeGreaterThan(words.ndcg5);
    expect(hybrid.ndcg5).toBeGreaterThanOrEqual(0.8);
    expect(hybrid.recall3).toBeGreaterThanOrEqual(0.85);
  },
  600_000,
);
