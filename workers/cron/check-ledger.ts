// Hourly proof that the books are sound. A finding is said loudly, with its rows, and nothing is silently repaired.

import type { Millis } from "../../domain/clock.ts";
import { findDiscrepancies } from "../../domain/ledger/store.ts";
import type { Env } from "../env.ts";

const FINDINGS_SHOWN = 50;

export async function checkLedger(env: Env, now: Millis): Promise<void> {
  const findings = await findDiscrepancies(env.DB);
  if (findings.length === 0) return;
  console.error(
    JSON.stringify({
      message: "the ledger does not balance",
      at: now,
      count: findings.length,
      findings: findings.slice(0, FINDINGS_SHOWN),
    }),
  );
}
