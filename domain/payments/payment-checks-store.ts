// What holds between the books, disputes and refunds at every moment; read by the proof of the books (domain/books).

import type { Check } from "../books/check.ts";

export const PAYMENT_CHECKS: readonly Check[] = [
  {
    name: "frozen is open disputes",
    says: "What is frozen for a dispute is what the dispute took, while it is open.",
    sql: `SELECT d.id AS "row",
       CASE d.status WHEN 'open' THEN coalesce((SELECT sum(tokens) FROM dispute_tokens WHERE dispute_id = d.id), 0) ELSE 0 END
       AS expected, a.credits - a.debits AS found
     FROM disputes d JOIN accounts a ON a.id = 'frozen:' || d.id WHERE expected <> a.credits - a.debits`,
  },
  {
    name: "receivable is open disputes",
    says: "What banks may still give back is what open disputes took.",
    sql: `SELECT a.id AS "row",
       (SELECT coalesce(sum(amount_cents), 0) FROM disputes WHERE status = 'open') AS expected, a.debits - a.credits AS found
     FROM accounts a WHERE a.id = 'dispute_receivable' AND expected <> a.debits - a.credits`,
  },
  {
    name: "grants and repayments are posted",
    says: "Tokens an operator gave, and what a purchase paid back, are in the books.",
    sql: `SELECT id AS "row", 1 AS expected, 0 AS found FROM (
        SELECT 'grant:' || id AS id FROM token_grants UNION ALL SELECT id FROM debt_repayments) d
      WHERE NOT EXISTS (SELECT 1 FROM ledger_tx x WHERE x.id = d.id)`,
  },
  {
    name: "refunding is requests on their way",
    says: "What is set aside for refunds is what requests on their way took.",
    sql: `SELECT a.id AS "row",
       (SELECT coalesce(sum(tokens), 0) FROM refund_requests WHERE status = 'on_its_way') AS expected, a.credits - a.debits AS found
     FROM accounts a WHERE a.id = 'refunding' AND expected <> a.credits - a.debits`,
  },
];
