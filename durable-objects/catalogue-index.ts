// The discovery index: words (FTS5) and vectors of all listed apps, in one object. It follows D1 by the numbered changes of
// migrations/0031_discovery.sql, so a search never misses an app that was published before it, and it can be dropped at any
// time. It holds no prices people see and decides nothing about money.

import { DurableObject } from "cloudflare:workers";
import { appsById } from "../domain/catalogue/store.ts";
import { facetsOf, passes } from "../domain/discovery/filters.ts";
import { SEARCH_FIELDS, type IndexAnswer, type IndexQuery, type SearchField } from "../domain/discovery/index-query.ts";
import { phrasesOf } from "../domain/discovery/phrases.ts";
import { rarityOf, score, wordScore, type Nearness } from "../domain/discovery/rank.ts";
import { changesAfter, knownVectors } from "../domain/discovery/store.ts";
import { correctionFor, type Correction } from "../domain/discovery/typos.ts";
import { VectorSet } from "../domain/discovery/vector.ts";
import type { Env } from "../workers/env.ts";
import * as store from "./catalogue-index-store.ts";

/** Changes read from D1 at once, and how many such reads one search may wait for. */
const CHANGES_MAX = 100;
const READS_MAX = 200;
/** Without a query's meaning or words in it an app is not a hit: cosine below this and no word found. */
const COSINE_MIN = 0.3;
/** An app whose vectors are not there yet counts as far from every meaning. */
const FAR: Nearness = { nearest: 0, whole: 0 };

interface Meaning {
  set: VectorSet;
  owners: number[];
  texts: string[];
}

