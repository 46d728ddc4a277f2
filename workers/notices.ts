// What an operator must hear of, as log lines. The row behind each stays in D1; docs/stripe-live.md says what to do with it.

import type { CaughtUp, Notice } from "../domain/payments/notice.ts";

export function logNotices(notices: Notice[]): void {
  for (const notice of notices) console.error(JSON.stringify(notice));
}

export function logCaughtUp({ notices, failures }: CaughtUp): void {
  logNotices(notices);
  for (const failure of failures) console.error(JSON.stringify({ message: "could not be reconciled", ...failure }));
}
