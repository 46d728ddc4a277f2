// The discovery index alone, filled with a made-up catalogue, and the encoder beside it, in a Worker that does nothing else.
// The same code as CatalogueIndex runs, without its look at D1. Never deployed; bundled by scripts/bench-search.ts.

import { DurableObject } from "cloudflare:workers";
import type { App } from "../../domain/catalogue/app.ts";
import { loadEncoder, type Encoder } from "../../domain/discovery/encoder/encoder.ts";
import { phrasesOf, sentenceOf } from "../../domain/discovery/phrases.ts";
import { queryWords } from "../../domain/discovery/search.ts";
import { packVector } from "../../domain/discovery/vector.ts";
import * as store from "../../durable-objects/catalogue-index-store.ts";
import { CatalogueMemory } from "../../durable-objects/catalogue-memory.ts";
import { searchIndex } from "../../durable-objects/catalogue-search.ts";
import { madeUpVector } from "./search-catalogue.ts";

const MODEL = "bench";

interface Env {
  INDEX: DurableObjectNamespace<BenchIndex>;
}

export class BenchIndex extends DurableObject<Env> {
  readonly #memory = new CatalogueMemory(this.ctx.storage.sql);

  async fill(apps: App[]): Promise<number> {
    const { sql } = this.ctx.storage;
    store.createTables(sql);
    const phrases = await Promise.all(apps.map(phrasesOf));
    const rows = this.ctx.storage.transactionSync(() =>
      apps.map((app, index) => {
        for (const { hash } of phrases[index]!)
          store.putVector(sql, MODEL, hash, packVector(madeUpVector(hash)).buffer);
        return store.putApp(sql, app, phrases[index]!);
      }),
    );
    for (const row of rows) this.#memory.put(row);
    return store.countPhrases(sql);
  }

  search(query: string): { total: number; hits: number } {
    const { total, hits } = searchIndex(this.ctx.storage.sql, this.#memory, {
      words: queryWords(query).map((text) => ({ text, isOrdinary: false })),
      vector: madeUpVector(query),
      model: MODEL,
      filters: { maxTokensPerHour: 400, availableOnly: true },
      from: 0,
      limit: 20,
    });
    return { total, hits: hits.length };
  }
}

let encoder: Encoder | null = null;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const query = url.searchParams.get("q") ?? "";
    const index = env.INDEX.getByName("catalogue");
    switch (url.pathname) {
      case "/encoder":
        encoder = loadEncoder(await request.arrayBuffer());
        return Response.json({ first: encoder.encode("warm")[0] });
      case "/encode":
        return Response.json({ first: encoder!.encode(sentenceOf(query))[0] });
      case "/fill":
        return Response.json({ phrases: await index.fill(await request.json<App[]>()) });
      case "/search":
        return Response.json(await index.search(query));
      default:
        return new Response("ok");
    }
  },
};
