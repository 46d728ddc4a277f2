// What holds between the books and sessions, providers, and Stripe's own fees.

import type { Check } from "./check.ts";

export const SESSION_CHECKS: readonly Check[] = [
  {
    name: "held is open sessions",
    says: "What a wallet holds is what its open sessions hold.",
    sql: `SELECT w.id AS "row", coalesce(sum(s.held_tokens), 0) AS expected, w.held AS found
      FROM wallets w LEFT JOIN sessions s ON s.wallet_id = w.id AND s.settled_at IS NULL AND s.mode = 'live'
      GROUP BY w.id HAVING expected <> w.held`,
  },
  {
    name: "hold accounts are open sessions",
    says: "The hold accounts of an open session are what it holds.",
    sql: `SELECT s.id AS "row", s.held_tokens AS expected, coalesce(sum(a.credits - a.debits), 0) AS found
      FROM sessions s LEFT JOIN accounts a ON a.id >= 'hold:' || s.id || ':' AND a.id < 'hold:' || s.id || ';'
      WHERE s.settled_at IS NULL AND s.mode = 'live' GROUP BY s.id HAVING expected <> found`,
  },
  {
    name: "hold accounts of settled sessions are empty",
    says: "Nothing stays held for a session that is settled.",
    sql: `SELECT a.id AS "row", 0 AS expected, a.credits - a.debits AS found
      FROM accounts a JOIN sessions s ON a.id >= 'hold:' || s.id AND a.id < 'hold:' || s.id || ';'
      WHERE s.settled_at IS NOT NULL AND a.credits <> a.debits`,
  },
  {
    name: "settled sessions are settled in the books",
    says: "A settled session was charged once, exactly what its settlement says.",
    sql: `SELECT s.id AS "row", s.consumed_tokens AS expected, coalesce(t.used_tokens, 0) AS found
      FROM sessions s LEFT JOIN settlements t ON t.session_id = s.id
      WHERE s.mode = 'live' AND s.settled_at IS NOT NULL AND s.held_tokens > 0
        AND (t.id IS NULL OR t.used_tokens <> s.consumed_tokens OR t.held_tokens <> s.held_tokens)`,
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
