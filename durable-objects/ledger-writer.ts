// The writer of one D1 database: requests that come at once commit together, because a call to D1 costs far more than a row
// in it. It holds no state and decides nothing; D1 does. Losing it loses nothing that was answered.

import { DurableObject } from "cloudflare:workers";
import { GroupCommit } from "../domain/ledger/group-commit.ts";
import { commitTogether, type Write, type WriteKind, type Writes } from "../domain/sessions/commit-together.ts";
import type { Env } from "../workers/env.ts";

/** Operations of one batch; the JSON parameter of each kind stays well under D1's 2 MB. */
const OPERATIONS_MAX = 100;
/** The best of 0, 2 and 5 ms under load (docs/benchmarks.md). */
const GATHER_MS = 4;

export class LedgerWriter extends DurableObject<Env> {
  #group = new GroupCommit<Write, Writes[WriteKind]["answer"]>({
    commit: (writes) => commitTogether(this.env.DB, writes),
    itemsMax: OPERATIONS_MAX,
    gatherMs: GATHER_MS,
    keyOf,
  });

  /** Commit one write. @returns its own answer, once it is in the books or was left out. */
  write(write: Write): Promise<Writes[WriteKind]["answer"]> {
    return this.#group.add(write);
  }
}

/** Two that decide about the same thing do not share a batch: the second must find the first in the books. */
function keyOf(write: Write): string | null {
  switch (write.kind) {
    case "create": {
      const { idempotency } = write.operation;
      return idempotency && `create ${idempotency.principal} ${idempotency.route} ${idempotency.keyHash}`;
    }
    case "start":
    case "close":
      return `${write.kind} ${write.operation.sessionId}`;
    case "report":
      return null;
  }
}
