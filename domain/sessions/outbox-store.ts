// The outbox rows of sessions, written in the batch of their cause (docs/decisions/0004-transactional-outbox.md).

import { fannedAtSql } from "../webhooks/listeners-store.ts";

/**
 * Rows for every event of the operations whose condition holds.
 *
 * @param json A list of operations, each with its `events`.
 * @param condition SQL over `op`, one operation's JSON.
 */
export const outboxStatement = (db: D1Database, json: string, condition: string): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO outbox (id, type, provider_id, user_id, session_id, data, at, fanned_at)
       SELECT e.value->>'id', e.value->>'type', e.value->>'providerId', session.user_id, e.value->>'sessionId',
         e.value->'data', e.value->>'at',
         ${fannedAtSql({ providerId: "e.value->>'providerId'", userId: "session.user_id", at: "e.value->>'at'" })}
       FROM json_each(?1) op, json_each(op.value->'events') e
       LEFT JOIN sessions session ON session.id = e.value->>'sessionId' WHERE ${condition}`,
    )
    .bind(json);
