-- What becomes of a plan's payment afterwards: given back at Stripe, or disputed by the bank. One document for each time money
-- went back or came again, named by Stripe's own id; it posts itself. See docs/accounting.md ("Monthly plans").

-- Since when a term's payment is gone whole: then nothing more is included by it.
ALTER TABLE plan_payments ADD COLUMN revoked_at INTEGER;

CREATE TABLE plan_reversals (
  id          TEXT PRIMARY KEY,
  payment_id  TEXT NOT NULL REFERENCES plan_payments (id),
  -- More than nothing went back to the card, less came again.
  cents       INTEGER NOT NULL CHECK (cents <> 0),
  -- What Stripe keeps for it (a dispute), or gave back.
  fee_cents   INTEGER NOT NULL DEFAULT 0,
  at          INTEGER NOT NULL,
  -- Of the provider's share, worked out by the trigger: in all, what went back's part of it, rounded down.
  share_cents INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX plan_reversals_payment ON plan_reversals (payment_id);
CREATE TRIGGER plan_reversals_once BEFORE INSERT ON plan_reversals BEGIN
  SELECT RAISE(IGNORE) FROM plan_reversals WHERE id = NEW.id;
END;
CREATE TRIGGER plan_reversals_post AFTER INSERT ON plan_reversals BEGIN
  UPDATE plan_reversals SET share_cents = (SELECT p.share_cents * r.cents / p.paid_cents - r.shares
      FROM plan_payments p, (SELECT sum(cents) AS cents, coalesce(sum(share_cents), 0) AS shares FROM plan_reversals
        WHERE payment_id = NEW.payment_id) r WHERE p.id = NEW.payment_id)
    WHERE id = NEW.id;
  INSERT INTO transfers SELECT NEW.id, 1, CASE WHEN NEW.cents > 0 THEN 'revenue_fee' ELSE 'stripe_clearing' END,
    CASE WHEN NEW.cents > 0 THEN 'stripe_clearing' ELSE 'revenue_fee' END, abs(NEW.cents);
  INSERT INTO transfers SELECT NEW.id, 2, CASE WHEN r.share_cents > 0 THEN a.account ELSE 'revenue_fee' END,
      CASE WHEN r.share_cents > 0 THEN 'revenue_fee' ELSE a.account END, abs(r.share_cents)
    FROM plan_reversals r, (SELECT CASE s.payable WHEN 1 THEN 'provider:' ELSE 'unpayable:' END || s.provider_id AS account
      FROM plan_payments p JOIN subscriptions s ON s.id = p.subscription_id WHERE p.id = NEW.payment_id) a
    WHERE r.id = NEW.id AND r.share_cents <> 0;
  INSERT INTO transfers SELECT NEW.id, 3, CASE WHEN NEW.fee_cents > 0 THEN 'stripe_fees' ELSE 'stripe_clearing' END,
      CASE WHEN NEW.fee_cents > 0 THEN 'stripe_clearing' ELSE 'stripe_fees' END, abs(NEW.fee_cents)
    WHERE NEW.fee_cents <> 0;
  INSERT INTO ledger_tx SELECT NEW.id, 'plan', coalesce(payment_id, subscription_id), NEW.at FROM plan_payments WHERE id = NEW.payment_id;
  -- Due with the share it takes from, so that both are paid, or carried forward, together.
  INSERT INTO payables SELECT NEW.id, s.provider_id, CASE WHEN r.share_cents > 0 THEN 'reversal' ELSE 'settlement' END,
      -r.share_cents, NULL, p.at, NEW.at, NULL
    FROM plan_reversals r JOIN plan_payments p ON p.id = r.payment_id JOIN subscriptions s ON s.id = p.subscription_id
    WHERE r.id = NEW.id AND s.payable = 1 AND r.share_cents <> 0;
  UPDATE plan_payments SET revoked_at = CASE WHEN (SELECT sum(cents) FROM plan_reversals WHERE payment_id = NEW.payment_id) >= paid_cents
      THEN NEW.at END WHERE id = NEW.payment_id;
END;
CREATE TRIGGER plan_reversals_frozen BEFORE UPDATE ON plan_reversals WHEN OLD.share_cents IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'ledger_immutable');
END;
CREATE TRIGGER plan_reversals_no_delete BEFORE DELETE ON plan_reversals BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

-- As before (0021_subscriptions.sql), and not by a payment that is gone.
DROP TRIGGER included_use_draw;
CREATE TRIGGER included_use_draw AFTER UPDATE OF settled_at ON sessions
WHEN OLD.settled_at IS NULL AND NEW.settled_at IS NOT NULL AND NEW.mode = 'live' AND NEW.consumed_tokens > 0 BEGIN
  INSERT INTO included_uses (session_id, payment_id, tokens, at)
    SELECT NEW.id, p.id, min(p.granted_tokens - p.used_tokens, NEW.consumed_tokens), NEW.settled_at
    FROM subscriptions s JOIN plan_payments p ON p.subscription_id = s.id
    WHERE s.user_id = NEW.user_id AND s.provider_id = NEW.provider_id AND s.status IN ('active', 'past_due')
      AND p.term_from <= NEW.started_at AND p.term_until > NEW.started_at AND p.used_tokens < p.granted_tokens
      AND p.revoked_at IS NULL
    ORDER BY p.term_until LIMIT 1;
END;