export class CatalogueIndex extends DurableObject<Env> {
  // Caches of what is stored, dropped when it changes.
  #facts: store.AppFacts[] | null = null;
  #writtenWords: Map<string, number> | null = null;
  readonly #meanings = new Map<string, Meaning>();
  #following: Promise<void> | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => store.createTables(ctx.storage.sql));
  }

  /** Rank the listed apps for a need. Without words every app that passes the filters is a hit, oldest first. */
  async search(query: IndexQuery): Promise<IndexAnswer> {
    await this.#follow();
    const { sql } = this.ctx.storage;
    this.#facts ??= store.readFacts(sql);
    const { words, corrections } = this.#corrected(query.words);
    const lexical = this.#lexical(words);
    const semantic = query.vector && this.#semantic(query.model, query.vector);
    const scored = this.#facts.map((facts) => {
      const found = lexical.scores.get(facts.rowid) ?? 0;
      const near = semantic?.get(facts.rowid) ?? null;
      return { facts, words: found, near, score: score(found, semantic ? (near ?? FAR) : null) };
    });
    const candidates = scored.filter(
      ({ words: found, near }) => words.length === 0 || found > 0 || (near !== null && near.nearest >= COSINE_MIN),
    );
    const hits = candidates
      .filter(({ facts }) => passes(facts, query.filters))
      .toSorted((a, b) => (words.length > 0 ? b.score - a.score : 0) || a.facts.created_at - b.facts.created_at);
    return {
      total: hits.length,
      best: hits[0]
        ? {
            score: hits[0].score,
            words: hits[0].words,
            nearest: semantic ? (hits[0].near?.nearest ?? 0) : null,
            average: scored.reduce((sum, app) => sum + app.score, 0) / scored.length,
            apps: scored.length,
          }
        : null,
      hits: hits.slice(query.from, query.from + query.limit).map((hit) => ({
        id: hit.facts.id,
        score: words.length === 0 ? 0 : Math.round(hit.score * 1e4) / 1e4,
        words: hit.words,
        cosine: hit.near?.nearest ?? null,
        why: SEARCH_FIELDS.flatMap((field) => {
          const here = words.filter((word) => lexical.places.get(word)?.get(hit.facts.rowid) === field);
          return here.length > 0 ? [{ field, words: here }] : [];
        }),
        nearest: hit.near?.text ?? null,
      })),
      corrections,
      facets: facetsOf(
        candidates.map(({ facts }) => facts),
        query.filters,
      ),
      isHybrid: semantic !== null,
    };
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
    this.ctx.storage.transactionSync(() => {
      for (const { hash, vector } of vectors) store.putVector(this.ctx.storage.sql, model, hash, vector);
    });
    this.#meanings.delete(model);
  }

  /** Forget everything and build it anew from D1. @returns how many apps there are. */
  async rebuild(): Promise<number> {
    store.dropAll(this.ctx.storage.sql);
    store.createTables(this.ctx.storage.sql);
    this.#forgetCaches();
    await this.#follow();
    return store.countApps(this.ctx.storage.sql);
  }

  /** Read what changed in D1 since the last look. Searches that come meanwhile share one reading. */
  async #follow(): Promise<void> {
    // A reading that is under way may have begun before the change this caller knows of, so it is waited for and then asked again.
    if (this.#following) await this.#following;
    this.#following ??= this.#readChanges().finally(() => (this.#following = null));
    await this.#following;
  }

  async #readChanges(): Promise<void> {
    const { sql } = this.ctx.storage;
    for (let read = 0; read < READS_MAX; read++) {
      const changes = await changesAfter(this.env.DB, store.readFact(sql, "seq") ?? 0, CHANGES_MAX);
      if (changes.length === 0) return;
      const apps = await appsById(
        this.env.DB,
        changes.map(({ providerId }) => providerId),
      );
      const phrases = new Map(await Promise.all(apps.map(async (app) => [app.id, await phrasesOf(app)] as const)));
      this.ctx.storage.transactionSync(() => {
        for (const { providerId } of changes) {
          const app = apps.find(({ id }) => id === providerId);
          if (app && app.review === "approved" && app.status !== "inactive")
            store.putApp(sql, app, phrases.get(app.id)!);
          else store.removeApp(sql, providerId);
        }
        store.writeFact(sql, "seq", changes.at(-1)!.seq);
      });
      this.#forgetCaches();
      if (changes.length < CHANGES_MAX) return;
    }
  }

  #forgetCaches(): void {
    this.#facts = null;
    this.#writtenWords = null;
    this.#meanings.clear();
  }

  #corrected(asked: IndexQuery["words"]): { words: string[]; corrections: Correction[] } {
    const { sql } = this.ctx.storage;
    const corrections: Correction[] = [];
    const words = asked.map(({ text, isOrdinary }) => {
      if (store.placesOf(sql, text).holders > 0) return text;
      this.#writtenWords ??= store.writtenWords(sql);
      const to = correctionFor(text, this.#writtenWords, () => isOrdinary);
      if (to === null) return text;
      corrections.push({ from: text, to });
      return to;
    });
    return { words: [...new Set(words)], corrections };
  }

  /** By rowid: the words' share of a perfect text; and where each word stands. */
  #lexical(words: readonly string[]) {
    const { sql } = this.ctx.storage;
    const count = this.#facts!.length;
    let rarity = 0;
    const places = new Map<string, Map<number, SearchField>>();
    for (const word of words) {
      const { holders, fieldOf } = store.placesOf(sql, word);
      places.set(word, fieldOf);
      rarity += rarityOf(holders, count);
    }
    const scores = new Map<number, number>();
    for (const [rowid, value] of store.bm25(sql, words)) scores.set(rowid, wordScore(value, rarity));
    return { scores, places };
  }

  /** By rowid: how near each app is. Null while no app has a vector of this model. */
  #semantic(model: string, vector: Float32Array): Map<number, Nearness & { text: string }> | null {
    const { set, owners, texts } = this.#meaning(model, vector.length);
    if (set.length === 0) return null;
    const sums = new Map<number, { nearest: number; text: string; sum: number; phrases: number }>();
    for (const [place, cosine] of set.cosines(vector).entries()) {
      const owner = owners[place]!;
      const known = sums.get(owner);
      if (!known) sums.set(owner, { nearest: cosine, text: texts[place]!, sum: cosine, phrases: 1 });
      else {
        known.sum += cosine;
        known.phrases += 1;
        if (cosine > known.nearest) {
          known.nearest = cosine;
          known.text = texts[place]!;
        }
      }
    }
    return new Map(
      [...sums].map(([owner, { nearest, text, sum, phrases }]) => [owner, { nearest, text, whole: sum / phrases }]),
    );
  }

  #meaning(model: string, dimensions: number): Meaning {
    const known = this.#meanings.get(model);
    if (known) return known;
    const phrases = store.phrasesWithVectors(this.ctx.storage.sql, model);
    const set = new VectorSet(dimensions, Math.max(64, phrases.length));
    for (const { vector } of phrases) set.add(new Uint8Array(vector));
    const meaning = { set, owners: phrases.map(({ app }) => app), texts: phrases.map(({ text }) => text) };
    this.#meanings.set(model, meaning);
    return meaning;
  }
}
