// Usage records waiting to be sent together: 50 at a time or after 10 s, whichever comes first. A record leaves the
// queue only when the marketplace has answered it, and its key makes a second sending harmless. With a store
// (report-store.ts) a record also outlives the process.

import type { ReportResult, UsageReport } from "../protocol/session.ts";
import { ApiError, MarketplaceError } from "./errors.ts";
import { keptReports, type OnRecovered, type ReportStore } from "./report-store.ts";

export const QUEUE_FLUSH_RECORDS = 50;
export const QUEUE_FLUSH_MS = 10_000;
/** About 20 MB. Past that the marketplace has been away for long, and taking more would end this process instead. */
export const QUEUE_MAX_RECORDS = 100_000;

export type SendBatch = (reports: UsageReport[]) => Promise<ReportResult[]>;

export interface ReportQueue {
  /**
   * Resolves with this record's own result once it was answered; stays pending while the marketplace is away. Rejects when
   * the store did not keep it; it is not sent then.
   */
  add(report: UsageReport): Promise<ReportResult>;
  /** Sends all that waits. @throws what the sending threw; the records stay and are tried again after 10 s. */
  flush(): Promise<void>;
  readonly size: number;
}

interface Waiting {
  report: UsageReport;
  answer: (result: ReportResult) => void;
}

/**
 * @param sendBatch Answers one result per record, in order.
 * @param onError Hears of failed background flushes; nothing is lost by them.
 * @param kept What makes records outlive this process, and who hears of those an earlier one left.
 */
export function reportQueue(
  sendBatch: SendBatch,
  onError: (error: unknown) => void,
  kept?: { store: ReportStore; onRecovered: OnRecovered },
): ReportQueue {
  const keeping = kept && keptReports(kept.store, onError);
  let waiting: Waiting[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | null = null;

  async function sendAll(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    try {
      await recover();
      // Every record that waits now gets one chance; what is answered `unavailable` goes back to the end.
      for (let chances = waiting.length; chances > 0;) {
        const batch = waiting.slice(0, Math.min(chances, QUEUE_FLUSH_RECORDS));
        const results = await sendIsolating(
          batch.map((entry) => entry.report),
          sendBatch,
        );
        const again = batch.filter((entry, index) => !settle(entry, results[index]));
        await keeping?.forget(batch.filter((entry) => !again.includes(entry)).map(({ report }) => report));
        waiting = [...waiting.slice(batch.length), ...again];
        chances -= batch.length;
      }
    } finally {
      if (waiting.length > 0) arm();
    }
  }

  /** What earlier processes left stands first: it is the oldest. */
  async function recover(): Promise<void> {
    const left = (await keeping?.settle()) ?? [];
    const entries = left.map((report) => ({ report, answer: (result: ReportResult) => tell(report, result) }));
    if (entries.length > 0) waiting = [...entries, ...waiting];
  }
  const tell = (report: UsageReport, result: ReportResult) => {
    try {
      kept?.onRecovered(report, result);
    } catch (error) {
      onError(error);
    }
  };

  const arm = () => {
    timer ??= setTimeout(() => void flush().catch(onError), QUEUE_FLUSH_MS);
  };

  /** One sending at a time, so that no record is on its way twice; a later caller's records go in the next one. */
  function flush(): Promise<void> {
    const before = running ?? Promise.resolve();
    const own = before.then(sendAll, sendAll).finally(() => {
      if (running === own) running = null;
    });
    running = own;
    return own;
  }

  if (keeping) flush().catch(onError);

  return {
    add(report) {
      if (waiting.length >= QUEUE_MAX_RECORDS)
        return Promise.reject(
          new MarketplaceError("queue_full", `${QUEUE_MAX_RECORDS} usage records wait for the marketplace already.`),
        );
      return new Promise((answer, refuse) => {
        const wait = () => {
          waiting.push({ report, answer });
          if (waiting.length >= QUEUE_FLUSH_RECORDS && !running) flush().catch(onError);
          else arm();
        };
        const beingKept = keeping?.keep(report);
        if (beingKept) beingKept.then(wait, refuse);
        else wait();
      });
    },
    flush,
    get size() {
      return waiting.length;
    },
  };
}

/** A request refused as unreadable is halved until the record at fault stands alone: it must not hold up its neighbours. */
async function sendIsolating(reports: UsageReport[], sendBatch: SendBatch): Promise<ReportResult[]> {
  try {
    return await sendBatch(reports);
  } catch (error) {
    if (!(error instanceof ApiError && (error.status === 400 || error.status === 413))) throw error;
    if (reports.length === 1) return [{ status: "invalid", message: error.message }];
    const half = reports.length >> 1;
    const first = await sendIsolating(reports.slice(0, half), sendBatch);
    return [...first, ...(await sendIsolating(reports.slice(half), sendBatch))];
  }
}

/** False when the record must be sent again. */
function settle(entry: Waiting, result: ReportResult | undefined): boolean {
  if (!result || result.status === "unavailable") return false;
  entry.answer(result);
  return true;
}
