// Every statement about settings. Who changed what is written by triggers (migrations/0013_settings.sql).

import type { Millis } from "../clock.ts";

export interface SettingRow {
  key: string;
  /** JSON; null: the default again. */
  value: string | null;
  updatedAt: Millis;
  updatedBy: string;
}
export interface SettingChange {
  key: string;
  oldValue: string | null;
  newValue: string | null;
  changedBy: string;
  at: Millis;
}

export const selectSettings = (db: D1Database): D1PreparedStatement =>
  db.prepare("SELECT key, value, updated_at AS updatedAt, updated_by AS updatedBy FROM settings");

export const selectChanges = (db: D1Database, max: number): D1PreparedStatement =>
  db
    .prepare(
      `SELECT key, old_value AS oldValue, new_value AS newValue, changed_by AS changedBy, at
       FROM setting_changes ORDER BY id DESC LIMIT ?`,
    )
    .bind(max);

/** A value that is there already changes nothing and is not noted. */
export const putSetting = (db: D1Database, row: SettingRow): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO settings (key, value, updated_at, updated_by) VALUES (?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by
       WHERE settings.value IS NOT excluded.value`,
    )
    .bind(row.key, row.value, row.updatedAt, row.updatedBy);
