// Where queued reports wait so that they outlive the process that made them: a contract of three calls, and how the queue
// keeps to it. The store for Node is in ../../node.ts; a Worker can bring one over KV, D1 or whatever it has.

import type { ReportResult, UsageReport } from "../protocol/session.ts";

export interface ReportStore {
  /**
   * Keep a record. It counts as taken once this returned, or its promise resolved: from then on it must come back from
   * `load` until it is removed. What it throws is thrown to the caller of `enqueue`, and the record is not sent.
   */
  append(report: UsageReport): void | Promise<void>;
  /** The marketplace answered these records (by `idempotencyKey`): forget them. Unknown keys are no error. */
  remove(idempotencyKeys: string[]): void | Promise<void>;
  /** What earlier processes left, oldest first. Called once at the start, and again if it threw. */
  load(): UsageReport[] | Promise<UsageReport[]>;
}

/** Hears what became of a record that an earlier process had queued: nobody waits for its promise any more. */
export type OnRecovered = (report: UsageReport, result: ReportResult) => void;

export interface KeptReports {
  /** Resolves, or has happened already (`undefined`), once the record is kept. */
  keep(report: UsageReport): Promise<void> | undefined;
  /** Waits for what is being kept, then gives what earlier processes left, once. */
  settle(): Promise<UsageReport[]>;
  forget(reports: UsageReport[]): Promise<void>;
}

/** @param onError Hears when the store cannot load or forget; sending goes on, and a record sent twice counts once. */
export function keptReports(store: ReportStore, onError: (error: unknown) => void): KeptReports {
  const beingKept = new Set<Promise<unknown>>();
  // Until the store was read: a record of this process must not come back as one of an earlier.
  let own: Set<string> | null = new Set();

  return {
    keep(report) {
      own?.add(report.idempotencyKey);
      const kept = store.append(report);
      if (!kept) return undefined;
      const tracked: Promise<void> = kept.finally(() => beingKept.delete(tracked));
      beingKept.add(tracked);
      return tracked;
    },
    async settle() {
      await Promise.allSettled(beingKept);
      if (!own) return [];
      try {
        const left = await store.load();
        const mine = own;
        own = null;
        return left.filter(({ idempotencyKey }) => !mine.has(idempotencyKey));
      } catch (error) {
        onError(error);
        return [];
      }
    },
    async forget(reports) {
      if (reports.length === 0) return;
      try {
        await store.remove(reports.map(({ idempotencyKey }) => idempotencyKey));
      } catch (error) {
        onError(error);
      }
    },
  };
}
