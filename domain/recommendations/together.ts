// Which app goes with those a person uses, by how many people use both. Pure; nothing of a single person is in it.

/** Of the people of `appId`, how many also used `otherId`. */
export interface Pair {
  appId: string;
  otherId: string;
  peopleBoth: number;
  /** People of `appId` who were looked at. */
  people: number;
  /** Of `otherId`, as known by its own count; null where there is none. */
  otherPeople: number | null;
}
export interface Together {
  otherId: string;
  score: number;
  /** The pair that says most for it: its explanation. */
  because: Pair;
}

/** A few people who happen to use both prove little: so many are taken off in the scale. */
const DOUBT = 4;

/**
 * Apps not yet used, best first. Each used app votes for another with the share of people they have in common (cosine of the two
 * sets of people: Sarwar et al. 2001, "Item-based collaborative filtering", section 3.1), so that an app everybody uses is not
 * recommended to everybody.
 */
export function usedTogether(used: ReadonlySet<string>, pairs: readonly Pair[]): Together[] {
  const found = new Map<string, Together & { most: number }>();
  for (const pair of pairs) {
    if (!used.has(pair.appId) || used.has(pair.otherId)) continue;
    const vote = weightOf(pair);
    const known = found.get(pair.otherId);
    if (!known) found.set(pair.otherId, { otherId: pair.otherId, score: vote, because: pair, most: vote });
    else {
      known.score += vote;
      if (vote > known.most) Object.assign(known, { most: vote, because: pair });
    }
  }
  return [...found.values()]
    .sort((a, b) => b.score - a.score || a.otherId.localeCompare(b.otherId))
    .map(({ otherId, score, because }) => ({ otherId, score, because }));
}

function weightOf({ peopleBoth, people, otherPeople }: Pair): number {
  const cosine = peopleBoth / Math.sqrt(people * Math.max(otherPeople ?? people, peopleBoth));
  return cosine * (peopleBoth / (peopleBoth + DOUBT));
}
