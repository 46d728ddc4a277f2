// The truth card of an app: what the marketplace itself measured of the last ninety days, nobody's promise. Rates are shown
// with what they rest on, and not at all where that is too little. docs/reviews.md.

import { LAUNCH_SECONDS } from "../../sdk/src/protocol/session.ts";
import { iso, isoOrNull, type Millis } from "../clock.ts";
import { appsToMeasure, measureTruth, readTruthCounts } from "./truth-store.ts";

export const TRUTH_DAYS = 90;
/** Under this many sessions a rate says more about chance than about the app. */
export const TRUTH_MIN_SESSIONS = 10;
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** Apps of one run; the oldest cards come first, so with more each has its turn. */
const APPS_MAX = 200;

/** `of` sessions, of which `count`; `rate` is null where `of` is too small. */
export interface Share {
  count: number;
  of: number;
  rate: number | null;
}
export interface TruthCard {
  providerId: string;
  /** Null before the first hour. */
  measuredAt: string | null;
  since: string | null;
  minimumSessions: number;
  /** Opened sessions whose app took the launch in time. */
  startSuccess: Share;
  /** From the click to the running meter, for 95 of 100 starts; null where starts are too few. */
  handshakeP95Ms: number | null;
  /** Sessions that ended in order: neither failed nor left behind. */
  completion: Share;
  /** Sessions that ended by a fault of the app; they cost nothing. */
  providerErrors: Share;
  /** Sessions somebody reported a problem with. */
  disputes: Share;
  /** Sessions of which tokens were given back after that. */
  refunds: Share;
  priceChanges: { count: number; lastAt: string | null };
}

export async function readTruthCard(db: D1Database, providerId: string): Promise<TruthCard> {
  const counts = await readTruthCounts(db, providerId);
  const { opened = 0, started = 0, settled = 0 } = counts ?? {};
  return {
    providerId,
    measuredAt: isoOrNull(counts?.at ?? null),
    since: isoOrNull(counts?.since ?? null),
    minimumSessions: TRUTH_MIN_SESSIONS,
    startSuccess: share(started, opened),
    handshakeP95Ms: started < TRUTH_MIN_SESSIONS ? null : (counts?.handshakeP95Ms ?? null),
    completion: share(counts?.completed ?? 0, settled),
    providerErrors: share(counts?.failed ?? 0, settled),
    disputes: share(counts?.complaints ?? 0, settled),
    refunds: share(counts?.returned ?? 0, settled),
    priceChanges: {
      count: Math.max(0, counts?.priceChanges ?? 0),
      lastAt: counts?.priceChangedAt ? iso(counts.priceChangedAt) : null,
    },
  };
}

/** A complaint may come from a session settled before the window, so a share never exceeds the whole. */
const share = (count: number, of: number): Share => ({
  count,
  of,
  rate: of < TRUTH_MIN_SESSIONS ? null : Math.min(1, count / of),
});

/** Measure the apps that were used in the last two hours, and any card older than a day. Repeatable. */
export async function measureTruthCards(db: D1Database, now: Millis): Promise<number> {
  const apps = await appsToMeasure(db, { since: now - 2 * HOUR_MS, staleBefore: now - DAY_MS, limit: APPS_MAX });
  for (const providerId of apps)
    await measureTruth(
      db,
      { providerId, since: now - TRUTH_DAYS * DAY_MS, startedBefore: now - LAUNCH_SECONDS * 1000 },
      now,
    );
  return apps.length;
}
