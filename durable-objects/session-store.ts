// What one session's object keeps in its own SQLite: every fact, because an object idle for ten seconds leaves memory.
// One row in one table: a step of the clock is one write, and a new object, which every session needs, one table to make.

import type { SessionEvent } from "../domain/sessions/events.ts";
import type { Ending, KnownUsage } from "../domain/sessions/close-session.ts";
import type { Meter } from "../domain/sessions/meter-state.ts";
import type { Interval } from "../domain/sessions/meter.ts";
import type { Session } from "../domain/sessions/row.ts";
import type { Observed } from "../domain/sessions/two-sides.ts";
import type { Millis } from "../domain/clock.ts";

/**
 * The start as it was asked for. Kept with the session, after D1 has it and before anybody is answered: who finds nothing
 * here after a crash was told nothing, and may start with whatever nonce.
 */
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
  /** The intervals the clock has closed, in order. */
  intervals: Interval[];
  /** The object's own outbox: events not carried to D1 yet. */
  queued: SessionEvent[];
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
  intervals: [],
  queued: [],
});

/**
 * The row. Its table is made with the first write: an object that was only asked keeps nothing, and a new one commits once.
 */
export class SessionStore {
  readonly #sql: SqlStorage;
  #hasTable: boolean;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#hasTable = sql.exec("SELECT 1 FROM sqlite_schema WHERE name = 'record'").toArray().length > 0;
  }

  /** @returns null for an object that has kept nothing yet. */
  read(): SessionRecord | null {
    if (!this.#hasTable) return null;
    const row = this.#sql
      .exec<{ facts: string; meter: string | null }>("SELECT facts, meter FROM record WHERE id = 1")
      .toArray()[0];
    if (!row) return null;
    const meter = row.meter === null ? null : (JSON.parse(row.meter) as Meter);
    const facts = JSON.parse(row.facts) as Omit<SessionRecord, "meter" | "storedMeter">;
    return { ...(facts.queued ? facts : { ...facts, ...readBesides(this.#sql) }), meter, storedMeter: meter };
  }

  write(record: SessionRecord): void {
    const { meter, storedMeter: _, ...facts } = record;
    if (!this.#hasTable) this.#sql.exec(TABLE);
    this.#hasTable = true;
    this.#sql.exec(
      "INSERT INTO record (id, facts, meter) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET facts = excluded.facts, meter = excluded.meter",
      JSON.stringify(facts),
      meter && JSON.stringify(meter),
    );
  }

  /** The heartbeat's write: the clock alone. */
  writeMeter(meter: Meter): void {
    this.#sql.exec("UPDATE record SET meter = ? WHERE id = 1", JSON.stringify(meter));
  }

  /** The storage was emptied (`deleteAll`), tables included. */
  forget(): void {
    this.#hasTable = false;
  }
}

const TABLE = `CREATE TABLE record (id INTEGER PRIMARY KEY CHECK (id = 1), facts TEXT NOT NULL, meter TEXT)`;

/** Objects from before kept these in tables of their own; the next write takes them into the row. */
function readBesides(sql: SqlStorage): Pick<SessionRecord, "intervals" | "queued"> {
  const intervals = sql.exec<{ json: string }>("SELECT interval AS json FROM intervals ORDER BY seq").toArray();
  const queued = sql.exec<{ json: string }>("SELECT event AS json FROM outbox ORDER BY id").toArray();
  return {
    intervals: intervals.map(({ json }) => JSON.parse(json) as Interval),
    queued: queued.map(({ json }) => JSON.parse(json) as SessionEvent),
  };
}
