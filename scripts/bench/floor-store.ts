// SQL of the floor's own little database: rows of the usual size, and nothing that a rule of ours would add.

export const FLOOR_ROWS = 1_000;

export async function createFloorTables(db: D1Database): Promise<void> {
  await db.batch([
    db.prepare(
      "CREATE TABLE IF NOT EXISTS accounts (id TEXT PRIMARY KEY, amount INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    ),
    db.prepare(
      "CREATE TABLE IF NOT EXISTS entries (id TEXT PRIMARY KEY, body TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    ),
    db.prepare(
      `INSERT OR IGNORE INTO accounts WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${FLOOR_ROWS - 1})
       SELECT 'account-' || i, i FROM n`,
    ),
  ]);
}

export const readAccount = (db: D1Database, index: number): Promise<unknown> =>
  db
    .prepare("SELECT id, amount FROM accounts WHERE id = ?")
    .bind(`account-${index % FLOOR_ROWS}`)
    .first();

export interface Entry {
  id: string;
  body: string;
  at: number;
}

/** The smallest batch that changes something: two writes and a read, as a settlement needs. */
export const writeBatch = (db: D1Database, entry: Entry): Promise<unknown> =>
  db.batch([
    db.prepare("INSERT INTO entries (id, body, at) VALUES (?, ?, ?)").bind(entry.id, entry.body, entry.at),
    db.prepare("UPDATE accounts SET amount = amount + 1 WHERE id = ?").bind(`account-${entry.at % FLOOR_ROWS}`),
    db.prepare("SELECT amount FROM accounts WHERE id = ?").bind(`account-${entry.at % FLOOR_ROWS}`),
  ]);

/** Any number of rows in one call. */
export const writeTogether = (db: D1Database, entries: readonly Entry[]): Promise<unknown> =>
  db
    .prepare("INSERT INTO entries (id, body, at) SELECT value->>'id', value->>'body', value->>'at' FROM json_each(?1)")
    .bind(JSON.stringify(entries))
    .run();

export function createObjectTable(sql: SqlStorage): void {
  sql.exec("CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY CHECK (id = 1), facts TEXT NOT NULL)");
}
export const writeRecord = (sql: SqlStorage, facts: string): void =>
  void sql.exec(
    "INSERT INTO record (id, facts) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET facts = excluded.facts",
    facts,
  );
