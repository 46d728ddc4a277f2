-- Books that prove themselves: what Stripe says it did with our money, the runs of the check, and the alerts it raises.
-- See docs/accounting.md ("Proof") and docs/decisions/0021-stripe-mirror.md.

INSERT INTO accounts (id, unit, normal, floored) VALUES ('bank', 'USD', 'debit', 0);

-- Where the money of a purchase came in: through Stripe, or to our bank (an invoice, a transfer).
DROP TRIGGER issuances_no_update;
ALTER TABLE issuances ADD COLUMN received_in TEXT NOT NULL DEFAULT 'stripe_clearing' CHECK (received_in IN ('stripe_clearing', 'bank'));
UPDATE issuances SET received_in = 'bank' WHERE substr(id, 1, 14) = 'purchase:seed-' AND paid_cents > 0;
CREATE TRIGGER issuances_no_update BEFORE UPDATE ON issuances BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
-- The seed of a local stack was booked as if Stripe had it.
INSERT INTO transfers SELECT 'correction:' || id, 1, 'bank', 'stripe_clearing', paid_cents FROM issuances WHERE received_in = 'bank';
INSERT INTO ledger_tx SELECT 'correction:' || id, 'correction', lot_id, at FROM issuances WHERE received_in = 'bank';

DROP TRIGGER issuances_post;
CREATE TRIGGER issuances_post AFTER INSERT ON issuances BEGIN
  INSERT INTO lots (id, wallet_id, kind, priority, issued, remaining, basis_cents, expires_at, created_at, source)
    VALUES (NEW.lot_id, NEW.wallet_id, NEW.kind, NEW.priority, NEW.tokens, 0, NEW.paid_cents, NEW.expires_at, NEW.at,
      CASE substr(NEW.id, 1, 14) WHEN 'refund_undone:' THEN 'refund_undone' ELSE NEW.source END);
  INSERT INTO accounts (id, unit, normal, floored) VALUES ('lot:' || NEW.lot_id, 'TOK', 'credit', 1);
  INSERT INTO transfers VALUES (NEW.id, 1, 'issued_' || NEW.kind, 'lot:' || NEW.lot_id, NEW.tokens);
  INSERT INTO transfers SELECT NEW.id, 2, NEW.received_in, 'token_liability', NEW.paid_cents WHERE NEW.paid_cents > 0;
  INSERT INTO transfers SELECT NEW.id, 3, NEW.received_in, 'tax_payable', NEW.tax_cents WHERE NEW.tax_cents > 0;
  INSERT INTO ledger_tx VALUES (NEW.id, CASE NEW.kind WHEN 'paid' THEN 'purchase' ELSE 'promo' END, NEW.lot_id, NEW.at);
  INSERT INTO wallet_entries SELECT id, entry_seq + 1, CASE NEW.kind WHEN 'paid' THEN 'purchase' ELSE 'promo' END,
    NEW.tokens, available + NEW.tokens, NEW.id, NULL, NEW.payment_id, NEW.at FROM wallets WHERE id = NEW.wallet_id;
END;

-- Stripe's balance transactions, as Stripe lists them. Most have a document of ours (a purchase, a refund, a payout) that
-- posts them; what has none is posted here: the fee Stripe keeps of a payment, fees by themselves, and what goes to our
-- bank. The fee of a dispute is posted with the dispute (0016_disputes.sql).
CREATE TABLE stripe_movements (
  id           TEXT PRIMARY KEY,
  type         TEXT NOT NULL,
  -- What it is about (ch_, re_, du_, tr_, po_); of a charge also the payment intent, which our orders know it by.
  source       TEXT,
  payment_id   TEXT,
  amount_cents INTEGER NOT NULL,
  fee_cents    INTEGER NOT NULL,
  net_cents    INTEGER NOT NULL,
  currency     TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  seen_at      INTEGER NOT NULL,
  CONSTRAINT net_is_amount_less_fee CHECK (net_cents = amount_cents - fee_cents)
) STRICT, WITHOUT ROWID;
CREATE INDEX stripe_movements_created ON stripe_movements (created_at);
CREATE TRIGGER stripe_movements_once BEFORE INSERT ON stripe_movements BEGIN
  SELECT RAISE(IGNORE) FROM stripe_movements WHERE id = NEW.id;
