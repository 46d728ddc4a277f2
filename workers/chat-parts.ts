// Of which parts the discovery chat is made here: our own search, and rules. Where language models are configured, they wrap
// these parts; the chat does not know the difference.

import type { CatalogueSearch } from "../domain/discovery/index-query.ts";
import { embeddedParts, type ChatParts } from "../domain/discovery/chat/parts.ts";
import { searchApps } from "../domain/discovery/search.ts";
import { catalogueIndex } from "./catalogue-index.ts";
import { loadEmbedder } from "./embedder.ts";
import type { Env } from "./env.ts";

export async function chatParts(env: Env, now: number): Promise<ChatParts> {
  const embedder = await loadEmbedder(env, now);
  // The stub of the object is the index as the domain knows it.
  const index = catalogueIndex(env) as unknown as CatalogueSearch;
  return embeddedParts((request) => searchApps(env.DB, index, embedder, request));
}
