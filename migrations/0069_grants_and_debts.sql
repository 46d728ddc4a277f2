-- Tokens an operator gives: what an organisation has paid for its people, and gifts with a reason. And what a person owes
-- after a lost dispute: the next purchase pays it back first. See docs/accounting.md ("Grants", "Debts").

CREATE TABLE token_grants (
  id         TEXT PRIMARY KEY,
  wallet_id  TEXT NOT NULL REFERENCES wallets (id),
  -- `organisation`: paid for outside Stripe (an invoice), so it is owed like any paid token. `promotion`: the platform's gift.
  source     TEXT NOT NULL CHECK (source IN ('organisation', 'promotion')),
  tokens     INTEGER NOT NULL CHECK (tokens BETWEEN 1 AND 100000),
  paid_cents INTEGER NOT NULL CHECK (paid_cents >= 0 AND paid_cents <= tokens AND (source = 'organisation') = (paid_cents > 0)),
  expires_at INTEGER,
  -- What was paid by: the number of an invoice.
  reference  TEXT,
  reason     TEXT NOT NULL CHECK (length(reason) > 0),
  granted_by TEXT NOT NULL,
  at         INTEGER NOT NULL,
  CONSTRAINT paid_never_expires CHECK (source = 'promotion' OR expires_at IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX token_grants_wallet ON token_grants (wallet_id);
CREATE TRIGGER token_grants_once BEFORE INSERT ON token_grants BEGIN
  SELECT RAISE(ABORT, 'document_exists') FROM token_grants WHERE id = NEW.id;
END;
CREATE TRIGGER token_grants_post AFTER INSERT ON token_grants BEGIN
  -- 30 and 10: the draw order of domain/ledger/store.ts.
  INSERT INTO issuances (id, lot_id, wallet_id, kind, source, tokens, paid_cents, tax_cents, received_in, priority, expires_at,
      payment_id, at)
    VALUES ('grant:' || NEW.id, NEW.id, NEW.wallet_id, CASE NEW.source WHEN 'organisation' THEN 'paid' ELSE 'promo' END, NEW.source,
      NEW.tokens, NEW.paid_cents, 0, 'bank', CASE NEW.source WHEN 'organisation' THEN 30 ELSE 10 END, NEW.expires_at, NULL, NEW.at);
  INSERT INTO new_notifications (user_id, kind, data, at)
    SELECT id, 'tokens_granted', json_object('tokens', NEW.tokens, 'source', NEW.source), NEW.at FROM users WHERE wallet_id = NEW.wallet_id;
  INSERT INTO outbox (id, type, provider_id, user_id, session_id, data, at)
    SELECT 'grant:' || NEW.id, 'balance.changed', NULL, id, NULL, json_object('cause', 'grant', 'tokens', NEW.tokens), NEW.at
    FROM users WHERE wallet_id = NEW.wallet_id;
END;
CREATE TRIGGER token_grants_no_update BEFORE UPDATE ON token_grants BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER token_grants_no_delete BEFORE DELETE ON token_grants BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

-- What a lost dispute cost the platform and is not paid back: what it posted to `dispute_loss` less what came back since,
-- in tokens that a session returned (0016_disputes.sql) or by a repayment. An operator who lifts the block has settled it.
CREATE VIEW debts AS SELECT * FROM (
  SELECT d.id AS dispute_id, d.order_id, d.wallet_id, d.user_id, d.amount_cents, d.closed_at AS since,
    coalesce((SELECT sum(CASE t.dr WHEN 'dispute_loss' THEN t.amount ELSE -t.amount END) FROM transfers t
      WHERE t.tx = 'dispute:' || d.id || ':lost' AND 'dispute_loss' IN (t.dr, t.cr)), 0)
    - coalesce((SELECT sum(t.amount) FROM dispute_catches c JOIN transfers t ON t.tx = c.id
      WHERE c.dispute_id = d.id AND t.cr = 'dispute_loss'), 0) AS owed_cents
  FROM disputes d JOIN wallet_blocks b ON b.id = 'dispute:' || d.id AND b.lifted_at IS NULL
  WHERE d.status = 'lost') WHERE owed_cents > 0;

-- A purchase of somebody who owes gives so many of its tokens back at once. It is one more catch of the dispute, so that all of
-- it comes back to the person if the bank decides otherwise in the end. id = 'dispute:<du>:repaid:<order>'.
CREATE TABLE debt_repayments (
  id         TEXT PRIMARY KEY,
  dispute_id TEXT NOT NULL REFERENCES disputes (id),
  lot_id     TEXT NOT NULL REFERENCES lots (id),
  tokens     INTEGER NOT NULL CHECK (tokens > 0),
  at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX debt_repayments_dispute ON debt_repayments (dispute_id);
CREATE TRIGGER debt_repayments_once BEFORE INSERT ON debt_repayments BEGIN
  SELECT RAISE(IGNORE) FROM debt_repayments WHERE id = NEW.id;
END;
CREATE TRIGGER debt_repayments_post AFTER INSERT ON debt_repayments BEGIN
  -- Whatever the dispute could still take of its own tokens it takes now, so that the catch below takes the new ones only.
  INSERT INTO dispute_catches (id, dispute_id, at) VALUES (replace(NEW.id, ':repaid:', ':caught:'), NEW.dispute_id, NEW.at);
  INSERT INTO dispute_catches (id, dispute_id, at) VALUES (NEW.id, NEW.dispute_id, NEW.at);
  INSERT INTO dispute_draws (catch_id, position, lot_id, tokens) VALUES (NEW.id, 1, NEW.lot_id, NEW.tokens);
  INSERT INTO transfers VALUES (NEW.id, 1, 'lot:' || NEW.lot_id, 'refunded', NEW.tokens);
  INSERT INTO transfers SELECT NEW.id, 2, 'token_liability', 'dispute_loss',
      basis_cents * (spent + NEW.tokens) / issued - basis_cents * spent / issued FROM lots
    WHERE id = NEW.lot_id AND basis_cents * (spent + NEW.tokens) / issued > basis_cents * spent / issued;
  UPDATE lots SET spent = spent + NEW.tokens WHERE id = NEW.lot_id;
  INSERT INTO ledger_tx VALUES (NEW.id, 'dispute', NEW.dispute_id, NEW.at);
  INSERT INTO wallet_entries SELECT w.id, w.entry_seq + 1, 'dispute', -NEW.tokens, w.available - NEW.tokens, NEW.id, NULL,
      o.payment_intent_id, NEW.at
    FROM disputes d JOIN orders o ON o.id = d.order_id JOIN wallets w ON w.id = d.wallet_id WHERE d.id = NEW.dispute_id;
  UPDATE wallet_blocks SET lifted_at = NEW.at, lifted_by = 'repaid', lift_reason = 'debt_repaid'
    WHERE id = 'dispute:' || NEW.dispute_id AND lifted_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM debts WHERE dispute_id = NEW.dispute_id);
  INSERT INTO new_notifications (user_id, kind, data, at)
    SELECT d.user_id, 'debt_repaid', json_object('orderId', d.order_id, 'tokens', NEW.tokens,
      'owedCents', coalesce((SELECT owed_cents FROM debts WHERE dispute_id = d.id), 0)), NEW.at
    FROM disputes d WHERE d.id = NEW.dispute_id;
END;
CREATE TRIGGER debt_repayments_no_update BEFORE UPDATE ON debt_repayments BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER debt_repayments_no_delete BEFORE DELETE ON debt_repayments BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
