// What holds between plans, sessions and what was reserved for them at every moment; read by the proof of the books.

import type { Check } from "../books/check.ts";

/** What a reservation still keeps: all of it while its session is open, then what is disputed. */
const KEPT = "CASE WHEN r.used_tokens IS NULL THEN r.tokens ELSE r.disputed_tokens END";

export const PLAN_CHECKS: readonly Check[] = [
  {
    name: "used of a plan is its sessions",
    says: "What a paid month has given is what its reservations used, and what came back before there were any.",
    sql: `SELECT p.id AS "row", coalesce((SELECT sum(r.used_tokens) FROM plan_reservations r WHERE r.payment_id = p.id), 0)
        + coalesce((SELECT sum(i.tokens) FROM included_uses i WHERE i.payment_id = p.id), 0) AS expected, p.used_tokens AS found
      FROM plan_payments p WHERE expected <> p.used_tokens`,
  },
  {
    name: "reserved of a plan is open sessions",
    says: "What a paid month keeps back is what open sessions and disputed slices have reserved of it.",
    sql: `SELECT p.id AS "row", coalesce((SELECT sum(${KEPT}) FROM plan_reservations r WHERE r.payment_id = p.id), 0) AS expected,
        p.reserved_tokens AS found
      FROM plan_payments p WHERE expected <> p.reserved_tokens`,
  },
  {
    name: "sessions use what they reserved",
    says: "A session reserved what its reservations say, and used the smaller of that and what it used in all.",
    sql: `SELECT s.id AS "row", s.reserved_tokens AS expected, coalesce(sum(r.tokens), 0) AS found
      FROM sessions s LEFT JOIN plan_reservations r ON r.session_id = s.id
      WHERE s.reserved_tokens > 0 OR s.included_tokens > 0 OR r.id IS NOT NULL GROUP BY s.id
      HAVING expected <> found OR s.reserved_tokens > s.held_tokens
        OR s.included_tokens <> coalesce(sum(r.used_tokens), 0)
        OR (s.settled_at IS NOT NULL AND s.included_tokens <> min(s.reserved_tokens, s.consumed_tokens))`,
  },
  {
    name: "reservations end with their session",
    says: "Of a settled session nothing stays reserved but a slice that is not decided.",
    sql: `SELECT r.id AS "row", CASE WHEN z.status <> 'closed' THEN r.disputed_tokens ELSE 0 END AS expected, ${KEPT} AS found
      FROM plan_reservations r JOIN sessions s ON s.id = r.session_id LEFT JOIN slices z ON z.session_id = s.id
      WHERE (s.settled_at IS NOT NULL AND expected <> found) OR (s.settled_at IS NULL AND r.used_tokens IS NOT NULL)`,
  },
];
