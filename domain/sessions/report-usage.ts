// Usage a provider's server reports. One D1 batch takes a whole request: each record is accepted or refused by itself, in
// order, and told why; the `tokens.consumed` events commit with the accepted records.

import type { ReportResult, UsageReport } from "../../sdk/src/protocol/session.ts";
import type { Millis } from "../clock.ts";
import { isId, newId } from "../ids.ts";
import { IDEMPOTENCY_KEY_MAX, MICRO, REPORT_AHEAD_MS, REPORT_LATE_MS, REPORT_UNITS_MAX } from "./limits.ts";
import type { ReportOperation, ReportRequest, ReportVerdict } from "./report-store.ts";

/** A record as it came: read, or why it could not be. */
export type ReceivedReport = { report: UsageReport } | { problem: string; sessionId?: string; idempotencyKey?: string };

export interface Reporter {
  providerId: string;
  mode: "live" | "test";
}

export interface ReportOutcome {
  results: ReportResult[];
  /** What ran out in this request. */
  depleted: { sessionId: string; meter: string }[];
  /** Totals of each session that took something, for its object's running figure. */
  totals: { sessionId: string; reports: number; usedMicro: Record<string, number> }[];
  /** Whether an endpoint or an open page shall hear of it. */
  isHeard: boolean;
}

/** Writes the records of one request; the ledger's writer groups what comes at once (durable-objects/ledger-writer.ts). */
export type WriteReports = (request: ReportRequest) => Promise<ReportVerdict[]>;

/**
 * Take up to 100 records. Idempotent by session and `idempotencyKey`: the same record again is `duplicate`, the same key
 * with another amount or meter `conflict`.
 * @returns one result per record, in order. Precedence: invalid, conflict or duplicate, too_late, session_closed, tokens_depleted.
 */
export async function reportUsage(
  write: WriteReports,
  reporter: Reporter,
  received: readonly ReceivedReport[],
  requestId: string,
  now: Millis,
): Promise<ReportOutcome> {
  const { providerId, mode } = reporter;
  const parsed = received.map((item) => ("report" in item ? parseReport(item.report, now) : { problem: item.problem }));
  const operations = parsed.flatMap((item, position) => ("problem" in item ? [] : [{ ...item, position }]));
  const verdicts =
    operations.length === 0
      ? []
      : await write({ providerId, mode, requestId, now, operations: withEventIds(operations, now) });
  const byPosition = new Map(verdicts.map((verdict) => [verdict.position, verdict]));
  const results = parsed.map((item, position): ReportResult => {
    const source = received[position]!;
    const { sessionId, idempotencyKey } = "report" in source ? source.report : source;
    const echo = { ...(sessionId && { sessionId }), ...(idempotencyKey && { idempotencyKey }) };
    if ("problem" in item) return { status: "invalid", message: item.problem, ...echo };
    return { ...describe(byPosition.get(position), mode), ...echo };
  });
  return {
    results,
    depleted: depletedOf(verdicts),
    totals: totalsOf(verdicts),
    isHeard: verdicts.some(({ isHeard }) => isHeard === 1),
  };
}

function describe(verdict: ReportVerdict | undefined, mode: Reporter["mode"]): ReportResult {
  if (!verdict)
    return { status: "unavailable", message: "This record could not be looked at. Send it again with the same key." };
  const { verdict: status, capMicro, usedMicro } = verdict;
  const message = messageFor(verdict, mode);
  return {
    status,
    ...(capMicro !== null && { remainingUnits: formatMicro(capMicro - usedMicro) }),
    ...(message && { message }),
  };
}

/** What to do about it; nothing for a record that counts. */
function messageFor({ verdict, closed, capMicro, meter }: ReportVerdict, mode: Reporter["mode"]): string | undefined {
  switch (verdict) {
    case "accepted":
    case "duplicate":
      return capMicro === null
        ? `This session's price has no reported meter "${meter}": kept as evidence, and nobody pays for it.`
        : undefined;
    case "session_closed":
      return closed === "unknown" ? NO_SESSION[mode] : CLOSED[closed ?? "over"];
    default:
      return MESSAGES[verdict];
  }
}

