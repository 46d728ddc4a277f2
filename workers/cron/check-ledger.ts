// Hourly proof that the books are sound. A finding is said loudly, with its rows, and nothing is silently repaired.

import { proveBooks } from "../../domain/books/prove-books.ts";
import type { Millis } from "../../domain/clock.ts";
import type { Env } from "../env.ts";

const FINDINGS_SHOWN = 50;

export async function checkLedger(env: Env, now: Millis): Promise<void> {
  const { report, findings } = await proveBooks(env, "cron", now);
  if (report.stripe.isStale)
    console.error(JSON.stringify({ message: "the books were checked without Stripe", at: now }));
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
