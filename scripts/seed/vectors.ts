// The vectors of the seeded apps' phrases, worked out once and kept in vectors.gen.json, so that a first start searches by
// meaning without spending ten seconds of CPU. After a change of an app: node scripts/seed/vectors.ts writes them anew.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Millis } from "../../domain/clock.ts";
import { EMBEDDED_MODEL, loadEncoder } from "../../domain/discovery/encoder/encoder.ts";
import { phrasesOf } from "../../domain/discovery/phrases.ts";
import { insertVectors } from "../../domain/discovery/store.ts";
import { packVector } from "../../domain/discovery/vector.ts";
import { ENCODER_ASSET } from "../../workers/encoder-asset.ts";
import { SEEDED_APPS } from "./apps.ts";
import vectors from "./vectors.gen.json" with { type: "json" };

/** As many statements as one D1 batch comfortably takes. */
const BATCH = 100;

/** Put them where the discovery index looks first. Repeating it changes nothing. */
export async function seedVectors(db: D1Database, now: Millis): Promise<void> {
  const rows = Object.entries(vectors).map(([hash, base64]) => ({
    hash,
    vector: Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)),
  }));
  for (let at = 0; at < rows.length; at += BATCH)
    await db.batch(insertVectors(db, EMBEDDED_MODEL, rows.slice(at, at + BATCH), now));
}

async function writeVectors(): Promise<void> {
  const bytes = readFileSync(join(import.meta.dirname, "../../workers/assets", ENCODER_ASSET));
  const { encode } = loadEncoder(Uint8Array.from(bytes).buffer);
  const phrases = (await Promise.all(SEEDED_APPS.map(phrasesOf))).flat();
  const entries = phrases.map(({ hash, text }) => [hash, Buffer.from(packVector(encode(text))).toString("base64")]);
  const path = join(import.meta.dirname, "vectors.gen.json");
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(entries), null, 1)}\n`);
  console.log(`wrote the vectors of ${phrases.length} phrases`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeVectors();
