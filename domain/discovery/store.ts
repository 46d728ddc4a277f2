// SQL of discovery in D1: what changed in the catalogue, and the vectors already worked out.

import type { Millis } from "../clock.ts";

export interface CatalogueChange {
  seq: number;
  providerId: string;
}

/** Apps that changed after `seq`, in order. */
export const changesAfter = async (db: D1Database, seq: number, limit: number): Promise<CatalogueChange[]> =>
  (
    await db
      .prepare("SELECT seq, provider_id AS providerId FROM catalogue_changes WHERE seq > ? ORDER BY seq LIMIT ?")
      .bind(seq, limit)
      .all<CatalogueChange>()
  ).results;

export interface KnownVector {
  hash: string;
  vector: ArrayBuffer;
}
export const knownVectors = async (db: D1Database, model: string, hashes: readonly string[]): Promise<KnownVector[]> =>
  (
    await db
      .prepare("SELECT hash, vector FROM embeddings WHERE model = ?1 AND hash IN (SELECT value FROM json_each(?2))")
      .bind(model, JSON.stringify(hashes))
      .all<{ hash: string; vector: number[] | ArrayBuffer }>()
  ).results.map(({ hash, vector }) => ({
    hash,
    // D1 answers BLOBs as arrays of numbers (developers.cloudflare.com/d1/worker-api/#type-conversion).
    vector: vector instanceof ArrayBuffer ? vector : Uint8Array.from(vector).buffer,
  }));

export const insertVectors = (
  db: D1Database,
  model: string,
  vectors: readonly { hash: string; vector: Uint8Array<ArrayBuffer> }[],
  now: Millis,
): D1PreparedStatement[] =>
  vectors.map(({ hash, vector }) =>
    db
      .prepare("INSERT OR IGNORE INTO embeddings (model, hash, vector, created_at) VALUES (?, ?, ?, ?)")
      .bind(model, hash, vector.buffer, now),
  );
