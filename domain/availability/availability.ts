// How an app is doing, as its owner sees it.

import { iso, isoOrNull } from "../clock.ts";
import { readHealth, type HealthRow } from "./health-store.ts";

const OUTAGES_SHOWN = 50;

/** `suspect`: the last check failed, and it is too early to say more. `never_answered`: nothing is concluded from that. */
export type Reachability = "unchecked" | "reachable" | "suspect" | "unreachable" | "never_answered";

export async function availabilityOf(db: D1Database, providerId: string) {
  const { health, outages } = await readHealth(db, providerId, OUTAGES_SHOWN);
  return {
    availability: {
      state: reachabilityOf(health),
      checkedAt: isoOrNull(health?.checkedAt),
      lastAnsweredAt: isoOrNull(health?.lastOkAt),
      responseCode: health?.lastCode ?? null,
      error: health?.lastError ?? null,
      unreachableSince: isoOrNull(health?.openSince),
    },
    outages: outages.map(({ openedAt, failingSince, closedAt, error, sessionsEnded }) => ({
      from: iso(openedAt),
      failingSince: iso(failingSince),
      until: isoOrNull(closedAt),
      error,
      sessionsEnded,
    })),
  };
}

function reachabilityOf(health: HealthRow | null): Reachability {
  if (!health?.checkedAt) return "unchecked";
  if (health.openSince !== null) return "unreachable";
  if (health.failingSince === null) return "reachable";
  return health.lastOkAt === null ? "never_answered" : "suspect";
}
