// Every promise of the books as one read each: a row that comes back breaks it. An area with books of its own adds its
// promises to `CHECKS` from a file of its own.

import { PAYMENT_CHECKS } from "../payments/payment-checks-store.ts";
import { PAYOUT_CHECKS } from "../payouts/checks-store.ts";
import { PLAN_CHECKS } from "../subscriptions/checks-store.ts";
import type { Check, Finding } from "./check.ts";
import { LEDGER_CHECKS } from "./ledger-checks-store.ts";
import { SESSION_CHECKS } from "./session-checks-store.ts";

/** Of a broken promise so many rows are shown; more say nothing more. */
const ROWS_MAX = 100;

export const CHECKS: readonly Check[] = [
  ...LEDGER_CHECKS,
  ...SESSION_CHECKS,
  ...PAYOUT_CHECKS,
  ...PAYMENT_CHECKS,
  ...PLAN_CHECKS,
];

/** Every promise that must hold at every moment, in one batch of reads. Empty when the books are sound. */
export async function findDiscrepancies(db: D1Database): Promise<Finding[]> {
  const answers = await db.batch<Omit<Finding, "check">>(
    CHECKS.map(({ sql }) => db.prepare(`${sql} LIMIT ${ROWS_MAX}`)),
  );
  return answers.flatMap(({ results }, index) =>
    results.map(({ row, expected, found }) => ({ check: CHECKS[index]!.name, row, expected, found })),
  );
}
