// As much of D1 as the check of the books reads: a stopped or running local stack's file, or production through wrangler.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { runOrThrow } from "../run.ts";
import { persistPath, type Settings } from "../start/settings.ts";

type Rows = Record<string, unknown>[];
interface Read {
  sql: string;
  values: SQLInputValue[];
}
/** Runs reads in one go and answers the rows of each. */
type Reader = (reads: Read[]) => Promise<Rows[]>;

/** @throws Error with one readable line when there is no local database. */
export function localDatabase(settings: Settings): D1Database {
  const folder = join(persistPath(settings), "d1", "miniflare-D1DatabaseObject");
  const name = existsSync(folder)
    ? readdirSync(folder).find((file) => file.endsWith(".sqlite") && file !== "metadata.sqlite")
    : undefined;
  if (!name) throw new Error(`There is no local database in ${settings.stateDir}. Run npm start first.`);
  const file = new DatabaseSync(join(folder, name), { readOnly: true });
  return asD1(async (reads) => {
    // One moment for all of them, also while the stack runs.
    file.exec("BEGIN");
    try {
      return reads.map(({ sql, values }) => file.prepare(sql).all(...values) as Rows);
    } finally {
      file.exec("COMMIT");
    }
  });
}

export const productionDatabase = (): D1Database =>
  asD1(async (reads) => {
    const command = reads.map(inlined).join(";\n");
    const where = ["DB", "--remote", "--env", "production"];
    const output = await runOrThrow("wrangler", ["d1", "execute", ...where, "--json", "--yes", "--command", command]);
    return (JSON.parse(output) as { results: Rows }[]).map(({ results }) => results);
  });

/** The check binds moments only, so a number can stand for its mark. */
const inlined = ({ sql, values }: Read): string =>
  values.reduce<string>((text, value) => text.replace("?", String(Number(value))), sql);

function asD1(read: Reader): D1Database {
  const statement = (sql: string, values: SQLInputValue[] = []) => ({
    sql,
    values,
    bind: (...bound: SQLInputValue[]) => statement(sql, bound),
    first: async () => (await read([{ sql, values }]))[0]![0] ?? null,
    all: async () => ({ results: (await read([{ sql, values }]))[0]! }),
  });
  const database = {
    prepare: statement,
    batch: async (reads: Read[]) => (await read(reads)).map((results) => ({ results })),
  };
  return database as unknown as D1Database;
}
