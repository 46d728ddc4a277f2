// D1 as the simulator has it: the real migrations on node:sqlite, which binds JavaScript numbers as D1 does (REAL), and a
// batch that takes effect whole or not at all. A history runs inside one transaction that is rolled back at its end, so
// that the next one finds the database as the migrations left it and the statements still prepared.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { patched, type Patch } from "./hooks.ts";
import type { Dice } from "./dice.ts";
import type { Faults } from "./faults.ts";

const MIGRATIONS = join(import.meta.dirname, "../../migrations");

type Row = Record<string, unknown>;

export class Database {
  readonly #sqlite = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  #dice: Dice | null = null;

  constructor(patches: readonly Patch[]) {
    this.#sqlite.exec("PRAGMA temp_store = MEMORY");
    for (const name of readdirSync(MIGRATIONS)
      .filter((file) => file.endsWith(".sql"))
      .toSorted()) {
      const file = `migrations/${name}`;
      this.#sqlite.exec(patched(file, readFileSync(join(MIGRATIONS, name), "utf8"), patches));
    }
    this.#sqlite.function("randomblob", (bytes) =>
      Uint8Array.from({ length: Number(bytes) }, () => this.#dice?.below(256) ?? 0),
    );
  }

  begin(dice: Dice): void {
    this.#dice = dice;
    this.#sqlite.exec("BEGIN");
  }

  forget(): void {
    this.#sqlite.exec("ROLLBACK");
  }

  /** For checks and set-up: no fault ever strikes here. */
  read<T = Row>(sql: string, ...values: (string | number | null)[]): T[] {
    return this.#prepared(sql).all(...values) as T[];
  }

  run(statements: readonly { sql: string; values: readonly unknown[] }[]): D1Result[] {
    this.#sqlite.exec("SAVEPOINT batch");
    try {
      const results = statements.map(({ sql, values }) => this.#one(sql, values));
      this.#sqlite.exec("RELEASE batch");
      return results;
    } catch (error) {
      this.#sqlite.exec("ROLLBACK TO batch; RELEASE batch");
      throw new Error(`D1_ERROR: ${(error as Error).message}: SQLITE_CONSTRAINT`, { cause: error });
    }
  }

  #one(sql: string, values: readonly unknown[]): D1Result {
    const results = this.#prepared(sql)
      .all(...(values.map(bindable) as string[]))
      .map((row) => ({ ...row }));
    const { changes } = this.#prepared("SELECT changes() AS changes").get() as { changes: number };
    return { success: true, results, meta: { changes, duration: 0, last_row_id: 0 } } as unknown as D1Result;
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#sqlite.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function bindable(value: unknown): unknown {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === undefined) throw new Error("D1_TYPE_ERROR: Type 'undefined' not supported for value 'undefined'");
  return value;
}

/** The binding a process has in one of its lives. */
export function d1(database: Database, faults: Faults, life: number): D1Database {
  interface Statement {
    sql: string;
    values: readonly unknown[];
  }
  const call = (statements: readonly Statement[]) => faults.around(life, () => database.run(statements));
  const prepare = (sql: string, values: readonly unknown[] = []) => ({
    sql,
    values,
    bind: (...bound: unknown[]) => prepare(sql, bound),
    all: async () => (await call([{ sql, values }]))[0]!,
    run: async () => (await call([{ sql, values }]))[0]!,
    first: async (column?: string) => {
      const row = (await call([{ sql, values }]))[0]!.results[0] as Row | undefined;
      return row === undefined ? null : column ? row[column] : row;
    },
    raw: async () => (await call([{ sql, values }]))[0]!.results.map((row) => Object.values(row as Row)),
  });
  return { prepare, batch: (statements: Statement[]) => call(statements) } as unknown as D1Database;
}
