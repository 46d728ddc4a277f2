// What one session's object keeps in its own SQLite: every fact, because an object idle for ten seconds leaves memory.
// One row, so that a heartbeat writes one row; the object's own outbox and the intervals of its clock beside it.

import type { SessionEvent } from "../domain/sessions/events.ts";
import type { Ending, KnownUsage } from "../domain/sessions/close-session.ts";
import type { Meter } from "../domain/sessions/meter-state.ts";
import type { Interval } from "../domain/sessions/meter.ts";
import type { Session } from "../domain/sessions/row.ts";
import type { Observed } from "../domain/sessions/two-sides.ts";
import type { Millis } from "../domain/clock.ts";

/** The start as it was asked for; kept before D1 is asked, so that a lost answer can be told from a second start. */
export interface Redemption {
  jti: string;
  nonce: string;
  at: Millis;
}

export interface SessionRecord {
  redemption: Redemption | null;
  /** The session as D1 had it when it last answered; null until it has started. */
  session: Session | null;
  meter: Meter | null;
  /** The clock as it was last written: what a crash would leave. Not stored itself. */
  storedMeter: Meter | null;
  usage: KnownUsage;
  /** What the page said it saw; absent where it said nothing, and in objects from before pages could. */
  observed?: Observed;
  ending: Ending | null;
  /** When to settle, and how often that failed. */
  settlement: { dueAt: Millis; failures: number; announced: boolean } | null;
  settled: boolean;
  autoExtended: boolean;
  /** D1 was asked for an extension and has not answered: it may be paid for. Absent: no. */
  isExtending?: boolean;
}

export const emptyRecord = (): SessionRecord => ({
  redemption: null,
  session: null,
  meter: null,
  storedMeter: null,
  usage: { reports: 0, usedMicro: {} },
  ending: null,
  settlement: null,
  settled: false,
  autoExtended: false,
});

/** Set up once, under `blockConcurrencyWhile` in the constructor. */
export function createTables(sql: SqlStorage): void {
  sql.exec(
    `CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY CHECK (id = 1), facts TEXT NOT NULL, meter TEXT)`,
  );
  sql.exec(`CREATE TABLE IF NOT EXISTS intervals (seq INTEGER PRIMARY KEY, interval TEXT NOT NULL)`);
  sql.exec(`CREATE TABLE IF NOT EXISTS outbox (id TEXT PRIMARY KEY, event TEXT NOT NULL)`);
}

export function readRecord(sql: SqlStorage): SessionRecord | null {
  const row = sql
    .exec<{ facts: string; meter: string | null }>("SELECT facts, meter FROM record WHERE id = 1")
    .toArray()[0];
  if (!row) return null;
  const meter = row.meter === null ? null : (JSON.parse(row.meter) as Meter);
  return { ...(JSON.parse(row.facts) as Omit<SessionRecord, "meter" | "storedMeter">), meter, storedMeter: meter };
}

export function writeRecord(sql: SqlStorage, record: SessionRecord): void {
  const { meter, storedMeter: _, ...facts } = record;
  sql.exec(
    "INSERT INTO record (id, facts, meter) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET facts = excluded.facts, meter = excluded.meter",
    JSON.stringify(facts),
    meter && JSON.stringify(meter),
  );
}

/** The heartbeat's write: the clock alone. */
export const writeMeter = (sql: SqlStorage, meter: Meter): void =>
  void sql.exec("UPDATE record SET meter = ? WHERE id = 1", JSON.stringify(meter));

export function queueEvents(sql: SqlStorage, events: SessionEvent[]): void {
  for (const event of events)
    sql.exec("INSERT OR IGNORE INTO outbox (id, event) VALUES (?, ?)", event.id, JSON.stringify(event));
}
export const queuedEvents = (sql: SqlStorage): SessionEvent[] =>
  sql
    .exec<{ event: string }>("SELECT event FROM outbox ORDER BY id LIMIT 100")
    .toArray()
    .map((row) => JSON.parse(row.event) as SessionEvent);
export function dequeueEvents(sql: SqlStorage, events: SessionEvent[]): void {
  for (const event of events) sql.exec("DELETE FROM outbox WHERE id = ?", event.id);
}

export function addInterval(sql: SqlStorage, interval: Interval): void {
  sql.exec("INSERT INTO intervals (interval) VALUES (?)", JSON.stringify(interval));
}
export const readIntervals = (sql: SqlStorage): Interval[] =>
  sql
    .exec<{ interval: string }>("SELECT interval FROM intervals ORDER BY seq")
    .toArray()
    .map((row) => JSON.parse(row.interval) as Interval);
