// What the owner of an app sees of its use: views, starts and ends, days, who comes back, what was counted, what went wrong.
// Sums only; a group of people smaller than PEOPLE_MIN is not shown, so that no figure is about somebody.

import { iso, type Millis } from "../clock.ts";
import {
  cohortsStatement,
  daysStatement,
  FIRST_MONDAY,
  funnelStatement,
  metersStatement,
  WEEK_MS,
  type CohortRow,
  type DayRow,
  type FunnelRow,
  type MeterRow,
} from "./analytics-store.ts";
import { DAY_MS, dayOf, readDayCounts, type DayCountRow } from "./day-counts-store.ts";

export const ANALYTICS_DAYS_DEFAULT = 28;
export const ANALYTICS_DAYS_MAX = 90;
/** Smaller groups of people are not told apart from nobody. */
export const PEOPLE_MIN = 5;
/** Cohorts that are shown, the present week among them. */
const COHORT_WEEKS = 8;

/** The last `days` days to now, the present one included, in UTC. */
export async function readAnalytics(db: D1Database, it: { providerId: string; days: number }, now: Millis) {
  const firstDay = dayOf(now) - it.days + 1;
  const range = { providerId: it.providerId, from: firstDay * DAY_MS, to: now + 1 };
  const before = { ...range, from: range.from - it.days * DAY_MS, to: range.from };
  const thisWeek = Math.floor((now - FIRST_MONDAY) / WEEK_MS);
  const weeks = { ...range, from: FIRST_MONDAY + (thisWeek - COHORT_WEEKS + 1) * WEEK_MS };
  const [answers, counts] = await Promise.all([
    db.batch([
      funnelStatement(db, range),
      funnelStatement(db, before),
      daysStatement(db, range),
      metersStatement(db, range),
      cohortsStatement(db, weeks),
    ]),
    readDayCounts(db, { providerId: it.providerId, mode: "live", sinceDay: firstDay - it.days }),
  ]);
  const [now_, then, days, meters, cohorts] = answers as unknown as [
    { results: FunnelRow[] },
    { results: FunnelRow[] },
    { results: DayRow[] },
    { results: MeterRow[] },
    { results: CohortRow[] },
  ];
  const isInRange = ({ day }: DayCountRow): boolean => day >= firstDay;
  const current = counts.filter(isInRange);
  return {
    from: iso(range.from),
    to: iso(now),
    peopleMin: PEOPLE_MIN,
    conversion: conversionOf(now_.results[0]!, viewsOf(current)),
    before: conversionOf(then.results[0]!, viewsOf(counts.filter((count) => !isInRange(count)))),
    days: everyDay(firstDay, it.days, days.results, current),
    meters: metersOf(days.results, meters.results),
    retention: retentionOf(cohorts.results, thisWeek),
    errors: errorsOf(current),
  };
}
export type Analytics = Awaited<ReturnType<typeof readAnalytics>>;

const viewsOf = (counts: readonly DayCountRow[]): number =>
  counts.reduce((sum, { kind, count }) => sum + (kind === "view" ? count : 0), 0);

function conversionOf({ people, ...row }: FunnelRow, views: number) {
  return { views, ...row, people: people === 0 || people >= PEOPLE_MIN ? people : null };
}

/** One row for each day, also for those on which nothing happened. */
function everyDay(firstDay: number, days: number, rows: readonly DayRow[], counts: readonly DayCountRow[]) {
  const byDay = new Map(rows.map((row) => [row.day, row]));
  return Array.from({ length: days }, (_, index) => {
    const day = firstDay + index;
    const row = byDay.get(day);
    return {
      date: iso(day * DAY_MS).slice(0, 10),
      views: viewsOf(counts.filter((count) => count.day === day)),
      started: row?.started ?? 0,
      finished: row?.finished ?? 0,
      activeSeconds: row?.activeSeconds ?? 0,
      grossTokens: row?.grossTokens ?? 0,
      netTokens: row?.netTokens ?? 0,
    };
  });
}

/** Active time counts for every app, priced or not. */
function metersOf(days: readonly DayRow[], reported: readonly MeterRow[]) {
  const seconds = days.reduce((sum, { activeSeconds }) => sum + activeSeconds, 0);
  const started = days.reduce((sum, row) => sum + row.started, 0);
  return [{ meter: "second", sessions: started, units: seconds }, ...reported];
}

/**
 * Cohorts by their first week, oldest first. `weeks[n]` says how many of them were there n weeks later; null for figures of
 * fewer than PEOPLE_MIN people, 0 apart. A cohort that is too small shows nothing at all.
 */
function retentionOf(rows: readonly CohortRow[], thisWeek: number) {
  return Array.from({ length: COHORT_WEEKS }, (_, index) => {
    const cohort = thisWeek - COHORT_WEEKS + 1 + index;
    const own = rows.filter((row) => row.cohort === cohort);
    const size = own.find(({ later }) => later === 0)?.people ?? 0;
    const isShown = size >= PEOPLE_MIN;
    return {
      week: iso(FIRST_MONDAY + cohort * WEEK_MS).slice(0, 10),
      people: isShown || size === 0 ? size : null,
      weeks: Array.from({ length: isShown ? thisWeek - cohort + 1 : 0 }, (__, later) => {
        const people = own.find((row) => row.later === later)?.people ?? 0;
        return people === 0 || people >= PEOPLE_MIN ? people : null;
      }),
    };
  });
}

function errorsOf(counts: readonly DayCountRow[]) {
  const byKind = new Map<string, { count: number; lastAt: Millis }>();
  for (const { kind, count, lastAt } of counts) {
    if (kind === "view") continue;
    const known = byKind.get(kind) ?? { count: 0, lastAt: 0 };
    byKind.set(kind, { count: known.count + count, lastAt: Math.max(known.lastAt, lastAt) });
  }
  return [...byKind]
    .map(([kind, { count, lastAt }]) => {
      const [what, code] = kind.split(":") as ["report" | "launch", string];
      return { what, code, count, lastAt: iso(lastAt) };
    })
    .toSorted((a, b) => b.count - a.count);
}
