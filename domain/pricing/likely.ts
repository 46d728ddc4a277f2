// What a session will likely cost: what real ones came to. Said only where enough of them were settled at the very same
// price and of about the same length; otherwise the answer is that there are too few.

/** Fewer settled sessions say nothing about the next one, and would show what single people did. */
export const LIKELY_SESSIONS_MIN = 20;
/** Lengths that are counted together, by the longest of each group in seconds. */
export const DURATION_BUCKETS = [900, 1800, 3600, 7200, 10_800] as const;

/** What settled sessions of one price version and one group of lengths came to, in tokens. */
export interface SessionStats {
  bucketSeconds: number;
  sessions: number;
  /** A quarter of the sessions came to at most this; half to the median; three quarters to the high figure. */
  lowTokens: number;
  medianTokens: number;
  highTokens: number;
}

export type Likely =
  | { basis: "sessions"; sessions: number; lowTokens: number; medianTokens: number; highTokens: number }
  | { basis: "too_few"; sessions: number; sessionsMin: number };

/** The group a duration is counted in. */
export const bucketOf = (durationSeconds: number): number =>
  DURATION_BUCKETS.find((bucket) => durationSeconds <= bucket) ?? DURATION_BUCKETS.at(-1)!;

/** @param mostTokens No figure is above what can be charged at all. */
export function likelyOf(stats: readonly SessionStats[], durationSeconds: number, mostTokens: number): Likely {
  const known = stats.find(({ bucketSeconds }) => bucketSeconds === bucketOf(durationSeconds));
  if (!known || known.sessions < LIKELY_SESSIONS_MIN)
    return { basis: "too_few", sessions: known?.sessions ?? 0, sessionsMin: LIKELY_SESSIONS_MIN };
  const { sessions, lowTokens, medianTokens, highTokens } = known;
  return {
    basis: "sessions",
    sessions,
    lowTokens: Math.min(lowTokens, mostTokens),
    medianTokens: Math.min(medianTokens, mostTokens),
    highTokens: Math.min(highTokens, mostTokens),
  };
}
