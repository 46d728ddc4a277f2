// What must be true of the provider's side of the books at every moment; read by the proof of the books (domain/books).

import type { Check } from "../books/check.ts";

export const PAYOUT_CHECKS: readonly Check[] = [
  {
    name: "provider account is what it earned less what it was paid",
    says: "What we owe a provider is what it earned less what it was paid.",
    sql: `SELECT a.id AS "row",
       (SELECT coalesce(sum(amount_cents), 0) FROM payables WHERE provider_id = substr(a.id, 10))
       - (SELECT coalesce(sum(amount_cents), 0) FROM payouts WHERE provider_id = substr(a.id, 10) AND status IN ('paid', 'reversed'))
         AS expected, a.credits - a.debits AS found
     FROM accounts a WHERE substr(a.id, 1, 9) = 'provider:' AND expected <> a.credits - a.debits`,
  },
  {
    name: "every payable settlement is a payable",
    says: "Every share that will be paid stands among the payables.",
    sql: `SELECT s.id AS "row", s.share_cents AS expected, coalesce(p.amount_cents, 0) AS found
     FROM settlements s LEFT JOIN payables p ON p.id = s.id
     WHERE s.payable = 1 AND s.share_cents > 0 AND (p.amount_cents IS NOT s.share_cents OR p.provider_id <> s.provider_id)`,
  },
  {
    name: "every payable reversal is a payable",
    says: "Every share taken back stands among the payables, too.",
    sql: `SELECT r.id AS "row", -r.share_cents AS expected,
       coalesce(p.amount_cents, 0) AS found
     FROM reversals r LEFT JOIN payables p ON p.id = 'reversal:' || r.id
     WHERE r.payable = 1 AND r.share_cents > 0 AND (p.amount_cents IS NOT -r.share_cents OR p.provider_id <> r.provider_id)`,
  },
  {
    name: "withheld follows its session",
    says: "Of a session's share no more stays withheld than is left of it.",
    sql: `SELECT w.session_id AS "row", t.share_cents - coalesce((SELECT sum(r.share_cents) FROM reversals r
         WHERE r.session_id = w.session_id), 0) AS expected, w.cents - coalesce((SELECT sum(b.cents) FROM withheld_returns b
         WHERE b.session_id = w.session_id), 0) AS found
     FROM withheld_shares w JOIN settlements t ON t.session_id = w.session_id WHERE found NOT BETWEEN 0 AND expected`,
  },
  {
    name: "plan reversal takes no more than was paid",
    says: "Of a plan's payment no more goes back than came.",
    sql: `SELECT p.id AS "row", p.paid_cents AS expected, sum(r.cents) AS found
     FROM plan_payments p JOIN plan_reversals r ON r.payment_id = p.id GROUP BY p.id
     HAVING sum(r.cents) NOT BETWEEN 0 AND p.paid_cents OR sum(r.share_cents) <> p.share_cents * sum(r.cents) / p.paid_cents`,
  },
  {
    name: "payout is its lines",
    says: "A payout is the sum of its lines.",
    sql: `SELECT p.id AS "row", coalesce(sum(l.amount_cents), 0) AS expected, p.amount_cents AS found
     FROM payouts p LEFT JOIN payout_lines l ON l.payout_id = p.id GROUP BY p.id HAVING expected <> p.amount_cents`,
  },
  {
    name: "payout line is its payable",
    says: "A line of a payout is the payable it names, of the same provider.",
    sql: `SELECT l.payout_id || ' ' || l.payable_id AS "row", p.amount_cents AS expected,
       l.amount_cents AS found
     FROM payout_lines l JOIN payables p ON p.id = l.payable_id JOIN payouts o ON o.id = l.payout_id
     WHERE l.amount_cents <> p.amount_cents OR p.provider_id <> o.provider_id`,
  },
  {
    name: "payable is in one standing payout",
    says: "No share is paid twice.",
    sql: `SELECT p.id AS "row", count(o.id) AS expected, p.payout_id IS NOT NULL AS found
     FROM payables p LEFT JOIN payout_lines l ON l.payable_id = p.id
       LEFT JOIN payouts o ON o.id = l.payout_id AND o.status <> 'failed'
     GROUP BY p.id HAVING count(o.id) <> (p.payout_id IS NOT NULL) OR coalesce(max(o.id), '') <> coalesce(p.payout_id, '')`,
  },
  {
    name: "payout reversed is its reversals",
    says: "What came back of a payout is the sum of its reversals.",
    sql: `SELECT p.id AS "row", coalesce(sum(r.amount_cents), 0) AS expected,
       p.reversed_cents AS found
     FROM payouts p LEFT JOIN payout_reversals r ON r.payout_id = p.id GROUP BY p.id HAVING expected <> p.reversed_cents`,
  },
];
