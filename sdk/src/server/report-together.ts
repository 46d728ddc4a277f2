// What `consume` is asked at once travels together: a few requests are under way at a time, and what is reported meanwhile
// goes with the next. Nothing waits where nothing is under way, and every call hears its own record's answer.

import { REPORT_BATCH_MAX, type ReportResult, type UsageReport } from "../protocol/session.ts";
import { ApiError } from "./errors.ts";
import type { SendBatch } from "./report-queue.ts";

/** Requests under way at once, by one client. */
export const REQUESTS_AT_ONCE = 4;

interface Waiting {
  report: UsageReport;
  answer: (result: ReportResult) => void;
  refuse: (error: unknown) => void;
}

/**
 * @param sendBatch Answers one result per record, in order.
 * @param requestsAtOnce `Infinity`: each record at once, by itself.
 * @returns reports one record; throws what its request threw.
 */
export function reportTogether(
  sendBatch: SendBatch,
  requestsAtOnce = isInWorkers() ? Infinity : REQUESTS_AT_ONCE,
): (report: UsageReport) => Promise<ReportResult> {
  let waiting: Waiting[] = [];
  let underWay = 0;

  function sendNext(): void {
    while (waiting.length > 0 && underWay < requestsAtOnce) {
      const group = take();
      underWay++;
      void deliver(group).finally(() => {
        underWay--;
        sendNext();
      });
    }
  }

  /** The longest waiting, one of each session: whoever hears of a report by webhook hears of each by itself. */
  function take(): Waiting[] {
    const sessions = new Set<string>();
    const group: Waiting[] = [];
    const rest: Waiting[] = [];
    for (const one of waiting) {
      const { sessionId } = one.report;
      const fits = group.length < REPORT_BATCH_MAX && !sessions.has(sessionId);
      if (fits) sessions.add(sessionId);
      (fits ? group : rest).push(one);
    }
    waiting = rest;
    return group;
  }

  /** A request refused as unreadable is halved until the record at fault stands alone: it must not fail its neighbours. */
  async function deliver(group: Waiting[]): Promise<void> {
    try {
      const results = await sendBatch(group.map(({ report }) => report));
      for (const [index, { answer }] of group.entries()) answer(results[index]!);
    } catch (error) {
      if (group.length > 1 && error instanceof ApiError && (error.status === 400 || error.status === 413)) {
        const half = group.length >> 1;
        await deliver(group.slice(0, half));
        return deliver(group.slice(half));
      }
      for (const { refuse } of group) refuse(error);
    }
  }

  return (report) =>
    new Promise((answer, refuse) => {
      waiting.push({ report, answer, refuse });
      sendNext();
    });
}

/**
 * In Cloudflare Workers one request may not wait for what another one sent
 * (developers.cloudflare.com/workers/observability/errors/, "Cannot perform I/O on behalf of a different request").
 */
const isInWorkers = (): boolean =>
  (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent === "Cloudflare-Workers";
