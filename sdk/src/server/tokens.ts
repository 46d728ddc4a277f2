// Reporting use. One call, one answer a record: do costly work only after `accepted`.

import { REPORT_BATCH_MAX, type ReportResult, type UsageReport } from "../protocol/session.ts";
import { ApiError, MarketplaceError, ReportRefusedError } from "./errors.ts";
import { send, waitBeforeRetry, type HttpSettings } from "./http.ts";
import { reportQueue, type ReportQueue } from "./report-queue.ts";
import type { OnRecovered, ReportStore } from "./report-store.ts";
import { reportTogether } from "./report-together.ts";

/** A usage record; without a key one is made, so that retries inside the call can never count twice. */
export type Usage = Omit<UsageReport, "idempotencyKey" | "sessionId"> & {
  /** Null, as `sessions.create` answers before the person consented, is refused with `consent_needed`. */
  sessionId: string | null;
  idempotencyKey?: string;
};

export interface Tokens {
  /**
   * Report one use and wait for the answer. Give your own `idempotencyKey` (the id of the job, say) when your code may
   * run twice for the same work. Calls that come while four requests are under way share the next one.
   *
   * @returns The result, `accepted` or `duplicate`.
   * @throws ReportRefusedError when it was not accepted (`error.result.status`): nothing was charged, do not do the work.
   */
  consume(usage: Usage): Promise<ReportResult>;
  /** Report many at once (up to 100 a request; more are split). One result per record, in order; nothing is thrown for a refused record. */
  report(usages: Usage[]): Promise<ReportResult[]>;
  /** Report later, together with others (50 records or 10 s). For work already done and cheap; the promise carries the record's own result. */
  enqueue(usage: Usage): Promise<ReportResult>;
  /** Send what waits. Call it before your process ends; in a Worker: `ctx.waitUntil(marketplace.tokens.flush())`. */
  flush(): Promise<void>;
  /** Records that wait to be sent. */
  readonly queued: number;
}

export function tokens(
  http: HttpSettings,
  now: () => number,
  onError: (error: unknown) => void,
  kept?: { store: ReportStore; onRecovered: OnRecovered },
): Tokens {
  const sendBatch = async (events: UsageReport[]): Promise<ReportResult[]> => {
    const { results } = await send<{ results: ReportResult[] }>(http, {
      method: "POST",
      path: "/v1/provider/tokens/report",
      body: { events },
    });
    if (!Array.isArray(results) || results.length !== events.length)
      throw new MarketplaceError("unreadable_answer", "The answer does not have one result per record.");
    return results;
  };
  const queue: ReportQueue = reportQueue(sendBatch, onError, kept);
  const reportOne = reportTogether(sendBatch);

  return {
    async consume(usage) {
      const event = withKey(usage);
      for (let attempt = 0; ; attempt++) {
        const result = await reportOne(event);
        if (result.status === "accepted" || result.status === "duplicate") return result;
        // `unavailable` is a 503 for one record.
        const waitMs = waitBeforeRetry(new ApiError(503, {}, null, null), attempt, http.random()) ?? 0;
        if (result.status !== "unavailable" || attempt >= http.retries) throw new ReportRefusedError(result);
        await http.sleep(waitMs);
      }
    },
    async report(usages) {
      const events = usages.map(withKey);
      const results: ReportResult[] = [];
      for (let at = 0; at < events.length; at += REPORT_BATCH_MAX)
        results.push(...(await sendBatch(events.slice(at, at + REPORT_BATCH_MAX))));
      return results;
    },
    // The time is noted now: the record may wait, and late ones are judged by when the work was done.
    enqueue: (usage) => queue.add({ at: new Date(now()).toISOString(), ...withKey(usage) }),
    flush: () => queue.flush(),
    get queued() {
      return queue.size;
    },
  };
}

function withKey(usage: Usage): UsageReport {
  if (!usage.sessionId)
    throw new MarketplaceError(
      "consent_needed",
      "There is no session id: send the person to the consentUrl of sessions.create first.",
    );
  return { ...usage, sessionId: usage.sessionId, idempotencyKey: usage.idempotencyKey ?? crypto.randomUUID() };
}
