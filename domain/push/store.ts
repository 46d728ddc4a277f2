// SQL of the devices that hear.

import type { Millis } from "../clock.ts";

export interface DeviceRow {
  id: string;
  label: string;
  language: string;
  createdAt: Millis;
}

export const readDevices = async (db: D1Database, userId: string): Promise<DeviceRow[]> =>
  (
    await db
      .prepare(
        "SELECT id, label, language, created_at AS createdAt FROM push_devices WHERE user_id = ? ORDER BY created_at DESC, id",
      )
      .bind(userId)
      .all<DeviceRow>()
  ).results;

/** A device that comes again is kept anew: by another sign-in, or for another person who uses it now. */
export const upsertDevice = (
  db: D1Database,
  device: { id: string; userId: string; signInId: string; sealed: string; label: string; language: string },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO push_devices (id, user_id, sign_in_id, sealed, label, language, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
       ON CONFLICT (id) DO UPDATE SET user_id = ?2, sign_in_id = ?3, sealed = ?4, label = ?5, language = ?6,
         created_at = CASE user_id WHEN ?2 THEN created_at ELSE ?7 END`,
    )
    .bind(device.id, device.userId, device.signInId, device.sealed, device.label, device.language, now);

/** What waited for the person who had this device before is not the next one's to read. */
export const dropPushesOfOthers = (db: D1Database, deviceId: string, userId: string): D1PreparedStatement =>
  db
    .prepare(
      `DELETE FROM pushes WHERE device_id = ?1
       AND EXISTS (SELECT 1 FROM push_devices d WHERE d.id = ?1 AND d.user_id <> ?2)`,
    )
    .bind(deviceId, userId);

/** All but the newest `keep` of a person. */
export const dropOldDevices = (db: D1Database, userId: string, keep: number): D1PreparedStatement =>
  db
    .prepare(
      `DELETE FROM push_devices WHERE id IN (
         SELECT id FROM push_devices WHERE user_id = ? ORDER BY created_at DESC, id DESC LIMIT -1 OFFSET ?)`,
    )
    .bind(userId, keep);

export const deleteDevice = (db: D1Database, userId: string, id: string): D1PreparedStatement =>
  db.prepare("DELETE FROM push_devices WHERE id = ? AND user_id = ?").bind(id, userId);
