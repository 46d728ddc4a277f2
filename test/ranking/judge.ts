// What is said of an order: nDCG@5 and recall@3 of the needs that have an answer, and how many of the others are told so.

export interface Need {
  query: string;
  /** Of the held-out set: what kind of need it is. */
  kind?: string;
  /** By an app's key: how well it fits, from 1. */
  fits: Record<string, number>;
}
export interface RankingSet {
  apps: { key: string; name: string }[];
  needs: Need[];
  /** From which grade on an app must be found. Unsaid: only the best grade of each need. */
  relevantFrom?: number;
}
/** What was answered to a need, best first. */
export interface Answered {
  names: string[];
  isNone: boolean;
}
export interface Figures {
  ndcg5: number;
  recall3: number;
  /** Needs no app meets: how many there are and how many were told so. */
  unmet: number;
  toldNone: number;
  /** Needs that are met and were told otherwise. */
  met: number;
  wronglyNone: number;
  ndcg5OfKind: Map<string, number>;
  misses: string[];
}

const discounted = (gains: number[]): number =>
  gains.reduce((sum, gain, place) => sum + (2 ** gain - 1) / Math.log2(place + 2), 0);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

export async function judge(set: RankingSet, answer: (query: string) => Promise<Answered>): Promise<Figures> {
  const keyOf = new Map(set.apps.map(({ key, name }) => [name, key]));
  const ndcgs: { kind: string; value: number }[] = [];
  const recalls: number[] = [];
  const misses: string[] = [];
  const figures = { unmet: 0, toldNone: 0, met: 0, wronglyNone: 0 };
  for (const { query, kind, fits } of set.needs) {
    const { names, isNone } = await answer(query);
    const grades = Object.values(fits).toSorted((a, b) => b - a);
    if (grades.length === 0) {
      figures.unmet += 1;
      if (isNone) figures.toldNone += 1;
      else misses.push(`${query} -> said to fit: ${names[0]}`);
      continue;
    }
    const found = names.map((name) => keyOf.get(name) ?? name);
    const ndcg = discounted(found.slice(0, 5).map((key) => fits[key] ?? 0)) / discounted(grades.slice(0, 5));
    const least = set.relevantFrom ?? grades[0]!;
    const relevant = Object.keys(fits).filter((key) => fits[key]! >= least);
    ndcgs.push({ kind: kind ?? "all", value: ndcg });
    recalls.push(relevant.filter((key) => found.slice(0, 3).includes(key)).length / relevant.length);
    figures.met += 1;
    if (isNone) figures.wronglyNone += 1;
    if (ndcg < 0.5) misses.push(`${query} -> ${found.slice(0, 3).join(", ")}${isNone ? " (none)" : ""}`);
  }
  const kinds = Map.groupBy(ndcgs, ({ kind }) => kind);
  return {
    ...figures,
    ndcg5: mean(ndcgs.map(({ value }) => value)),
    recall3: mean(recalls),
    ndcg5OfKind: new Map([...kinds].map(([kind, of]) => [kind, mean(of.map(({ value }) => value))])),
    misses,
  };
}

export function say({ ndcg5, recall3, unmet, toldNone, met, wronglyNone, ndcg5OfKind }: Figures): string {
  const kinds = ndcg5OfKind.size > 1 ? [...ndcg5OfKind].map(([kind, value]) => `${kind} ${value.toFixed(3)}`) : [];
  return (
    `nDCG@5 ${ndcg5.toFixed(3)}, recall@3 ${recall3.toFixed(3)}, nothing fits ${toldNone} of ${unmet}, ` +
    `wrongly said so ${wronglyNone} of ${met}${kinds.length > 0 ? `; nDCG@5 by kind: ${kinds.join(", ")}` : ""}`
  );
}
