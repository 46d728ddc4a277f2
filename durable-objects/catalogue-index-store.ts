// What the discovery index keeps in its own SQLite: a projection of the catalogue for searching (FTS5), the phrases of each
// app, and their vectors. All of it can be dropped: D1 has everything.

import type { App } from "../domain/catalogue/app.ts";
import { groupOf } from "../domain/catalogue/taxonomy.ts";
import type { FilteredApp } from "../domain/discovery/filters.ts";
import { SEARCH_FIELDS, type SearchField } from "../domain/discovery/index-query.ts";
import type { Phrase } from "../domain/discovery/phrases.ts";
import { pricingModels, tokensPerAction } from "../domain/pricing/components.ts";
import { holdFor } from "../domain/pricing/hold.ts";

/** Changes with the tables: an index of another shape is dropped and built anew. */
const SHAPE = 2;

/** Set up once, under `blockConcurrencyWhile` in the constructor. */
export function createTables(sql: SqlStorage): void {
  sql.exec("CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL)");
  if (readFact(sql, "shape") === SHAPE) return;
  dropAll(sql);
  // What filters and facets look at. Lists are JSON.
  sql.exec(`CREATE TABLE apps (
    rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, category TEXT NOT NULL, grouped TEXT NOT NULL, status TEXT NOT NULL,
    tags TEXT NOT NULL, models TEXT NOT NULL, regions TEXT NOT NULL, data_received TEXT NOT NULL,
    hourly_tokens INTEGER NOT NULL, action_tokens INTEGER, rating REAL, created_at INTEGER NOT NULL)`);
  sql.exec(`CREATE VIRTUAL TABLE words USING fts5 (name, use_cases, tags, category, description,
    tokenize = 'porter unicode61 remove_diacritics 2', prefix = '4')`);
  sql.exec(
    "CREATE TABLE phrases (app INTEGER NOT NULL, position INTEGER NOT NULL, text TEXT NOT NULL, hash TEXT NOT NULL, is_said INTEGER NOT NULL, PRIMARY KEY (app, position)) WITHOUT ROWID",
  );
  sql.exec("CREATE INDEX phrases_by_hash ON phrases (hash)");
  sql.exec(
    "CREATE TABLE vectors (model TEXT NOT NULL, hash TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (model, hash)) WITHOUT ROWID",
  );
  writeFact(sql, "shape", SHAPE);
}

export function dropAll(sql: SqlStorage): void {
  for (const table of ["apps", "words", "phrases", "vectors"]) sql.exec(`DROP TABLE IF EXISTS ${table}`);
  sql.exec("DELETE FROM facts");
}

export const readFact = (sql: SqlStorage, name: string): number | null =>
  sql.exec<{ value: number }>("SELECT value FROM facts WHERE name = ?", name).toArray()[0]?.value ?? null;
export const writeFact = (sql: SqlStorage, name: string, value: number): void =>
  void sql.exec("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", name, value);

/**
 * Put an app into the index, or its new state in place of the old: take the old one out first.
 * @param keptRow The row it had; null for a new app.
 * @returns its row.
 */
export function putApp(sql: SqlStorage, app: App, phrases: readonly Phrase[], keptRow: number | null = null): number {
  const { rowid } = sql
    .exec<{ rowid: number }>(
      `INSERT INTO apps (rowid, id, category, grouped, status, tags, models, regions, data_received, hourly_tokens, action_tokens,
         rating, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING rowid`,
      keptRow,
      app.id,
      app.category,
      groupOf(app.category),
      // To a search an app that does not answer is one in maintenance.
      app.unreachableSince === null ? app.status : "maintenance",
      JSON.stringify(app.tags.map((tag) => tag.toLowerCase())),
      JSON.stringify(pricingModels(app.components)),
      JSON.stringify(app.regions.map((region) => region.toLowerCase())),
      JSON.stringify(app.dataReceived.map((item) => item.toLowerCase())),
      app.tokenRatePerHour ?? holdFor(app.components, 3600).heldTokens,
      tokensPerAction(app.components),
      app.rating,
      app.createdAt,
    )
    .one();
  sql.exec(
    "INSERT INTO words (rowid, name, use_cases, tags, category, description) VALUES (?, ?, ?, ?, ?, ?)",
    rowid,
    app.name,
    app.useCases.join("\n"),
    app.tags.join(", "),
    app.category,
    app.description,
  );
  for (const [position, { text, hash, isSaid }] of phrases.entries())
    sql.exec(
      "INSERT INTO phrases (app, position, text, hash, is_said) VALUES (?, ?, ?, ?, ?)",
      rowid,
      position,
      text,
      hash,
      isSaid ? 1 : 0,
    );
  return rowid;
}

