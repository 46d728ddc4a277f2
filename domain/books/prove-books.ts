// The proof that the books are sound: every promise checked, Stripe's list compared, what is broken raised as an alert with
// its rows. Nothing is repaired: a person decides, and corrects by another posting.

import type { Millis } from "../clock.ts";
import type { StripeEnv } from "../gateways/stripe.ts";
import { newId, sha256Hex } from "../ids.ts";
import { raiseStatement } from "./alert-store.ts";
import type { Finding } from "./check.ts";
import { CHECKS, findDiscrepancies } from "./check-store.ts";
import { CLEARING_BY_DAY, CLEARING_IN_ALL, compareWithStripe, type DayOfMoney } from "./compare-stripe.ts";
import { mirrorStripe } from "./mirror-stripe.ts";
import { readRuns, runStatements, type RunRow } from "./run-store.ts";
import { readSides, readThrough } from "./stripe-store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Days that are compared one by one; what is older is compared in all. */
const DAYS_COMPARED = 35;
/** Further back than them, so that what was posted in them finds its partner: Stripe tells us of something this late at most. */
const DAYS_MARGIN = 31;
const RUNS_KEPT_MS = 90 * DAY_MS;
const RUNS_SHOWN = 24;
/** Rows an alert carries and a report shows of one promise. */
const ROWS_SHOWN = 20;

export interface BooksReport {
  at: Millis;
  checks: { name: string; says: string; findings: number; rows: Omit<Finding, "check">[] }[];
  days: DayOfMoney[];
  stripe: {
    /** Up to when Stripe's list was read; null: never. */
    through: Millis | null;
    /** Stripe did not answer this time: what was read before is compared. */
    isStale: boolean;
    inTransitCents: number;
  };
  findings: number;
}

const STRIPE_PROMISES = [
  { name: CLEARING_BY_DAY, says: "What we posted against Stripe on a day is what Stripe's list says of that day." },
  { name: CLEARING_IN_ALL, says: "Everything we posted against Stripe is everything Stripe's list says." },
];

/** Check everything now, and keep the result. Safe to run at any time, and at once from two places. */
export async function proveBooks(
  env: StripeEnv & { DB: D1Database },
  cause: RunRow["cause"],
  now: Millis,
): Promise<{ report: BooksReport; findings: Finding[]; stripeError: unknown }> {
  // Our own promises are checked whatever Stripe does.
  const stripeError = await mirrorStripe(env, now).then(
    () => null,
    (error: unknown) => error,
  );
  const { report, findings } = await examineBooks(env.DB, now, stripeError !== null);
  await env.DB.batch([
    ...(await alertStatements(env.DB, report, now)),
    ...runStatements(
      env.DB,
      { id: newId(now), at: now, cause, findings: findings.length, report: JSON.stringify(report) },
      now - RUNS_KEPT_MS,
    ),
  ]);
  return { report, findings, stripeError };
}

/** The same without writing anything: for a look from outside. */
export async function examineBooks(
  db: D1Database,
  now: Millis,
  isStale = false,
): Promise<{ report: BooksReport; findings: Finding[] }> {
  const through = (await readThrough(db))?.through ?? null;
  const from = now - (now % DAY_MS) - DAYS_COMPARED * DAY_MS;
  const ours = await findDiscrepancies(db);
  const compared =
    through === null
      ? { days: [], findings: [], inTransit: 0 }
      : compareWithStripe(await readSides(db, from - DAYS_MARGIN * DAY_MS), { from, through, now });
  const findings = [...ours, ...compared.findings];
  const checks = [...CHECKS, ...STRIPE_PROMISES].map(({ name, says }) => {
    const broken = findings.filter(({ check }) => check === name);
    const rows = broken.slice(0, ROWS_SHOWN).map(({ row, expected, found }) => ({ row, expected, found }));
    return { name, says, findings: broken.length, rows };
  });
  return {
    report: {
      at: now,
      checks,
      days: compared.days,
      stripe: { through, isStale, inTransitCents: compared.inTransit },
      findings: findings.length,
    },
    findings,
  };
}

/** One alert for each broken promise and the rows that break it; the same rows again are the same alert. */
const alertStatements = (db: D1Database, { checks }: BooksReport, now: Millis): Promise<D1PreparedStatement[]> =>
  Promise.all(
    checks
      .filter(({ findings }) => findings > 0)
      .map(async ({ name, findings, rows }) =>
        raiseStatement(db, {
          id: newId(now),
          key: `books:${await sha256Hex(JSON.stringify([name, rows]))}`,
          area: "books",
          title: name,
          rows,
          rowCount: findings,
          at: now,
        }),
      ),
  );

/** The last report and the runs so far, without checking anything. */
export async function lastReport(db: D1Database): Promise<{ report: BooksReport | null; runs: RunRow[] }> {
  const { report, runs } = await readRuns(db, RUNS_SHOWN);
  return { report: report === null ? null : (JSON.parse(report) as BooksReport), runs };
}
