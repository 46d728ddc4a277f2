// SQL of what is to be sent: taken under a lease, so that two senders share the work and one that dies loses nothing.

import type { Millis } from "../clock.ts";
import type { PushEvent } from "./message.ts";

export interface ClaimedPush extends PushEvent {
  deviceId: string;
  sealed: string;
  language: string;
  attempts: number;
  /** The person has read it, or the session is over, or goes on for longer by now. */
  isOld: boolean;
}

/** Take at most `max` that are due; those that are no news any more go. */
export async function claimPushes(
  db: D1Database,
  it: { lease: string; leaseUntil: Millis; max: number; now: Millis },
): Promise<ClaimedPush[]> {
  const answers = await db.batch([
    db.prepare("DELETE FROM pushes WHERE due_at <= ?1 AND ends_at <= ?1").bind(it.now),
    db
      .prepare(
        `UPDATE pushes SET lease = ?1, due_at = ?2, attempts = attempts + 1 WHERE (event_id, device_id) IN (
           SELECT event_id, device_id FROM pushes WHERE due_at <= ?3 ORDER BY due_at LIMIT ?4)`,
      )
      .bind(it.lease, it.leaseUntil, it.now, it.max),
    db
      .prepare(
        `SELECT p.event_id AS id, p.device_id AS deviceId, p.attempts, p.ends_at AS endsAt, d.sealed, d.language,
           coalesce(o.type, '') AS type, o.session_id AS sessionId, coalesce(o.data, '{}') AS data, a.name AS appName,
           s.ended_at IS NOT NULL OR n.read_at IS NOT NULL
             OR EXISTS (SELECT 1 FROM extensions x WHERE x.session_id = o.session_id AND x.at >= o.at) AS isOld
         FROM pushes p JOIN push_devices d ON d.id = p.device_id LEFT JOIN outbox o ON o.id = p.event_id
         LEFT JOIN sessions s ON s.id = o.session_id LEFT JOIN providers a ON a.id = s.provider_id
         LEFT JOIN notifications n ON n.id = p.event_id
         WHERE p.due_at = ?2 AND p.lease = ?1`,
      )
      .bind(it.lease, it.leaseUntil),
  ]);
  const rows = answers[2]!.results as (Omit<ClaimedPush, "data" | "isOld"> & { data: string; isOld: 0 | 1 })[];
  return rows.map((row) => ({
    ...row,
    isOld: row.isOld === 1,
    data: JSON.parse(row.data) as Record<string, unknown>,
  }));
}

export interface SettledPush {
  id: string;
  deviceId: string;
  /** When it is tried again; null: never, it was sent or is given up. */
  dueAt: Millis | null;
  isDeviceGone: boolean;
}

/** Note what became of them, unless another sender has them by now. */
export async function settlePushes(db: D1Database, lease: string, settled: readonly SettledPush[]): Promise<void> {
  const json = JSON.stringify(settled);
  const OF = "value->>'id' = event_id AND value->>'deviceId' = device_id";
  await db.batch([
    db
      .prepare(
        `UPDATE pushes SET lease = NULL, due_at = r.due_at
         FROM (SELECT value->>'id' AS id, value->>'deviceId' AS device, value->>'dueAt' AS due_at FROM json_each(?2)) r
         WHERE pushes.event_id = r.id AND pushes.device_id = r.device AND pushes.lease = ?1 AND r.due_at IS NOT NULL`,
      )
      .bind(lease, json),
    db
      .prepare(
        `DELETE FROM pushes WHERE lease = ?1
         AND EXISTS (SELECT 1 FROM json_each(?2) WHERE ${OF} AND value->>'dueAt' IS NULL)`,
      )
      .bind(lease, json),
    db
      .prepare(
        "DELETE FROM push_devices WHERE id IN (SELECT value->>'deviceId' FROM json_each(?) WHERE value->>'isDeviceGone' = 1)",
      )
      .bind(json),
  ]);
}
