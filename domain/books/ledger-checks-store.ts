// What holds between accounts, transfers, lots and wallets at every moment.

import type { Check } from "./check.ts";

/** Transfers from and to lots, as what they did to the lots. */
const LOT_MOVES = `SELECT tx, sum(moved) AS moved FROM (
    SELECT tx, amount AS moved FROM transfers WHERE cr >= 'lot:' AND cr < 'lot;'
    UNION ALL SELECT tx, -amount FROM transfers WHERE dr >= 'lot:' AND dr < 'lot;') GROUP BY tx`;
const sumOf = (prefix: string) =>
  `(SELECT coalesce(sum(credits - debits), 0) FROM accounts WHERE id >= '${prefix}:' AND id < '${prefix};')`;
const debitsOf = (account: string) => `(SELECT debits FROM accounts WHERE id = '${account}')`;
const creditsOf = (account: string) => `(SELECT credits FROM accounts WHERE id = '${account}')`;

const trialBalance = (unit: "TOK" | "USD"): Check => ({
  name: `trial balance ${unit}`,
  says: `Debits and credits of all ${unit} accounts are equal.`,
  sql: `SELECT unit AS "row", sum(debits) AS expected, sum(credits) AS found
    FROM accounts WHERE unit = '${unit}' GROUP BY unit HAVING sum(debits) <> sum(credits)`,
});

