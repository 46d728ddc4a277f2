// A disputed slice as the wire shows it, and an app's accuracy.

import { iso, isoOrNull, type Millis } from "../clock.ts";
import { formatMicro } from "../pricing/decimal.ts";
import { readAgreement, type Slice } from "./store.ts";

export const sliceView = (it: Slice) => ({
  sessionId: it.sessionId,
  providerId: it.providerId,
  providerName: it.providerName,
  status: it.status,
  tokens: it.tokens,
  meters: it.meters.map(({ meter, countedMicro, reportedMicro }) => ({
    meter,
    countedUnits: formatMicro(countedMicro),
    reportedUnits: formatMicro(reportedMicro),
  })),
  openedAt: iso(it.openedAt),
  dueAt: it.status === "closed" ? null : iso(it.dueAt),
  evidence: it.evidence,
  note: it.note,
  shownAt: isoOrNull(it.shownAt),
  provenTokens: it.shownAt === null ? null : it.provenTokens,
  contest: it.contest,
  contestedAt: isoOrNull(it.contestedAt),
  outcome: it.outcome,
  chargedTokens: it.chargedTokens,
  returnedTokens: it.status === "closed" ? it.tokens - it.chargedTokens : 0,
  reason: it.reason,
  closedAt: isoOrNull(it.closedAt),
});
export type SliceView = ReturnType<typeof sliceView>;

const DAY_MS = 24 * 60 * 60 * 1000;
/** Long enough to mean something, short enough to be about the app as it is now. */
const ACCURACY_DAYS = 90;

/** How often an app's reports agree with what people's pages saw. `ratio` is null where nothing was compared. */
export async function readAccuracy(db: D1Database, providerId: string, now: Millis) {
  const { compared, agreed } = await readAgreement(db, providerId, Math.floor(now / DAY_MS) - ACCURACY_DAYS);
  return {
    days: ACCURACY_DAYS,
    comparedFigures: compared,
    agreedFigures: agreed,
    ratio: compared === 0 ? null : Math.floor((agreed / compared) * 10_000) / 10_000,
  };
}