/** @returns the row it had, null where it was not there. */
export function removeApp(sql: SqlStorage, id: string): number | null {
  const row = sql.exec<{ rowid: number }>("DELETE FROM apps WHERE id = ? RETURNING rowid", id).toArray()[0];
  if (!row) return null;
  sql.exec("DELETE FROM words WHERE rowid = ?", row.rowid);
  sql.exec("DELETE FROM phrases WHERE app = ?", row.rowid);
  return row.rowid;
}

export const countApps = (sql: SqlStorage): number => sql.exec<{ n: number }>("SELECT count(*) AS n FROM apps").one().n;

export interface AppFacts extends FilteredApp {
  rowid: number;
  id: string;
  createdAt: number;
}
interface FactsRow {
  [column: string]: SqlStorageValue;
  rowid: number;
  id: string;
  category: string;
  grouped: string;
  status: string;
  tags: string;
  models: string;
  regions: string;
  data_received: string;
  hourly_tokens: number;
  action_tokens: number | null;
  rating: number | null;
  created_at: number;
}
const FACTS = "SELECT * FROM apps";
export const readFacts = (sql: SqlStorage): AppFacts[] =>
  sql.exec<FactsRow>(`${FACTS} ORDER BY rowid`).toArray().map(factsOf);
export const readFactsOf = (sql: SqlStorage, rowid: number): AppFacts =>
  factsOf(sql.exec<FactsRow>(`${FACTS} WHERE rowid = ?`, rowid).one());

const list = (json: string): string[] => JSON.parse(json) as string[];
const factsOf = (row: FactsRow): AppFacts => ({
  rowid: row.rowid,
  id: row.id,
  category: row.category,
  group: row.grouped,
  status: row.status,
  tags: list(row.tags),
  models: list(row.models),
  regions: list(row.regions),
  dataReceived: list(row.data_received),
  hourlyTokens: row.hourly_tokens,
  actionTokens: row.action_tokens,
  rating: row.rating,
  createdAt: row.created_at,
});

// Words --------------------------------------------------------------------------------------------------------------

/** What a word is worth there, in the order of SEARCH_FIELDS. */
const FIELD_WEIGHTS = "10.0, 6.0, 5.0, 3.0, 2.0";
const COLUMNS = ["name", "use_cases", "tags", "category", "description"] as const;
const PREFIX_LENGTH_MIN = 4;

/** A word as an FTS5 string: nothing in it is syntax (sqlite.org/fts5.html#fts5_strings). */
const quoted = (word: string): string => `"${word.replaceAll('"', '""')}"`;
/** The word itself, or what begins with it. */
const matching = (word: string): string =>
  word.length >= PREFIX_LENGTH_MIN ? `(${quoted(word)} OR ${quoted(word)}*)` : quoted(word);

/** In how many apps a word stands. */
export const holdersOf = (sql: SqlStorage, word: string): number =>
  sql.exec<{ n: number }>("SELECT count(*) AS n FROM words WHERE words MATCH ?", matching(word)).one().n;

