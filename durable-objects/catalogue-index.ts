// The discovery index: words (FTS5) and vectors of all listed apps, in one object. It follows D1 by the numbered changes of
// migrations/0031_discovery.sql, so a search never misses an app that was published before it, and it can be dropped at any
// time. It holds no prices people see and decides nothing about money.

import { DurableObject } from "cloudflare:workers";
import { appsById } from "../domain/catalogue/store.ts";
import type { Alternative, IndexAnswer, IndexQuery } from "../domain/discovery/index-query.ts";
import { phrasesOf } from "../domain/discovery/phrases.ts";
import { changesAfter, knownVectors } from "../domain/discovery/store.ts";
import type { Env } from "../workers/env.ts";
import * as store from "./catalogue-index-store.ts";
import { alternativesTo } from "./catalogue-alternatives.ts";
import { CatalogueMemory } from "./catalogue-memory.ts";
import { searchIndex } from "./catalogue-search.ts";

/** Changes read from D1 at once. */
const CHANGES_MAX = 100;
/** How many such reads one search may wait for: after a drop of a large catalogue it answers with what is there already. */
const READS_OF_SEARCH_MAX = 10;
const READS_MAX = 1_000;

export interface IndexState {
  apps: number;
  phrases: number;
  /** Phrases that still have no vector of the model asked for. */
  withoutVector: number;
}

export class CatalogueIndex extends DurableObject<Env> {
  readonly #memory: CatalogueMemory;
  #following: Promise<void> | null = null;
  /** How often it was built anew: what was read before the last time is not taken in any more. */
  #rebuilds = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#memory = new CatalogueMemory(ctx.storage.sql);
    void ctx.blockConcurrencyWhile(async () => store.createTables(ctx.storage.sql));
  }

  /** Rank the listed apps for a need. */
  async search(query: IndexQuery): Promise<IndexAnswer> {
    await this.#follow(READS_OF_SEARCH_MAX);
    return searchIndex(this.ctx.storage.sql, this.#memory, query);
  }

  /** Apps of the same category that say they do what this one says, nearest first. */
  async alternatives(providerId: string, model: string, limit: number): Promise<Alternative[]> {
    await this.#follow(READS_OF_SEARCH_MAX);
    return alternativesTo(this.ctx.storage.sql, this.#memory, { providerId, model, limit });
  }

  /**
   * Texts that still need a vector, after following D1 and taking what it knows.
   * @returns at most `limit`; [] when all are there.
   */
  async withoutVector(model: string, limit: number): Promise<{ hash: string; text: string }[]> {
    await this.#follow();
    const { sql } = this.ctx.storage;
    for (;;) {
      const missing = store.textsWithoutVector(sql, model, CHANGES_MAX);
      if (missing.length === 0) return [];
      const known = await knownVectors(
        this.env.DB,
        model,
        missing.map(({ hash }) => hash),
      );
      if (known.length === 0) return missing.slice(0, limit);
      this.addVectors(model, known);
    }
  }

  /** Take vectors in. Repeating it changes nothing. */
  addVectors(model: string, vectors: { hash: string; vector: ArrayBuffer }[]): void {
    const { sql } = this.ctx.storage;
    this.ctx.storage.transactionSync(() => {
      for (const { hash, vector } of vectors) store.putVector(sql, model, hash, vector);
    });
    const hashes = vectors.map(({ hash }) => hash);
    this.#memory.readVectors(store.appsWithPhrases(sql, hashes));
  }

  /** Forget everything and build it anew from D1. Searches that come meanwhile see what is there already. */
  async rebuild(model: string): Promise<IndexState> {
    this.#rebuilds++;
    store.dropAll(this.ctx.storage.sql);
    store.createTables(this.ctx.storage.sql);
    this.#memory.forget();
    await this.withoutVector(model, 1);
    return this.state(model);
  }

  state(model: string): IndexState {
    const { sql } = this.ctx.storage;
    return {
      apps: store.countApps(sql),
      phrases: store.countPhrases(sql),
      withoutVector: store.countWithoutVector(sql, model),
    };
  }

  /** Read what changed in D1 since the last look. Searches that come meanwhile share one reading. */
  async #follow(readsMax = READS_MAX): Promise<void> {
    // A reading that is under way may have begun before the change this caller knows of, so it is waited for and then asked again.
    if (this.#following) await this.#following;
    this.#following ??= this.#readChanges(readsMax).finally(() => (this.#following = null));
    await this.#following;
  }

  async #readChanges(readsMax: number): Promise<void> {
    const { sql } = this.ctx.storage;
    for (let read = 0; read < readsMax; read++) {
      const rebuilds = this.#rebuilds;
      const seq = store.readFact(sql, "seq") ?? 0;
      const changes = await changesAfter(this.env.DB, seq, CHANGES_MAX);
      if (changes.length === 0) return;
      const apps = await appsById(
        this.env.DB,
        changes.map(({ providerId }) => providerId),
      );
      const phrases = new Map(await Promise.all(apps.map(async (app) => [app.id, await phrasesOf(app)] as const)));
      // A rebuild that came between has begun from the first change again.
      if (this.#rebuilds !== rebuilds) continue;
      const [removed, put] = this.ctx.storage.transactionSync(() => {
        const out = new Map(changes.map(({ providerId }) => [providerId, store.removeApp(sql, providerId)]));
        const listed = apps.filter(({ review, status }) => review === "approved" && status !== "inactive");
        const into = listed.map((app) => store.putApp(sql, app, phrases.get(app.id)!, out.get(app.id)));
        store.writeFact(sql, "seq", changes.at(-1)!.seq);
        return [out, into];
      });
      for (const rowid of removed.values()) if (rowid !== null) this.#memory.remove(rowid);
      for (const rowid of put) this.#memory.put(rowid);
      if (changes.length < CHANGES_MAX) return;
    }
  }
}
