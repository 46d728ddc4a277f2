// Bounds of a session that only the server needs; those both sides need are in sdk/src/protocol/session.ts.

/** A report of something older is refused (`too_late`). Also written in migrations/0003_sessions.sql (usage_reports_admit). */
export const REPORT_LATE_MS = 6 * 60 * 60 * 1000;
/** A provider's clock may run ahead by this much; `at` beyond it is refused as invalid. */
export const REPORT_AHEAD_MS = 5 * 60 * 1000;
/** Most extensions of one session; the 12 h cap is reached long before. */
export const EXTENSIONS_MAX = 100;
/** Reported units are kept in millionths, so six decimals are exact. */
export const MICRO = 1_000_000;
/** The largest quantity one report may carry, in units. */
export const REPORT_UNITS_MAX = 1_000_000_000;
export const IDEMPOTENCY_KEY_MAX = 200;
export const TAGS_MAX = 10;
export const TAG_LENGTH_MAX = 64;
/**
 * While the clock runs, the times of a page's automatic answers are read this long after the last one known: soon enough that
 * the next is known before that one counts as lost, also where the alarm is 15 s late.
 */
export const CHECKPOINT_SECONDS = 75;
/** Out of reported units and nothing else is paid for: the person has this long to extend before the session ends. */
export const DEPLETION_GRACE_SECONDS = 15;
/** First wait before a failed settlement is tried again; doubles up to the maximum. */
export const SETTLE_RETRY_SECONDS = 2;
export const SETTLE_RETRY_MAX_SECONDS = 300;
