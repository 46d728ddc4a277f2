// The outbox rows of sessions, written in the batch of their cause (docs/decisions/0004-transactional-outbox.md).

import { OPERATIONS } from "../ledger/batch-part.ts";
import { fannedAtSql } from "../webhooks/listeners-store.ts";
import type { SessionEvent } from "./events.ts";

/**
 * Rows for every event of the operations whose condition holds.
 *
 * @param condition SQL over `op`, the JSON of one event with its operation's id as `of`, and `session`, its row.
 */
export const outboxStatement = (
  db: D1Database,
  operations: readonly { id?: string; events: SessionEvent[] }[],
  condition = "true",
): D1PreparedStatement =>
  db
    .prepare(
      `${OPERATIONS} INSERT INTO outbox (id, type, provider_id, user_id, session_id, data, at, fanned_at)
       SELECT op.value->>'id', op.value->>'type', op.value->>'providerId', session.user_id, op.value->>'sessionId',
         op.value->'data', op.value->>'at',
         ${fannedAtSql({ providerId: "op.value->>'providerId'", userId: "session.user_id", at: "op.value->>'at'" })}
       FROM op LEFT JOIN sessions session ON session.id = op.value->>'sessionId' WHERE ${condition}`,
    )
    .bind(JSON.stringify(operations.flatMap(({ id, events }) => events.map((event) => ({ ...event, of: id })))));
