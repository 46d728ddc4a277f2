// Which apps meet a need that one app meets: they stand in the same category, and something the one says of itself means the
// same as something the other says. Being about similar things is not enough; a cover letter is not a novel.

import { DIMENSIONS } from "../domain/discovery/encoder/encoder.ts";
import type { Alternative } from "../domain/discovery/index-query.ts";
import * as store from "./catalogue-index-store.ts";
import type { CatalogueMemory } from "./catalogue-memory.ts";

/**
 * Two phrases of one category that mean the same. Paraphrases have 0.61 to 0.70; of the seeded and the ranking sets' apps, none of
 * which is another one's alternative, five pairs reach this. Both phrases are shown, so that people can judge for themselves.
 */
const SAME_NEED = 0.66;

export function alternativesTo(
  sql: SqlStorage,
  memory: CatalogueMemory,
  { providerId, model, limit }: { providerId: string; model: string; limit: number },
): Alternative[] {
  const own = [...memory.facts.values()].find(({ id }) => id === providerId);
  if (!own) return [];
  const { set, owners, positions, isSaid } = memory.meaning(model, DIMENSIONS);
  const mine: number[] = [];
  const theirs: number[] = [];
  for (let place = 0; place < owners.length; place++) {
    if (!isSaid[place]) continue;
    if (owners[place] === own.rowid) mine.push(place);
    else if (memory.facts.get(owners[place]!)?.category === own.category) theirs.push(place);
  }
  const best = new Map<number, { cosine: number; says: number; otherSays: number }>();
  for (const says of mine) {
    const vector = set.vectorAt(says);
    for (const otherSays of theirs) {
      const cosine = set.cosineAt(otherSays, vector);
      const other = owners[otherSays]!;
      if (cosine >= SAME_NEED && cosine > (best.get(other)?.cosine ?? 0)) best.set(other, { cosine, says, otherSays });
    }
  }
  return [...best]
    .sort(([, a], [, b]) => b.cosine - a.cosine)
    .slice(0, limit)
    .map(([rowid, { cosine, says, otherSays }]) => ({
      id: memory.facts.get(rowid)!.id,
      cosine,
      says: store.textOfPhrase(sql, own.rowid, positions[says]!),
      otherSays: store.textOfPhrase(sql, rowid, positions[otherSays]!),
    }));
}
