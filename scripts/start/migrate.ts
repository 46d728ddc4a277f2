// Applies migrations/*.sql to the local D1, each file in one transaction with its own record, in the same table that
// `wrangler d1 migrations apply` keeps, so that either may go on where the other stopped.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Miniflare } from "miniflare";
import { unstable_splitSqlQuery as statementsIn } from "wrangler";
import { API_WORKER } from "./runtime.ts";
import { ROOT } from "./settings.ts";

const FOLDER = join(ROOT, "migrations");

/** @returns The names applied now, oldest first. */
export async function migrate(miniflare: Miniflare): Promise<string[]> {
  const database = await miniflare.getD1Database("DB", API_WORKER);
  await database
    .prepare(
      "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
    )
    .run();
  const { results } = await database.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
  const applied = new Set(results.map((row) => row.name));
  const due = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".sql") && !applied.has(name))
    .sort();
  for (const name of due) {
    const statements = statementsIn(readFileSync(join(FOLDER, name), "utf8"));
    await database.batch([
      ...statements.map((statement) => database.prepare(statement)),
      database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name),
    ]);
  }
  return due;
}
