-- The payment behind an invoice, by which the comparison with Stripe's own list finds the posting (domain/books). Rows from
-- before this file have none.
ALTER TABLE plan_payments ADD COLUMN payment_id TEXT;

DROP TRIGGER plan_payments_post;
CREATE TRIGGER plan_payments_post AFTER INSERT ON plan_payments BEGIN
  UPDATE plan_payments SET fee_cents = NEW.paid_cents * (SELECT p.fee_basis_points FROM subscriptions s JOIN plans p ON p.id = s.plan_id
      WHERE s.id = NEW.subscription_id) / 10000 WHERE id = NEW.id;
  UPDATE plan_payments SET share_cents = paid_cents - fee_cents WHERE id = NEW.id;
  INSERT OR IGNORE INTO accounts (id, unit, normal, floored)
    SELECT CASE payable WHEN 1 THEN 'provider:' ELSE 'unpayable:' END || provider_id, 'USD', 'credit', 0
    FROM subscriptions WHERE id = NEW.subscription_id;
  INSERT INTO transfers VALUES ('plan:' || NEW.id, 1, 'stripe_clearing', 'revenue_fee', NEW.paid_cents);
  INSERT INTO transfers SELECT 'plan:' || NEW.id, 2, 'revenue_fee',
      CASE s.payable WHEN 1 THEN 'provider:' ELSE 'unpayable:' END || s.provider_id, p.share_cents
    FROM plan_payments p JOIN subscriptions s ON s.id = p.subscription_id WHERE p.id = NEW.id AND p.share_cents > 0;
  INSERT INTO ledger_tx VALUES ('plan:' || NEW.id, 'plan', coalesce(NEW.payment_id, NEW.subscription_id), NEW.at);
  -- Paid out like a settlement's share; its hold days begin with the payment.
  INSERT INTO payables SELECT 'plan:' || NEW.id, s.provider_id, 'settlement', p.share_cents, NULL, NEW.at, NEW.at, NULL
    FROM plan_payments p JOIN subscriptions s ON s.id = p.subscription_id WHERE p.id = NEW.id AND s.payable = 1 AND p.share_cents > 0;
  INSERT INTO new_notifications (user_id, kind, data, at)
    SELECT s.user_id, CASE (SELECT count(*) FROM plan_payments WHERE subscription_id = s.id) WHEN 1 THEN 'subscription_started'
        ELSE 'subscription_renewed' END,
      json_object('planName', p.name, 'providerId', s.provider_id, 'includedTokens', NEW.granted_tokens, 'paidCents', NEW.paid_cents), NEW.at
    FROM subscriptions s JOIN plans p ON p.id = s.plan_id WHERE s.id = NEW.subscription_id;
END;
