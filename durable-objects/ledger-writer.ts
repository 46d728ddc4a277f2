// The writer of one D1 database: requests that come at once commit together, because a call to D1 costs far more than a row
// in it. It holds no state and decides nothing; D1 does. Losing it loses nothing that was answered.

import { DurableObject } from "cloudflare:workers";
import { GroupCommit } from "../domain/ledger/group-commit.ts";
import { insertReports, type ReportRequest, type ReportVerdict } from "../domain/sessions/report-store.ts";
import { insertSessions, type CreateOperation } from "../domain/sessions/store.ts";
import type { Env } from "../workers/env.ts";

/** Rows of one statement; its JSON parameter stays well under D1's 2 MB. */
const REPORT_REQUESTS_MAX = 100;
const CREATIONS_MAX = 50;
/** The best of 0, 2 and 5 ms under load (docs/benchmarks.md). */
const GATHER_MS = 4;

export class LedgerWriter extends DurableObject<Env> {
  #reports = new GroupCommit<ReportRequest, ReportVerdict[]>({
    commit: (requests) => insertReports(this.env.DB, requests),
    itemsMax: REPORT_REQUESTS_MAX,
    gatherMs: GATHER_MS,
  });
  #creations = new GroupCommit<CreateOperation, boolean>({
    commit: async (operations) => {
      const created = await insertSessions(this.env.DB, operations);
      return operations.map(({ session }) => created.has(session.id));
    },
    itemsMax: CREATIONS_MAX,
    gatherMs: GATHER_MS,
    // The first of two requests with one Idempotency-Key must be in the books before the second is looked at.
    keyOf: ({ idempotency }) => idempotency && `${idempotency.principal} ${idempotency.route} ${idempotency.keyHash}`,
  });

  report(request: ReportRequest): Promise<ReportVerdict[]> {
    return this.#reports.add(request);
  }

  /** @returns whether the session is in the books. */
  createSession(operation: CreateOperation): Promise<boolean> {
    return this.#creations.add(operation);
  }
}
