// What the discovery index keeps in memory of its own tables, so that a search reads no row it does not show: facts for the
// filters, vectors side by side, words as they are written. One changed app changes its own part; nothing is read anew.

import { VectorSet } from "../domain/discovery/vector.ts";
import * as store from "./catalogue-index-store.ts";

/** Vectors of one model. `owners`, `positions` and `isSaid` are by place in the set. */
export interface Meaning {
  set: VectorSet;
  /** The app's row; `GONE` where the app has changed or left. */
  owners: number[];
  positions: number[];
  isSaid: boolean[];
  gone: number;
}
export const GONE = -1;

/** More of a set than this is cleared away at once: reading it anew costs less than comparing with what has gone. */
const GONE_SHARE_MAX = 0.25;
const GONE_MIN = 256;
/** An object has 128 MB for everything. */
const SETS_BYTES_MAX = 24 * 1024 * 1024;

export class CatalogueMemory {
  readonly #sql: SqlStorage;
  #facts: Map<number, store.AppFacts> | null = null;
  #written: Map<string, number> | null = null;
  readonly #meanings = new Map<string, Meaning>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get facts(): ReadonlyMap<number, store.AppFacts> {
    return (this.#facts ??= new Map(store.readFacts(this.#sql).map((facts) => [facts.rowid, facts])));
  }

  /** No row is larger; rows are kept by an app that changes, so they stay few. */
  get rowMax(): number {
    let most = 0;
    for (const rowid of this.facts.keys()) most = Math.max(most, rowid);
    return most;
  }

  /** Every word of the catalogue, with how often. Words of an app that left may stay a while. */
  get writtenWords(): ReadonlyMap<string, number> {
    if (!this.#written) {
      this.#written = new Map();
      countWords(this.#written, store.writtenTexts(this.#sql, null));
    }
    return this.#written;
  }

  meaning(model: string, dimensions: number): Meaning {
    const known = this.#meanings.get(model);
    if (known) return known;
    // One set at a time where two would not fit beside everything else: the other is read anew when it is asked for.
    if (store.countPhrases(this.#sql) * dimensions > SETS_BYTES_MAX) this.#meanings.clear();
    const meaning: Meaning = {
      set: new VectorSet(dimensions),
      owners: [],
      positions: [],
      isSaid: [],
      gone: 0,
    };
    for (const phrase of store.phrasesWithVectors(this.#sql, model)) add(meaning, phrase);
    this.#meanings.set(model, meaning);
    return meaning;
  }

  /** Which share of all phrases has a vector of `model`. */
  shareOf(model: string, dimensions: number): number {
    const { set, gone } = this.meaning(model, dimensions);
    const phrases = store.countPhrases(this.#sql);
    return phrases === 0 ? 1 : (set.length - gone) / phrases;
  }

  /** After an app was put into the tables. */
  put(rowid: number): void {
    this.#facts?.set(rowid, store.readFactsOf(this.#sql, rowid));
    if (this.#written) countWords(this.#written, store.writtenTexts(this.#sql, rowid));
    for (const [model, meaning] of this.#meanings) this.#addAll(model, meaning, rowid);
  }

  /** After an app was taken out of the tables. */
  remove(rowid: number): void {
    this.#facts?.delete(rowid);
    for (const meaning of this.#meanings.values()) takeOut(meaning, new Set([rowid]));
  }

  /** After some apps got vectors. */
  readVectors(rowids: readonly number[]): void {
    const changed = new Set(rowids);
    for (const [model, meaning] of this.#meanings) {
      takeOut(meaning, changed);
      if (meaning.gone > GONE_MIN && meaning.gone > meaning.set.length * GONE_SHARE_MAX) this.#meanings.delete(model);
      else for (const rowid of changed) this.#addAll(model, meaning, rowid);
    }
  }

  #addAll(model: string, meaning: Meaning, rowid: number): void {
    for (const phrase of store.phrasesOfApp(this.#sql, model, rowid)) add(meaning, phrase);
  }

  forget(): void {
    this.#facts = null;
    this.#written = null;
    this.#meanings.clear();
  }
}

function add(meaning: Meaning, { app, position, said, vector }: store.StoredPhrase): void {
  meaning.set.add(new Uint8Array(vector));
  meaning.owners.push(app);
  meaning.positions.push(position);
  meaning.isSaid.push(said === 1);
}

function takeOut(meaning: Meaning, rowids: ReadonlySet<number>): void {
  const { owners } = meaning;
  for (let place = 0; place < owners.length; place++)
    if (rowids.has(owners[place]!)) {
      owners[place] = GONE;
      meaning.gone += 1;
    }
}

function countWords(counts: Map<string, number>, texts: Iterable<{ text: string }>): void {
  for (const { text } of texts)
    for (const word of text.toLowerCase().match(/\p{L}{4,}/gu) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
}
