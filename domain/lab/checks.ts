// What the lab looks at, and how a finding is said. docs/lab.md says the same to people.

/** Raised when checks are added or become stricter: a badge names the version it was earned with. */
export const LAB_VERSION = 1;

export const CHECKS = [
  "page_opens",
  "sdk_present",
  "token_not_repeated",
  "token_replayed",
  "token_wrong_audience",
  "token_expired",
  "token_tampered",
  "foreign_return",
  "virtual_hour",
  "webhooks_accepted",
  "webhooks_repeated",
  "webhooks_late",
  "webhooks_unknown",
  "webhooks_forged",
  "webhooks_tampered",
  "webhooks_stale",
  "reports_seen",
  "reports_in_time",
] as const;
export type CheckId = (typeof CHECKS)[number];

/** `warning`: not wrong, and worth a look. `skipped`: does not apply, or could not be looked at. Only `failed` costs the badge. */
export type Verdict = "passed" | "failed" | "warning" | "skipped";

export interface Finding {
  check: CheckId;
  verdict: Verdict;
  /** What was seen, with its figures. */
  found: string;
  /** What to do about it; null where nothing is to be done. */
  mend: string | null;
}

export const passed = (check: CheckId, found: string): Finding => ({ check, verdict: "passed", found, mend: null });
export const failed = (check: CheckId, found: string, mend: string): Finding => ({
  check,
  verdict: "failed",
  found,
  mend,
});
export const warned = (check: CheckId, found: string, mend: string): Finding => ({
  check,
  verdict: "warning",
  found,
  mend,
});
export const skipped = (check: CheckId, found: string, mend: string | null = null): Finding => ({
  check,
  verdict: "skipped",
  found,
  mend,
});
