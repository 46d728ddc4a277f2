// Who came to which app when, in the weeks before a fresh clone starts: invented once, the same for everybody. Pure: the
// books are written from it by history.ts.

import type { EndReason } from "../../sdk/src/protocol/session.ts";
import { MICRO } from "../../domain/sessions/limits.ts";

export interface Visit {
  person: number;
  slug: string;
  /** From 0 to WEEKS - 1, which is the week of the first start. */
  week: number;
  /** Since the Monday of that week, UTC. */
  minute: number;
  bookedMinutes: number;
  activeSeconds: number;
  endReason: EndReason;
  /** Single reports in micro-units, by meter. */
  reports: { meter: string; unitsMicro: number }[];
}

export const PEOPLE = 64;
export const WEEKS = 8;
const DAY_MINUTES = 24 * 60;
/** People come by day. */
const DAY_BEGINS_MINUTE = 8 * 60;
const DAY_LASTS_MINUTES = 12 * 60;
/** People settle down in the first weeks, fewer find an app in its later ones. */
const NEWCOMERS = [12, 10, 9, 8, 7, 7, 6, 5];
/** Chance of coming in each week after the first. */
const COMES_BACK = [0.75, 0.6, 0.5, 0.45, 0.42, 0.4, 0.38];
const BOOKED = [15, 30, 30, 30, 60, 60, 90];

/** Which apps are used, how often, and what is reported in them: at most so many units a session. */
const APPS: readonly { slug: string; share: number; report?: { meter: string; most: number; least: number } }[] = [
  { slug: "ai-writer-pro", share: 1 },
  { slug: "background-eraser", share: 0.35, report: { meter: "image", least: 2, most: 14 } },
  { slug: "second-pair", share: 0.3 },
  { slug: "storyboard-studio", share: 0.2, report: { meter: "scene", least: 3, most: 5 } },
  { slug: "meeting-scribe", share: 0.2 },
];

/** mulberry32: small, and the same everywhere. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Every visit, each person's own in the order in which they came. */
export function pastVisits(): Visit[] {
  const roll = dice(20_261_126);
  const visits: Visit[] = [];
  let person = 0;
  NEWCOMERS.forEach((newcomers, firstWeek) => {
    for (let one = 0; one < newcomers; one++, person++)
      for (let week = firstWeek; week < WEEKS; week++) {
        const chance = week === firstWeek ? 1 : COMES_BACK[week - firstWeek - 1]!;
        for (const app of APPS)
          if (roll() < chance * app.share || (week === firstWeek && app.share === 1))
            visits.push(visit(person, app, week, roll));
      }
  });
  return visits.toSorted((a, b) => a.person - b.person || a.week - b.week || a.minute - b.minute);
}

function visit(person: number, app: (typeof APPS)[number], week: number, roll: () => number): Visit {
  const bookedMinutes = BOOKED[Math.floor(roll() * BOOKED.length)]!;
  const minute = Math.floor(roll() * 7) * DAY_MINUTES + DAY_BEGINS_MINUTE + Math.floor(roll() * DAY_LASTS_MINUTES);
  const fate = roll();
  const endReason: EndReason =
    fate < 0.03
      ? "never_started"
      : fate < 0.05
        ? "provider_error"
        : fate < 0.1
          ? "abandoned"
          : fate < 0.2
            ? "time_expired"
            : "user_ended";
  const used = endReason === "time_expired" ? 1 : 0.25 + roll() * 0.6;
  const activeSeconds = endReason === "never_started" ? 0 : Math.floor(bookedMinutes * 60 * used);
  const counted = app.report && endReason !== "never_started" && endReason !== "provider_error" ? app.report : null;
  const units = counted ? counted.least + Math.floor(roll() * (counted.most - counted.least + 1)) : 0;
  return {
    person,
    slug: app.slug,
    week,
    minute,
    bookedMinutes,
    activeSeconds,
    endReason,
    reports: counted ? [{ meter: counted.meter, unitsMicro: units * MICRO }] : [],
  };
}
