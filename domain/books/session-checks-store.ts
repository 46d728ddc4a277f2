// What holds between the books and sessions, providers, and Stripe's own fees.

import type { Check } from "./check.ts";

export const SESSION_CHECKS: readonly Check[] = [
  {
    name: "held is open sessions",
    says: "What a wallet holds is what its open sessions and disputed slices hold.",
    sql: `SELECT w.id AS "row", coalesce(sum(s.held_tokens - s.reserved_tokens), 0)
        + (SELECT coalesce(sum(z.tokens - z.reserved_tokens), 0) FROM slices z WHERE z.wallet_id = w.id AND z.status <> 'closed') AS expected, w.held AS found
      FROM wallets w LEFT JOIN sessions s ON s.wallet_id = w.id AND s.settled_at IS NULL AND s.mode = 'live'
      GROUP BY w.id HAVING expected <> w.held`,
  },
  {
    name: "hold accounts are open sessions",
    says: "The hold accounts of an open session are what it holds beyond what its plan covers.",
    sql: `SELECT s.id AS "row", s.held_tokens - s.reserved_tokens AS expected, coalesce(sum(a.credits - a.debits), 0) AS found
      FROM sessions s LEFT JOIN accounts a ON a.id >= 'hold:' || s.id || ':' AND a.id < 'hold:' || s.id || ';'
      WHERE s.settled_at IS NULL AND s.mode = 'live' GROUP BY s.id HAVING expected <> found`,
  },
  {
    name: "hold accounts of settled sessions are empty",
    says: "Nothing stays held for a session that is settled but a slice that is not decided.",
    sql: `SELECT s.id AS "row", max(CASE WHEN z.status <> 'closed' THEN z.tokens - z.reserved_tokens ELSE 0 END) AS expected,
        sum(a.credits - a.debits) AS found
      FROM accounts a JOIN sessions s ON a.id >= 'hold:' || s.id || ':' AND a.id < 'hold:' || s.id || ';'
        LEFT JOIN slices z ON z.session_id = s.id
      WHERE s.settled_at IS NOT NULL AND (a.credits <> a.debits OR z.status <> 'closed') GROUP BY s.id HAVING coalesce(expected, 0) <> found`,
  },
  {
    name: "settled sessions are settled in the books",
    says: "A settled session was charged once, exactly what its settlement and the outcome of its slice say.",
    sql: `SELECT s.id AS "row", s.consumed_tokens - s.included_tokens AS expected,
        coalesce(t.used_tokens, 0) + coalesce(z.charged_tokens - z.included_tokens, 0) AS found
      FROM sessions s LEFT JOIN settlements t ON t.session_id = s.id LEFT JOIN slices z ON z.session_id = s.id
      WHERE s.mode = 'live' AND s.settled_at IS NOT NULL AND s.held_tokens > 0
        AND (expected <> found OR (t.id IS NULL) <> (s.held_tokens = s.reserved_tokens)
          OR t.held_tokens <> s.held_tokens - s.reserved_tokens)`,
  },
  {
    name: "what was held was charged, returned or is disputed",
    says: "What a settled session held is what it was charged, what came back, and a slice that is not decided.",
    sql: `SELECT s.id AS "row", s.held_tokens AS expected, s.consumed_tokens + s.refunded_tokens
        + CASE WHEN z.status <> 'closed' THEN z.tokens ELSE 0 END AS found
      FROM sessions s LEFT JOIN slices z ON z.session_id = s.id
      WHERE s.mode = 'live' AND s.settled_at IS NOT NULL AND expected <> found`,
  },
  {
    name: "slices are settled once decided",
    says: "A decided slice was charged what its outcome says, out of what was disputed; an undecided one was not.",
    sql: `SELECT z.session_id AS "row", CASE z.status WHEN 'closed' THEN z.charged_tokens - z.included_tokens END AS expected, t.used_tokens AS found
      FROM slices z LEFT JOIN settlements t ON t.session_id = z.session_id || ':slice'
      WHERE (z.status = 'closed' AND z.tokens > z.reserved_tokens) <> (t.id IS NOT NULL)
        OR t.used_tokens <> z.charged_tokens - z.included_tokens OR t.fee_tokens <> z.charged_fee
        OR t.held_tokens <> z.tokens - z.reserved_tokens
        OR z.tokens - z.reserved_tokens <> (SELECT coalesce(sum(disputed), 0) FROM settlement_draws d WHERE d.session_id = z.session_id)`,
  },
  {
    name: "settlement is its draws",
    says: "What a settlement charged is what it took from lots.",
    sql: `SELECT t.id AS "row", t.used_tokens AS expected, coalesce(sum(d.used), 0) AS found
      FROM settlements t LEFT JOIN settlement_draws d ON d.session_id = t.session_id
      GROUP BY t.id HAVING expected <> found OR coalesce(sum(d.held), 0) <> t.held_tokens`,
  },
  {
    name: "providers are owed their shares",
    says: "What settlements and reversals posted to a provider is the sum of its shares.",
    sql: `SELECT account AS "row", sum(cents) AS expected, sum(posted) AS found FROM (
        SELECT CASE payable WHEN 1 THEN 'provider:' ELSE 'unpayable:' END || provider_id AS account, share_cents AS cents, 0 AS posted
          FROM settlements
        UNION ALL SELECT CASE payable WHEN 1 THEN 'provider:' ELSE 'unpayable:' END || provider_id, -share_cents, 0 FROM reversals
        UNION ALL SELECT t.cr, 0, t.amount FROM ledger_tx x JOIN transfers t ON t.tx = x.id WHERE x.kind = 'settle' AND t.dr = 'revenue_fee'
        UNION ALL SELECT t.dr, 0, -t.amount FROM ledger_tx x JOIN transfers t ON t.tx = x.id WHERE x.kind = 'reversal' AND t.seq = 3)
      GROUP BY account HAVING sum(cents) <> sum(posted)`,
  },
  {
    name: "Stripe's fees are posted",
    says: "What Stripe kept of payments is posted, once.",
    sql: `SELECT m.id AS "row", m.fee_cents AS expected, coalesce(t.amount, 0) AS found
      FROM stripe_movements m LEFT JOIN transfers t ON t.tx = 'stripe:' || m.id AND t.seq = 1
      WHERE m.type IN ('charge', 'payment') AND m.fee_cents <> coalesce(t.amount, 0)`,
  },
  {
    name: "usage is its reports",
    says: "What a session used of a meter is the sum of its reports.",
    sql: `SELECT m.session_id || ' ' || m.meter AS "row", coalesce(sum(r.units_micro), 0) AS expected, m.used_micro AS found
      FROM session_meters m LEFT JOIN usage_reports r ON r.session_id = m.session_id AND r.meter = m.meter
      GROUP BY m.session_id, m.meter HAVING expected <> m.used_micro`,
  },
];