export const LEDGER_CHECKS: readonly Check[] = [
  trialBalance("TOK"),
  trialBalance("USD"),
  {
    name: "account debits rebuilt",
    says: "Each account's debits are the sum of its transfers.",
    sql: `SELECT a.id AS "row", coalesce(sum(t.amount), 0) AS expected, a.debits AS found
      FROM accounts a LEFT JOIN transfers t ON t.dr = a.id GROUP BY a.id HAVING expected <> a.debits`,
  },
  {
    name: "account credits rebuilt",
    says: "Each account's credits are the sum of its transfers.",
    sql: `SELECT a.id AS "row", coalesce(sum(t.amount), 0) AS expected, a.credits AS found
      FROM accounts a LEFT JOIN transfers t ON t.cr = a.id GROUP BY a.id HAVING expected <> a.credits`,
  },
  {
    name: "transfers stay in their unit",
    says: "A transfer goes between two accounts of one unit.",
    sql: `SELECT t.tx || ' ' || t.seq AS "row", 0 AS expected, t.amount AS found
      FROM transfers t LEFT JOIN accounts d ON d.id = t.dr LEFT JOIN accounts c ON c.id = t.cr
      WHERE d.unit IS NULL OR c.unit IS NULL OR d.unit <> c.unit`,
  },
  {
    name: "transactions are sealed",
    says: "Every transfer belongs to a sealed transaction, and every transaction has one.",
    sql: `SELECT * FROM (
        SELECT t.tx AS "row", 1 AS expected, 0 AS found FROM transfers t WHERE NOT EXISTS (SELECT 1 FROM ledger_tx x WHERE x.id = t.tx) GROUP BY t.tx
        UNION ALL SELECT x.id, 1, 0 FROM ledger_tx x WHERE NOT EXISTS (SELECT 1 FROM transfers t WHERE t.tx = x.id))`,
  },
  {
    name: "documents are posted",
    says: "Every issuance, hold, settlement, withdrawal and reversal has its transaction.",
    sql: `SELECT id AS "row", 1 AS expected, 0 AS found FROM (
        SELECT id FROM issuances UNION ALL SELECT id FROM holds UNION ALL SELECT id FROM settlements
        UNION ALL SELECT id FROM withdrawals UNION ALL SELECT 'reversal:' || id FROM reversals) d
      WHERE NOT EXISTS (SELECT 1 FROM ledger_tx x WHERE x.id = d.id)`,
  },
  {
    name: "purchases are posted as bought",
    says: "An issuance posted as many tokens and cents as its document says.",
    sql: `SELECT i.id AS "row", i.tokens + i.paid_cents + i.tax_cents AS expected, coalesce(sum(t.amount), 0) AS found
      FROM issuances i LEFT JOIN transfers t ON t.tx = i.id GROUP BY i.id HAVING expected <> found`,
  },
  {
    name: "wallet is its history",
    says: "A wallet's balance is the sum of the rows of its history.",
    sql: `SELECT w.id AS "row", coalesce(sum(e.amount), 0) AS expected, w.available AS found
      FROM wallets w LEFT JOIN wallet_entries e ON e.wallet_id = w.id GROUP BY w.id HAVING expected <> w.available`,
  },
  {
    name: "history is a chain",
    says: "Each row of a history follows the one before it, without a gap, with the balance it leads to.",
    sql: `SELECT wallet_id || ' ' || seq AS "row", before + amount AS expected, balance_after AS found FROM (
        SELECT wallet_id, seq, amount, balance_after, lag(balance_after, 1, 0) OVER chain AS before, lag(seq, 1, 0) OVER chain AS last
        FROM wallet_entries WINDOW chain AS (PARTITION BY wallet_id ORDER BY seq))
      WHERE before + amount <> balance_after OR last + 1 <> seq`,
  },
  {
    name: "wallet stands at its last row",
    says: "A wallet knows how many rows its history has.",
    sql: `SELECT w.id AS "row", coalesce(max(e.seq), 0) AS expected, w.entry_seq AS found
      FROM wallets w LEFT JOIN wallet_entries e ON e.wallet_id = w.id GROUP BY w.id HAVING expected <> w.entry_seq`,
  },
  {
    name: "history is what the books moved",
    says: "The rows of a transaction add up to what it moved into and out of lots.",
    sql: `SELECT tx AS "row", sum(moved) AS expected, sum(shown) AS found FROM (
        SELECT tx, moved, 0 AS shown FROM (${LOT_MOVES})
        UNION ALL SELECT tx, 0, sum(amount) FROM wallet_entries GROUP BY tx)
      GROUP BY tx HAVING sum(moved) <> sum(shown)`,
  },
  {
    name: "wallet is its lots",
    says: "A wallet's balance is what is left in its lots.",
    sql: `SELECT w.id AS "row", coalesce(sum(l.remaining), 0) AS expected, w.available AS found
      FROM wallets w LEFT JOIN lots l ON l.wallet_id = w.id GROUP BY w.id HAVING expected <> w.available`,
  },
  {
    name: "lot is its account",
    says: "What is left in a lot is the balance of its account.",
    sql: `SELECT l.id AS "row", coalesce(a.credits - a.debits, 0) AS expected, l.remaining AS found
      FROM lots l LEFT JOIN accounts a ON a.id = 'lot:' || l.id WHERE coalesce(a.credits - a.debits, 0) <> l.remaining`,
  },
  {
    name: "lots are what was issued",
    says: "All lots together are what was sold, given, and given back from sessions.",
    sql: `SELECT 'all lots' AS "row", ${debitsOf("issued_paid")} + ${debitsOf("issued_promo")} + ${debitsOf("spent")} AS expected,
        (SELECT coalesce(sum(issued), 0) FROM lots) AS found WHERE expected <> found`,
  },
  {
    name: "every token is somewhere",
    says: "Every token issued is left, spent or gone, held, frozen or on its way back.",
    sql: `SELECT 'all lots' AS "row", coalesce(sum(issued), 0) AS expected,
        coalesce(sum(remaining + spent), 0) + ${sumOf("hold")} + ${sumOf("frozen")}
          + (SELECT coalesce(sum(credits - debits), 0) FROM accounts WHERE id = 'refunding') AS found FROM lots HAVING expected <> found`,
  },
  {
    name: "spent tokens are posted",
    says: "What lots have spent is what went to spent, refunded and expired.",
    sql: `SELECT 'all lots' AS "row", ${creditsOf("spent")} + ${creditsOf("refunded")} + ${creditsOf("expired")} AS expected,
        (SELECT coalesce(sum(spent), 0) FROM lots) AS found WHERE expected <> found`,
  },
  {
    name: "liability is what paid lots still owe",
    says: "What we say we owe for unused tokens is what was paid for them.",
    sql: `SELECT 'token_liability' AS "row",
        (SELECT coalesce(sum(basis_cents - basis_cents * spent / issued), 0) FROM lots WHERE kind = 'paid') AS expected,
        (SELECT credits - debits FROM accounts WHERE id = 'token_liability') AS found
      WHERE expected <> found`,
  },
];