/** In which of some apps a word stands, and there in the best field. */
export function placesOf(sql: SqlStorage, word: string, rowids: readonly number[]): Map<number, SearchField> {
  const fieldOf = new Map<number, SearchField>();
  if (rowids.length === 0) return fieldOf;
  for (const [index, column] of COLUMNS.entries())
    for (const { rowid } of sql.exec<{ rowid: number }>(
      "SELECT rowid FROM words WHERE words MATCH ? AND rowid IN (SELECT value FROM json_each(?))",
      `${column} : ${matching(word)}`,
      JSON.stringify(rowids),
    ))
      if (!fieldOf.has(rowid)) fieldOf.set(rowid, SEARCH_FIELDS[index]!);
  return fieldOf;
}

/** BM25 of every app that has any of the words, larger is better. */
export function bm25(sql: SqlStorage, words: readonly string[]): Map<number, number> {
  if (words.length === 0) return new Map();
  const rows = sql.exec<{ rowid: number; bm25: number }>(
    `SELECT rowid, bm25(words, ${FIELD_WEIGHTS}) AS bm25 FROM words WHERE words MATCH ?`,
    words.map(matching).join(" OR "),
  );
  return new Map(rows.toArray().map((row) => [row.rowid, -row.bm25]));
}

/** The words of every app, or of one, as they are written; for help with typing mistakes. */
export const writtenTexts = (sql: SqlStorage, rowid: number | null): Iterable<{ text: string }> =>
  sql.exec<{ text: string }>(
    `SELECT name || ' ' || use_cases || ' ' || tags || ' ' || category AS text FROM words
     WHERE ?1 IS NULL OR rowid = ?1`,
    rowid,
  );

// Phrases and vectors ------------------------------------------------------------------------------------------------

export interface StoredPhrase {
  [column: string]: SqlStorageValue;
  app: number;
  position: number;
  said: number;
  vector: ArrayBuffer;
}
const PHRASES = `SELECT p.app, p.position, p.is_said AS said, v.vector FROM phrases p
  JOIN vectors v ON v.hash = p.hash AND v.model = ?`;
/** The phrases whose vector is there, one at a time: all at once would be their memory twice. */
export const phrasesWithVectors = (sql: SqlStorage, model: string): Iterable<StoredPhrase> =>
  sql.exec<StoredPhrase>(`${PHRASES} ORDER BY p.app, p.position`, model);
export const phrasesOfApp = (sql: SqlStorage, model: string, app: number): StoredPhrase[] =>
  sql.exec<StoredPhrase>(`${PHRASES} WHERE p.app = ? ORDER BY p.position`, model, app).toArray();
export const countPhrases = (sql: SqlStorage): number =>
  sql.exec<{ n: number }>("SELECT count(*) AS n FROM phrases").one().n;
export const textOfPhrase = (sql: SqlStorage, app: number, position: number): string =>
  sql.exec<{ text: string }>("SELECT text FROM phrases WHERE app = ? AND position = ?", app, position).one().text;
export const appsWithPhrases = (sql: SqlStorage, hashes: readonly string[]): number[] =>
  sql
    .exec<{ app: number }>(
      "SELECT DISTINCT app FROM phrases WHERE hash IN (SELECT value FROM json_each(?))",
      JSON.stringify(hashes),
    )
    .toArray()
    .map(({ app }) => app);

export const textsWithoutVector = (sql: SqlStorage, model: string, limit: number): { hash: string; text: string }[] =>
  sql
    .exec<{ hash: string; text: string }>(
      `SELECT DISTINCT p.hash, p.text FROM phrases p
       WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.hash = p.hash AND v.model = ?) LIMIT ?`,
      model,
      limit,
    )
    .toArray();

export const countWithoutVector = (sql: SqlStorage, model: string): number =>
  sql
    .exec<{ n: number }>(
      `SELECT count(DISTINCT p.hash) AS n FROM phrases p
       WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.hash = p.hash AND v.model = ?)`,
      model,
    )
    .one().n;

export const putVector = (sql: SqlStorage, model: string, hash: string, vector: ArrayBuffer): void =>
  void sql.exec("INSERT OR REPLACE INTO vectors (model, hash, vector) VALUES (?, ?, ?)", model, hash, vector);
