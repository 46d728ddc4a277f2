// The live memory of the discovery index: the very same code in Node on node:sqlite, after garbage was collected. What workerd
// shows from outside holds its own pages and garbage nobody asked back yet. Run by scripts/bench-search.ts with --expose-gc.

import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { phrasesOf } from "../../domain/discovery/phrases.ts";
import { queryWords } from "../../domain/discovery/search.ts";
import { packVector } from "../../domain/discovery/vector.ts";
import * as store from "../../durable-objects/catalogue-index-store.ts";
import { CatalogueMemory } from "../../durable-objects/catalogue-memory.ts";
import { searchIndex } from "../../durable-objects/catalogue-search.ts";
import { madeUpApp, madeUpVector } from "./search-catalogue.ts";

const MODEL = "bench";
const SEARCHES = 200;
const size = Number(process.argv[2]);
const collect = (globalThis as { gc?: () => void }).gc!;

const database = new DatabaseSync("");
const sql = asStorage(database);
store.createTables(sql);
database.exec("BEGIN");
for (let number = 0; number < size; number++) {
  const app = madeUpApp(number);
  const phrases = await phrasesOf(app);
  for (const { hash } of phrases) store.putVector(sql, MODEL, hash, packVector(madeUpVector(hash)).buffer);
  store.putApp(sql, app, phrases);
}
database.exec("COMMIT");

const before = live();
const memory = new CatalogueMemory(sql);
let most = 0;
for (let count = 0; count < SEARCHES; count++) {
  const query = `${madeUpApp(count * 7).useCases[0]} pleese`;
  searchIndex(sql, memory, {
    words: queryWords(query).map((text) => ({ text, isOrdinary: false })),
    vector: madeUpVector(query),
    model: MODEL,
    filters: {},
    from: 0,
    limit: 20,
  });
  most = Math.max(most, process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers);
}
const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
console.log(
  `live memory of ${size} apps: ${megabytes(live() - before)} MB, with garbage at most ${megabytes(most - before)} MB`,
);

function live(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** As much of a Durable Object's storage as the index uses. */
function asStorage(file: DatabaseSync): SqlStorage {
  const exec = (text: string, ...values: SQLInputValue[]) => {
    const given = values.map((value) =>
      (value as unknown) instanceof ArrayBuffer ? new Uint8Array(value as never) : value,
    );
    const statement = file.prepare(text);
    const isRead = /^\s*(SELECT|INSERT.*RETURNING|DELETE.*RETURNING)/is.test(text);
    if (!isRead) statement.run(...given);
    return {
      toArray: () => (isRead ? statement.all(...given) : []),
      one: () => statement.get(...given),
      [Symbol.iterator]: () => statement.iterate(...given),
    };
  };
  return { exec } as unknown as SqlStorage;
}
