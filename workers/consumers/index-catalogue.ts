// Queue consumer of catalogue changes: works out the vectors the index still lacks. A message is only a hint; the index itself
// knows what is missing, so a message that comes twice finds nothing to do, and the cron finds what a lost one left.

import { wallClock, type Millis } from "../../domain/clock.ts";
import { insertVectors } from "../../domain/discovery/store.ts";
import { packVector } from "../../domain/discovery/vector.ts";
import { catalogueIndex } from "../catalogue-index.ts";
import { loadEmbedder } from "../embedder.ts";
import type { Env } from "../env.ts";

/** Texts encoded before their vectors are stored: half a second of CPU. */
const BATCH = 8;
/** One run ends after this; what is left is asked for by the next hint or minute. */
const RUN_MAX_MS = 20_000;
const RETRY_SECONDS = 5;

export async function indexCatalogueQueue(batch: MessageBatch, env: Env): Promise<void> {
  try {
    const isDone = await indexCatalogue(env);
    for (const message of batch.messages) message.ack();
    if (!isDone) await hintCatalogue(env);
  } catch (error) {
    console.error(JSON.stringify({ message: "catalogue indexing stopped", error: String(error) }));
    for (const message of batch.messages) message.retry({ delaySeconds: RETRY_SECONDS });
  }
}

/** Bring the index up to date. Repeatable, at any moment. @returns whether nothing is missing any more. */
export async function indexCatalogue(env: Env, stopAt: Millis = wallClock() + RUN_MAX_MS): Promise<boolean> {
  const embedder = await loadEmbedder(env, wallClock());
  const index = catalogueIndex(env);
  if (!embedder) return true;
  while (wallClock() < stopAt) {
    const missing = await index.withoutVector(embedder.model, BATCH);
    if (missing.length === 0) return true;
    const vectors = missing.map(({ hash, text }) => ({ hash, vector: packVector(embedder.embed(text)) }));
    await env.DB.batch(insertVectors(env.DB, embedder.model, vectors, wallClock()));
    await index.addVectors(
      embedder.model,
      vectors.map(({ hash, vector }) => ({ hash, vector: vector.buffer })),
    );
  }
  return false;
}

/** After a change of the catalogue. Never fails the change: the minute's run finds it. */
export async function hintCatalogue(env: Env): Promise<void> {
  try {
    await env.CATALOGUE_CHANGES.send({}, { contentType: "json" });
  } catch (error) {
    console.warn(JSON.stringify({ message: "catalogue hint not sent", error: String(error) }));
  }
}
