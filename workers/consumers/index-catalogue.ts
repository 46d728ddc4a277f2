// Queue consumer of catalogue changes: works out the vectors the index still lacks. A message is only a hint; the index itself
// knows what is missing, so a message that comes twice finds nothing to do, and the cron finds what a lost one left.

import { wallClock, type Millis } from "../../domain/clock.ts";
import { insertVectors } from "../../domain/discovery/store.ts";
import { packVector } from "../../domain/discovery/vector.ts";
import { catalogueIndex } from "../catalogue-index.ts";
import { loadEmbedder } from "../embedder.ts";
import type { Env } from "../env.ts";
import { embedPhrases } from "../remote-vectors.ts";

/** Texts encoded before their vectors are stored: half a second of CPU. */
const BATCH = 8;
/** In one call of a model elsewhere. */
const REMOTE_BATCH = 50;
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
  if (!embedder) return true;
  const isDone = await fill(env, embedder.model, BATCH, stopAt, (texts) => Promise.resolve(texts.map(embedder.embed)));
  const remote = embedder.before?.model;
  if (!isDone || remote === undefined) return isDone;
  return fill(env, remote, REMOTE_BATCH, stopAt, (texts) => embedPhrases(env, remote, texts, wallClock()));
}

/** @param embed Null: not now, and there is no use in asking again before the next minute's run. */
async function fill(
  env: Env,
  model: string,
  batch: number,
  stopAt: Millis,
  embed: (texts: string[]) => Promise<Float32Array[] | null>,
): Promise<boolean> {
  const index = catalogueIndex(env);
  while (wallClock() < stopAt) {
    const missing = await index.withoutVector(model, batch);
    if (missing.length === 0) return true;
    const embedded = await embed(missing.map(({ text }) => text));
    if (!embedded) return true;
    const vectors = missing.map(({ hash }, place) => ({ hash, vector: packVector(embedded[place]!) }));
    await env.DB.batch(insertVectors(env.DB, model, vectors, wallClock()));
    await index.addVectors(
      model,
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
