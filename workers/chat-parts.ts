// Of which parts the discovery chat is made here: our own search, and rules. Where language models are configured, one wraps
// these parts; the chat does not know the difference.

import type { CatalogueSearch } from "../domain/discovery/index-query.ts";
import { embeddedParts, type ChatParts } from "../domain/discovery/chat/parts.ts";
import { withModel } from "../domain/discovery/chat/model-parts.ts";
import { searchApps } from "../domain/discovery/search.ts";
import { catalogueIndex } from "./catalogue-index.ts";
import { loadEmbedder } from "./embedder.ts";
import type { Env } from "./env.ts";
import { languageModelFor } from "./language-model.ts";

/** @param asker Whose part of the models' budget a turn is: `user:<id>` or `visitor:<...>`. */
export async function chatParts(env: Env, asker: string, now: number): Promise<ChatParts> {
  const [parts, model] = await Promise.all([ownParts(env, now), languageModelFor(env, asker, now)]);
  return model ? withModel(parts, model, env.LLM_BASE_URL ? "openai-compatible" : "workers-ai", newNonce) : parts;
}

const newNonce = (): string => crypto.randomUUID().slice(0, 13);

async function ownParts(env: Env, now: number): Promise<ChatParts> {
  const embedder = await loadEmbedder(env, now);
  // The stub of the object is the index as the domain knows it.
  const index = catalogueIndex(env) as unknown as CatalogueSearch;
  return embeddedParts((request) => searchApps(env.DB, index, embedder, request));
}
