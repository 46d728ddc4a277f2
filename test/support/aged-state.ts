// Time travel for a stopped stack: moves the stored moments of sessions into the past, as if the machine had been off for
// that long. What a running stack reads afterwards is what it would have read then.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const PERSISTED = join("state", "v3");
/** Milliseconds since the epoch, from 2017 to 2033, wherever they stand in stored JSON. */
const MOMENT = /\b1[5-9]\d{11}\b/g;

/** Moves every session of this state, in D1 and in its object, `ms` into the past. The stack must not be running. */
export function ageSessions(stateDir: string, ms: number): void {
  const database = new DatabaseSync(databaseFile(stateDir));
  database.exec(
    `UPDATE sessions SET created_at = created_at - ${ms}, launch_deadline = launch_deadline - ${ms},
       started_at = started_at - ${ms}, ended_at = ended_at - ${ms} WHERE settled_at IS NULL`,
  );
  database.close();
  const objects = join(stateDir, PERSISTED, "do", "meterplace-api-MeteredSession");
  for (const name of readdirSync(objects).filter((file) => file.endsWith(".sqlite")))
    if (name === "metadata.sqlite") ageAlarms(join(objects, name), ms);
    else ageObject(join(objects, name), ms);
}

/** The D1 file of a state folder. */
export function databaseFile(stateDir: string): string {
  const folder = join(stateDir, PERSISTED, "d1", "miniflare-D1DatabaseObject");
  const name = readdirSync(folder).find((file) => file.endsWith(".sqlite") && file !== "metadata.sqlite");
  if (!name || !existsSync(join(folder, name))) throw new Error(`no database in ${folder}`);
  return join(folder, name);
}

function ageObject(path: string, ms: number): void {
  const object = new DatabaseSync(path);
  const row = object.prepare("SELECT facts, meter FROM record WHERE id = 1").get() as
    | { facts: string; meter: string | null }
    | undefined;
  const earlier = (json: string | null) => json && json.replaceAll(MOMENT, (moment) => String(Number(moment) - ms));
  if (row)
    object.prepare("UPDATE record SET facts = ?, meter = ? WHERE id = 1").run(earlier(row.facts), earlier(row.meter));
  // workerd's own note of the alarm, in nanoseconds; it must agree with the scheduler's.
  object.exec(`UPDATE _cf_METADATA SET value = value - ${ms} * 1000000 WHERE key = 1`);
  object.close();
}

function ageAlarms(path: string, ms: number): void {
  const scheduler = new DatabaseSync(path);
  scheduler.exec(`UPDATE _cf_ALARM SET scheduled_time = scheduled_time - ${ms} * 1000000`);
  scheduler.close();
}
