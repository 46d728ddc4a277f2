// What a fresh clone's past is made of, before it is written: believable, in order, and within what people bought.

import { describe, expect, it } from "vitest";
import { SEEDED_APPS } from "../../scripts/seed/apps.ts";
import { PEOPLE, pastVisits, WEEKS } from "../../scripts/seed/past-visits.ts";

describe("the seeded history", () => {
  const visits = pastVisits();

  it("is the same every time", () => {
    expect(pastVisits()).toEqual(visits);
    expect(visits.length).toBeGreaterThan(300);
    expect(visits.length).toBeLessThan(1_000);
  });

  it("has every person come first in the order of their weeks, to apps there are", () => {
    expect(new Set(visits.map(({ person }) => person)).size).toBe(PEOPLE);
    const slugs = new Set(SEEDED_APPS.map(({ slug }) => slug));
    for (const [index, visit] of visits.entries()) {
      expect(slugs).toContain(visit.slug);
      expect(visit.week).toBeLessThan(WEEKS);
      expect(visit.activeSeconds).toBeLessThanOrEqual(visit.bookedMinutes * 60);
      const before = visits[index - 1];
      if (before?.person === visit.person) expect(visit.week).toBeGreaterThanOrEqual(before.week);
    }
  });
});
