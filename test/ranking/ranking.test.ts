// How good the ranking is, on sets of invented apps and needs, each loaded through the public API into a market of its own:
// `npm run rank`. Not part of `npm test`: it spends minutes of CPU on encoding. docs/ranking.md records what it printed.

import { env } from "cloudflare:test";
import { expect, it } from "vitest";
import { EMBEDDED_MODEL } from "../../domain/discovery/encoder/encoder.ts";
import { catalogueIndex } from "../../workers/catalogue-index.ts";
import { indexCatalogue } from "../../workers/consumers/index-catalogue.ts";
import { newApp, send } from "../support/apps.ts";
import { newPerson } from "../support/people.ts";
import blindSet from "./blind-set.json" with { type: "json" };
import developmentSet from "./development-set.json" with { type: "json" };
import heldOutSet from "./held-out-set.json" with { type: "json" };
import furtherNeeds from "./further-needs.json" with { type: "json" };
import { judge, say, type Answered, type Need, type RankingSet } from "./judge.ts";

const SETS = { development: developmentSet, blind: blindSet, "held-out": heldOutSet } as unknown as Record<
  string,
  RankingSet
>;

/** Only the apps of this set are listed then. */
async function load(set: RankingSet): Promise<void> {
  await env.DB.prepare("UPDATE providers SET status = 'inactive'").run();
  const owner = await newPerson();
  // Where a price is named it is the only one.
  for (const { key: _, ...app } of set.apps)
    await newApp({ ...app, ...("pricing" in app && { tokenRatePerHour: undefined }) }, owner);
  switches.EMBEDDINGS = "on";
  while (!(await indexCatalogue(env)));
  expect(await catalogueIndex(env).state(EMBEDDED_MODEL)).toMatchObject({ apps: set.apps.length, withoutVector: 0 });
}
const FURTHER = furtherNeeds as unknown as Record<string, Need[] | undefined>;
const switches = env as { EMBEDDINGS?: "on" | "off" };

interface Found {
  confidence: "good" | "weak" | "none";
  providers: { name: string }[];
}
async function bySearch(query: string): Promise<Answered> {
  const answer = await send("POST", "/v1/providers/search", { body: { query, limit: 10 } });
  const { providers, confidence } = await answer.json<Found>();
  return { names: providers.map(({ name }) => name), isNone: confidence === "none" };
}

/** The first cards of a new conversation. */
async function byChat(message: string): Promise<Answered> {
  const answer = await send("POST", "/v1/chat/discovery", { body: { message } });
  const told = /^event: cards\ndata: (.*)$/m.exec(await answer.text())?.[1];
  const { cards, confidence } = JSON.parse(told ?? '{"cards":[],"confidence":"none"}') as {
    cards: { name: string }[];
    confidence: Found["confidence"];
  };
  return { names: cards.map(({ name }) => name), isNone: confidence === "none" };
}

it.each(Object.entries(SETS))(
  "orders the %s set better by meaning and words than by words alone",
  async (which, set) => {
    await load(set);
    const hybrid = await judge(set, bySearch);
    const further = await judge({ ...set, needs: FURTHER[which] ?? [] }, bySearch);
    const chat = await judge(set, byChat);
    switches.EMBEDDINGS = "off";
    const words = await judge(set, bySearch);
    for (const [name, figures] of Object.entries({ words, hybrid, chat, further }))
      if (figures.met > 0) console.log(`${which}, ${name}: ${say(figures)}`);
    // What it misses there would be tuned on.
    if (which !== "held-out") console.log(hybrid.misses.join("\n"));
    expect(hybrid.ndcg5).toBeGreaterThan(words.ndcg5);
    expect(hybrid.ndcg5).toBeGreaterThanOrEqual(0.8);
  },
  900_000,
);