END;
CREATE TRIGGER stripe_movements_post AFTER INSERT ON stripe_movements BEGIN
  -- A fee that is more than nothing is taken; a negative one is given back.
  INSERT INTO transfers
    SELECT 'stripe:' || NEW.id, 1, CASE WHEN fee > 0 THEN 'stripe_fees' ELSE 'stripe_clearing' END,
      CASE WHEN fee > 0 THEN 'stripe_clearing' ELSE 'stripe_fees' END, abs(fee)
    FROM (SELECT CASE
        WHEN NEW.type IN ('stripe_fee', 'stripe_fx_fee', 'tax_fee', 'network_cost') THEN -NEW.net_cents
        WHEN substr(coalesce(NEW.source, ''), 1, 3) IN ('du_', 'dp_') THEN 0
        ELSE NEW.fee_cents END AS fee)
    WHERE fee <> 0;
  INSERT INTO transfers
    SELECT 'stripe:' || NEW.id, 2, CASE WHEN NEW.amount_cents < 0 THEN 'bank' ELSE 'stripe_clearing' END,
      CASE WHEN NEW.amount_cents < 0 THEN 'stripe_clearing' ELSE 'bank' END, abs(NEW.amount_cents)
    WHERE NEW.type IN ('payout', 'payout_cancel', 'payout_failure', 'topup', 'topup_reversal') AND NEW.amount_cents <> 0;
  INSERT INTO ledger_tx SELECT 'stripe:' || NEW.id, 'stripe', coalesce(NEW.source, NEW.id), NEW.created_at
    WHERE EXISTS (SELECT 1 FROM transfers WHERE tx = 'stripe:' || NEW.id);
END;
CREATE TRIGGER stripe_movements_no_update BEFORE UPDATE ON stripe_movements BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER stripe_movements_no_delete BEFORE DELETE ON stripe_movements BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

-- Up to when the list was read without a gap.
CREATE TABLE stripe_mirror (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  through INTEGER NOT NULL
) STRICT;

-- Runs of the check, the last with its whole report.
CREATE TABLE book_checks (
  id       TEXT PRIMARY KEY,
  at       INTEGER NOT NULL,
  cause    TEXT NOT NULL CHECK (cause IN ('cron', 'operator')),
  findings INTEGER NOT NULL,
  report   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX book_checks_at ON book_checks (at);

-- What an operator has to look at. `key` says what it is about, so that the same thing found again is the same alert. Nothing
-- goes away by itself: an alert is acknowledged, by a person with a reason, and stays.
CREATE TABLE alerts (
  id              TEXT PRIMARY KEY,
  key             TEXT NOT NULL UNIQUE,
  area            TEXT NOT NULL,
  title           TEXT NOT NULL,
  rows            TEXT NOT NULL,
  row_count       INTEGER NOT NULL,
  first_at        INTEGER NOT NULL,
  last_at         INTEGER NOT NULL,
  acknowledged_at INTEGER,
  acknowledged_by TEXT,
  reason          TEXT,
  CONSTRAINT acknowledged_with_reason CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)
    AND (acknowledged_at IS NULL) = (reason IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX alerts_open ON alerts (id) WHERE acknowledged_at IS NULL;
CREATE TRIGGER alerts_frozen BEFORE UPDATE ON alerts WHEN NEW.id <> OLD.id OR NEW.key <> OLD.key OR NEW.rows <> OLD.rows
    OR NEW.first_at <> OLD.first_at OR (OLD.acknowledged_at IS NOT NULL AND (NEW.acknowledged_at IS NOT OLD.acknowledged_at
      OR NEW.acknowledged_by IS NOT OLD.acknowledged_by OR NEW.reason IS NOT OLD.reason)) BEGIN
  SELECT RAISE(ABORT, 'alert_immutable');
END;
CREATE TRIGGER alerts_no_delete BEFORE DELETE ON alerts BEGIN SELECT RAISE(ABORT, 'alert_immutable'); END;
