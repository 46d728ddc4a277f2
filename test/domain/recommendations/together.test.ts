// Whether "used together" tells more than what is popular, on a made-up history that looks like a real one: interests, favourites,
// and a good deal of chance. Leave-one-out: one app of a person is hidden, everything that came of it is taken out of the counts,
// and the question is whether it comes back among the first five. docs/recommendations.md publishes the figure.

import { expect, it } from "vitest";
import { PEOPLE_MIN } from "../../../domain/recommendations/store.ts";
import { usedTogether, type Pair } from "../../../domain/recommendations/together.ts";

const APPS = 60;
const TOPICS = 12;
const PEOPLE = 1_200;
const ASKED = 400;
/** Of the uses, by chance and popularity alone. */
const CHANCE = 0.3;
const FIRST = 5;

/** Mulberry32: the same history every time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
/** The n-th favourite is taken 1/n times as often as the first. */
function favourite(from: readonly string[], next: () => number): string {
  const weights = from.map((_, place) => 1 / (place + 1));
  let left = next() * weights.reduce((sum, weight) => sum + weight, 0);
  return from[weights.findIndex((weight) => (left -= weight) <= 0)] ?? from[0]!;
}

function history(seed: number): Set<string>[] {
  const next = random(seed);
  const apps = Array.from({ length: APPS }, (_, number) => `app-${String(number).padStart(2, "0")}`);
  const topics = Array.from({ length: TOPICS }, (_, topic) => apps.filter((_app, number) => number % TOPICS === topic));
  return Array.from({ length: PEOPLE }, () => {
    const interests = [topics[Math.floor(next() * TOPICS)]!, topics[Math.floor(next() * TOPICS)]!];
    const wanted = 3 + Math.floor(next() * 5);
    const used = new Set<string>();
    for (let tries = 0; used.size < wanted && tries < 100; tries++)
      used.add(next() < CHANCE ? favourite(apps, next) : favourite(interests[Math.floor(next() * 2)]!, next));
    return used;
  });
}

function counts(people: readonly Set<string>[]): Map<string, Map<string, number>> {
  const both = new Map<string, Map<string, number>>();
  for (const used of people)
    for (const app of used) {
      const row = both.get(app) ?? new Map<string, number>();
      both.set(app, row);
      for (const other of used) row.set(other, (row.get(other) ?? 0) + 1);
    }
  return both;
}

it.each([[1], [2], [3]])("brings a hidden app back more often than popularity does (history %i)", (seed) => {
  const people = history(seed);
  const both = counts(people);
  let together = 0;
  let popular = 0;
  for (const used of people.slice(0, ASKED)) {
    const hidden = [...used].at(-1)!;
    const rest = new Set([...used].filter((app) => app !== hidden));
    // Without this person's use of the hidden app.
    const peopleOf = (app: string) => both.get(app)!.get(app)! - (app === hidden ? 1 : 0);
    const pairs = [...rest].flatMap((appId): Pair[] =>
      [...both.get(appId)!].flatMap(([otherId, count]) => {
        const peopleBoth = count - (otherId === hidden ? 1 : 0);
        if (otherId === appId || peopleBoth < PEOPLE_MIN) return [];
        return [{ appId, otherId, peopleBoth, people: peopleOf(appId), otherPeople: peopleOf(otherId) }];
      }),
    );
    const byUse = usedTogether(rest, pairs)
      .slice(0, FIRST)
      .map(({ otherId }) => otherId);
    const byPeople = [...both.keys()]
      .filter((app) => !rest.has(app))
      .sort((a, b) => peopleOf(b) - peopleOf(a))
      .slice(0, FIRST);
    if (byUse.includes(hidden)) together += 1;
    if (byPeople.includes(hidden)) popular += 1;
  }
  console.log(`history ${seed}: together ${(together / ASKED).toFixed(2)}, popular ${(popular / ASKED).toFixed(2)}`);
  expect(together / ASKED).toBeGreaterThan(0.35);
  expect(together).toBeGreaterThan(popular * 1.3);
});

it("says which of one's apps speaks most for it, and never names an app one has", () => {
  const pair = (appId: string, otherId: string, peopleBoth: number): Pair => ({
    appId,
    otherId,
    peopleBoth,
    people: 40,
    otherPeople: 50,
  });
  const found = usedTogether(new Set(["a", "b"]), [
    pair("a", "x", 12),
    pair("b", "x", 6),
    pair("a", "b", 30),
    pair("c", "y", 9),
  ]);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ otherId: "x", because: { appId: "a", peopleBoth: 12, people: 40 } });
});

it("does not recommend to everybody what everybody uses anyway", () => {
  const common = { appId: "a", otherId: "everywhere", peopleBoth: 20, people: 40, otherPeople: 2_000 };
  const special = { appId: "a", otherId: "special", peopleBoth: 12, people: 40, otherPeople: 20 };
  expect(usedTogether(new Set(["a"]), [common, special]).map(({ otherId }) => otherId)).toEqual([
    "special",
    "everywhere",
  ]);
});
