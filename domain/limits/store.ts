// Attempt buckets in D1: the rule of token-bucket.ts as one statement, so that parallel attempts are all counted.

import type { Millis } from "../clock.ts";
import type { Bucket } from "./token-bucket.ts";

/** Takes one from the bucket, or leaves it when it is empty. `changes` is 1 when it was allowed. */
export const takeStatement = (db: D1Database, key: string, bucket: Bucket, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO attempt_buckets (key, full_at) VALUES (?1, ?2 + ?3)
       ON CONFLICT (key) DO UPDATE SET full_at = max(full_at, ?2) + ?3 WHERE max(full_at, ?2) + ?3 - ?2 <= ?3 * ?4
       RETURNING full_at`,
    )
    .bind(key, now, bucket.intervalMs, bucket.capacity);

export const readBucketStatement = (db: D1Database, key: string): D1PreparedStatement =>
  db.prepare("SELECT full_at FROM attempt_buckets WHERE key = ?").bind(key);

export const emptyBucketStatement = (db: D1Database, key: string): D1PreparedStatement =>
  db.prepare("DELETE FROM attempt_buckets WHERE key = ?").bind(key);

/** Housekeeping: a bucket that is full again says nothing any more. */
export const purgeFullBuckets = (db: D1Database, now: Millis): D1PreparedStatement =>
  db.prepare("DELETE FROM attempt_buckets WHERE full_at <= ?").bind(now);