const MESSAGES = {
  conflict: "This key was used for another amount or meter. The first record stands.",
  too_late: "This happened more than 6 hours ago and can no longer be charged.",
  tokens_depleted: "This does not fit into what is still held; nothing was charged. Do not do the work.",
};
const CLOSED = {
  not_started: "Nobody has opened the app with this session yet: its launch is redeemed first. Nothing was charged.",
  too_early: "`at` lies before the start of this session; nothing was charged.",
  over: "This session is over; nothing was charged. Do not do the work.",
};
const NO_SESSION = {
  live: "No session of this app has this id. Sandbox sessions are reported with the test key (mk_test_...). Nothing was charged.",
  test: "No sandbox session of this app has this id. Real sessions are reported with a live key (mk_live_...). Nothing was charged.",
};

type Parsed = { problem: string } | Omit<ReportOperation, "position" | "eventId">;

function parseReport(report: UsageReport, now: Millis): Parsed {
  if (!isId(report.sessionId)) return { problem: "sessionId is not a session id." };
  if (!report.idempotencyKey || report.idempotencyKey.length > IDEMPOTENCY_KEY_MAX)
    return { problem: `idempotencyKey must have 1 to ${IDEMPOTENCY_KEY_MAX} characters.` };
  if ((report.amount === undefined) === (report.units === undefined))
    return { problem: "Give either amount (tokens) or units (of meter)." };
  const meter = report.meter ?? "token";
  if (report.amount !== undefined && meter !== "token")
    return { problem: "amount is in tokens; report other meters in units." };
  const unitsMicro =
    report.amount === undefined
      ? parseMicro(String(report.units))
      : Number.isInteger(report.amount)
        ? parseMicro(String(report.amount))
        : null;
  if (unitsMicro === null)
    return {
      problem: `${report.amount === undefined ? "units" : "amount"} must be a positive number of at most six decimals (amounts are whole tokens).`,
    };
  const occurredAt = report.at === undefined ? now : Date.parse(report.at);
  if (Number.isNaN(occurredAt)) return { problem: "at is not an ISO 8601 time." };
  if (occurredAt > now + REPORT_AHEAD_MS) return { problem: "at lies in the future." };
  return {
    sessionId: report.sessionId,
    key: report.idempotencyKey,
    meter,
    unitsMicro,
    occurredAt: Math.min(occurredAt, now),
    late: now - occurredAt > REPORT_LATE_MS,
  };
}

const DECIMAL = /^(\d{1,10})(?:\.(\d{1,6}))?$/;

/** Units as millionths, exactly; null for anything that is not a positive decimal within bounds. */
export function parseMicro(text: string): number | null {
  const match = DECIMAL.exec(text);
  if (!match || Number(match[1]) > REPORT_UNITS_MAX) return null;
  const micro = Number(match[1]) * MICRO + Number((match[2] ?? "").padEnd(6, "0"));
  return micro > 0 ? micro : null;
}

export function formatMicro(micro: number): string {
  const fraction = String(micro % MICRO)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${Math.floor(micro / MICRO)}${fraction && `.${fraction}`}`;
}

/** One `tokens.consumed` event per session of the request; its id is fixed before the write. */
function withEventIds<T extends { sessionId: string }>(operations: T[], now: Millis): (T & { eventId: string })[] {
  const ids = new Map<string, string>();
  return operations.map((operation) => {
    const eventId = ids.get(operation.sessionId) ?? newId(now);
    ids.set(operation.sessionId, eventId);
    return { ...operation, eventId };
  });
}

function depletedOf(verdicts: ReportVerdict[]): ReportOutcome["depleted"] {
  const seen = new Map(
    verdicts
      .filter(({ verdict }) => verdict === "tokens_depleted")
      .map(({ sessionId, meter }) => [`${sessionId} ${meter}`, { sessionId, meter }]),
  );
  return [...seen.values()];
}

function totalsOf(verdicts: ReportVerdict[]): ReportOutcome["totals"] {
  const totals = new Map<string, { sessionId: string; reports: number; usedMicro: Record<string, number> }>();
  for (const verdict of verdicts) {
    if (verdict.verdict !== "accepted" || verdict.capMicro === null) continue;
    const known = totals.get(verdict.sessionId) ?? { sessionId: verdict.sessionId, reports: 0, usedMicro: {} };
    known.reports = Math.max(known.reports, verdict.reports);
    known.usedMicro[verdict.meter] = Math.max(known.usedMicro[verdict.meter] ?? 0, verdict.usedMicro);
    totals.set(verdict.sessionId, known);
  }
  return [...totals.values()];
}
