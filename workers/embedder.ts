// Where texts become vectors: our own encoder in this isolate, its file read from the Worker's assets at first use, and before it
// the model of remote-vectors.ts where one is named. Queries repeat (paging, typing), so the last ones are remembered.

import { BoundedMap } from "../domain/bounded-map.ts";
import { EMBEDDED_MODEL, loadEncoder, type Encoder } from "../domain/discovery/encoder/encoder.ts";
import type { Embedder } from "../domain/discovery/index-query.ts";
import { ENCODER_ASSET } from "./encoder-asset.ts";
import type { Env } from "./env.ts";
import { remoteEmbedder } from "./remote-vectors.ts";

const QUERIES_REMEMBERED = 500;
const remembered = new BoundedMap<string, Float32Array>(QUERIES_REMEMBERED);
let embedder: Embedder | null = null;
// A failed load is tried again after this, not at every search.
const RETRY_MS = 60_000;
let failedAt = -Infinity;

/** @returns null where there is no encoder (switched off, or its file cannot be read): search then goes by words. */
export async function loadEmbedder(env: Env, now: number): Promise<Embedder | null> {
  if (env.EMBEDDINGS === "off") return null;
  const own = await loadOwn(env, now);
  const before = own && remoteEmbedder(env, now);
  return before ? { ...own, before } : own;
}

async function loadOwn(env: Env, now: number): Promise<Embedder | null> {
  if (embedder) return embedder;
  if (now - failedAt >= 0 && now - failedAt < RETRY_MS) return null;
  try {
    // Of two first searches both may load it; the second result replaces the first, equal one.
    embedder = asEmbedder(loadEncoder(await readAsset(env)));
    return embedder;
  } catch (error) {
    failedAt = now;
    console.error(JSON.stringify({ message: "the sentence encoder could not be loaded", error: String(error) }));
    return null;
  }
}

async function readAsset(env: Env): Promise<ArrayBuffer> {
  const answer = await env.ASSETS.fetch(`https://assets.local/${ENCODER_ASSET}`);
  if (!answer.ok) throw new Error(`asset answered ${answer.status}`);
  return answer.arrayBuffer();
}

const asEmbedder = ({ encode, isOrdinary }: Encoder): Embedder => ({
  model: EMBEDDED_MODEL,
  isOrdinary,
  embed: (text) => {
    const known = remembered.get(text);
    if (known) return known;
    const vector = encode(text);
    remembered.set(text, vector);
    return vector;
  },
});
