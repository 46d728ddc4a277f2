// What a promise of the books is, and what breaks it.

export interface Check {
  name: string;
  /** What it promises, for people. */
  says: string;
  /** Answers `row` (what breaks it), `expected` and `found`: tokens for TOK, cents for USD, 1 and 0 for there and missing. */
  sql: string;
}

/** One broken promise of the books, with the row that shows it. */
export interface Finding {
  check: string;
  row: string;
  expected: number;
  found: number;
}
