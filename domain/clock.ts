// The only reader of the wall clock. Callers take `now` here once per request, alarm or message and pass it on, so that
// one request has one time and tests can set it.

/** Milliseconds since the epoch (UTC). */
export type Millis = number;

export const wallClock = (): Millis => Date.now();

/** ISO 8601 UTC with milliseconds, the wire form of every time. */
export const iso = (at: Millis): string => new Date(at).toISOString();
export const isoOrNull = (at: Millis | null | undefined): string | null => (at == null ? null : iso(at));
