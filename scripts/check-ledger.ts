// `npm run check-ledger`: whether the books are sound, as a table. Reads the local state (also while it runs), or production
// with `-- --production`. Writes nothing. Ends with 1 when something is wrong, with 2 when it could not look.

import { examineBooks, type BooksReport } from "../domain/books/prove-books.ts";
import { wallClock } from "../domain/clock.ts";
import { localDatabase, productionDatabase } from "./books/read-only-database.ts";
import { readSettings } from "./start/settings.ts";

const dollars = (cents: number): string => (cents / 100).toFixed(2).padStart(12);

function show({ checks, days, stripe, findings }: BooksReport): void {
  for (const { name, findings: count, rows } of checks) {
    console.log(`${count === 0 ? "  ok  " : " FAIL "} ${name}${count === 0 ? "" : ` (${count})`}`);
    for (const { row, expected, found } of rows) console.log(`         ${row}: should be ${expected}, is ${found}`);
  }
  console.log(
    `\nOur balance at Stripe, as read ${stripe.through ? `until ${new Date(stripe.through).toISOString()}` : "never"}`,
  );
  if (days.length > 0)
    console.log(`${"day".padEnd(12)}${["Stripe", "books", "on its way"].map((it) => it.padStart(12)).join("")}`);
  for (const { day, stripeCents, booksCents, inTransitCents } of days)
    console.log(`${day.padEnd(12)}${[stripeCents, booksCents, inTransitCents].map(dollars).join("")}`);
  console.log(
    findings === 0 ? "\nThe books are sound." : `\n${findings} rows are wrong. docs/accounting.md says what to do.`,
  );
}

try {
  const database = process.argv.includes("--production") ? productionDatabase() : localDatabase(readSettings());
  const { report } = await examineBooks(database, wallClock());
  show(report);
  process.exitCode = report.findings === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
