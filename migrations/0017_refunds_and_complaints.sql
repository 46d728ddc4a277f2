-- Giving money back on request, and answering people who report a problem. A request sets the tokens aside in the same
-- transaction that writes it, so that they cannot be spent while Stripe is asked; Stripe's refund then takes exactly those.
-- See docs/decisions/0025-refunds-set-aside-first.md.

INSERT OR IGNORE INTO accounts (id, unit, normal, floored) VALUES ('refunding', 'TOK', 'credit', 1);

CREATE TABLE refund_requests (
  id           TEXT PRIMARY KEY,
  order_id     TEXT NOT NULL REFERENCES orders (id),
  -- Where the tokens are taken: the order's own lot, or one that a reversal gave back.
  lot_id       TEXT NOT NULL REFERENCES lots (id),
  wallet_id    TEXT NOT NULL REFERENCES wallets (id),
  user_id      TEXT NOT NULL,
  tokens       INTEGER NOT NULL CHECK (tokens >= 0),
  -- Money beyond what the tokens cost, which an operator gives: a loss, on purpose.
  extra_cents  INTEGER NOT NULL DEFAULT 0 CHECK (extra_cents >= 0),
  -- 0: worked out by the trigger. Otherwise it must be what the trigger works out.
  amount_cents INTEGER NOT NULL DEFAULT 0 CHECK (amount_cents >= 0),
  operator_id  TEXT,
  reason       TEXT NOT NULL,
  -- `on_its_way`: set aside, Stripe is being asked. `done`: Stripe made it. `refused`: Stripe said no, the tokens are back.
  -- `failed`: the bank handed the money back, the tokens are back.
  status       TEXT NOT NULL DEFAULT 'on_its_way' CHECK (status IN ('on_its_way', 'done', 'refused', 'failed')),
  -- Counts the idempotency keys used up at Stripe: one is enough unless Stripe itself failed.
  key_number   INTEGER NOT NULL DEFAULT 0,
  tries        INTEGER NOT NULL DEFAULT 0,
  next_try_at  INTEGER NOT NULL,
  refund_id    TEXT UNIQUE,
  refused_code TEXT,
  created_at   INTEGER NOT NULL,
  ended_at     INTEGER,
  CONSTRAINT asks_for_something CHECK (tokens > 0 OR extra_cents > 0)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX refund_requests_one ON refund_requests (order_id) WHERE status = 'on_its_way';
CREATE INDEX refund_requests_due ON refund_requests (next_try_at) WHERE status = 'on_its_way';
CREATE INDEX refund_requests_user ON refund_requests (user_id, created_at);
CREATE INDEX refund_requests_order ON refund_requests (order_id, created_at);

CREATE TRIGGER refund_requests_admit BEFORE INSERT ON refund_requests BEGIN
  SELECT RAISE(ABORT, 'refund_in_progress') FROM refund_requests WHERE order_id = NEW.order_id AND status = 'on_its_way';
  SELECT RAISE(ABORT, 'refund_not_possible') WHERE NOT EXISTS (SELECT 1 FROM orders o JOIN lots l ON l.wallet_id = o.wallet_id
    WHERE o.id = NEW.order_id AND o.paid_at IS NOT NULL AND o.wallet_id = NEW.wallet_id AND l.id = NEW.lot_id AND l.kind = 'paid'
      AND l.remaining >= NEW.tokens);
  SELECT RAISE(ABORT, 'refund_not_possible') FROM disputes WHERE order_id = NEW.order_id AND status IN ('open', 'lost');
END;
CREATE TRIGGER refund_requests_post AFTER INSERT ON refund_requests BEGIN
  -- What was paid for the tokens, with its part of the tax that came on top.
  UPDATE refund_requests SET amount_cents = extra_cents + (
      SELECT (l.basis_cents * (l.spent + NEW.tokens) / l.issued - l.basis_cents * l.spent / l.issued)
        * (o.amount_cents + o.tax_cents) / o.amount_cents
      FROM lots l, orders o WHERE l.id = NEW.lot_id AND o.id = NEW.order_id)
    WHERE id = NEW.id;
  SELECT RAISE(ABORT, 'refund_changed') FROM refund_requests
    WHERE id = NEW.id AND NEW.amount_cents <> 0 AND amount_cents <> NEW.amount_cents;
  SELECT RAISE(ABORT, 'refund_not_possible') FROM refund_requests r JOIN orders o ON o.id = r.order_id WHERE r.id = NEW.id
    AND (r.amount_cents = 0 OR r.amount_cents > o.amount_cents + o.tax_cents - o.refunded_cents);
  INSERT INTO transfers SELECT 'refund_request:' || NEW.id, 1, 'lot:' || NEW.lot_id, 'refunding', NEW.tokens WHERE NEW.tokens > 0;
  INSERT INTO ledger_tx SELECT 'refund_request:' || NEW.id, 'refund_request', NEW.order_id, NEW.created_at WHERE NEW.tokens > 0;
  INSERT INTO wallet_entries SELECT w.id, w.entry_seq + 1, 'refund', -NEW.tokens, w.available - NEW.tokens,
      'refund_request:' || NEW.id, NULL, o.payment_intent_id, NEW.created_at
    FROM wallets w, orders o WHERE w.id = NEW.wallet_id AND o.id = NEW.order_id AND NEW.tokens > 0;
END;
CREATE TRIGGER refund_requests_frozen BEFORE UPDATE ON refund_requests WHEN NEW.order_id <> OLD.order_id OR NEW.lot_id <> OLD.lot_id
    OR NEW.tokens <> OLD.tokens OR (OLD.status <> 'on_its_way' AND NEW.amount_cents <> OLD.amount_cents)
    OR (NEW.status <> OLD.status AND OLD.status || '>' || NEW.status NOT IN
      ('on_its_way>done', 'on_its_way>refused', 'done>failed')) BEGIN
  SELECT RAISE(ABORT, 'ledger_immutable');
END;
CREATE TRIGGER refund_requests_no_delete BEFORE DELETE ON refund_requests BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

-- Stripe said no: the tokens go back where they came from (and on to a dispute that was opened meanwhile).
CREATE TRIGGER refund_requests_release AFTER UPDATE OF status ON refund_requests
WHEN OLD.status = 'on_its_way' AND NEW.status = 'refused' BEGIN
  INSERT INTO transfers SELECT 'refund_released:' || NEW.id, 1, 'refunding', 'lot:' || NEW.lot_id, NEW.tokens WHERE NEW.tokens > 0;
  INSERT INTO ledger_tx SELECT 'refund_released:' || NEW.id, 'refund_request', NEW.order_id, NEW.ended_at WHERE NEW.tokens > 0;
  INSERT INTO wallet_entries SELECT w.id, w.entry_seq + 1, 'refund', NEW.tokens, w.available + NEW.tokens,
      'refund_released:' || NEW.id, NULL, o.payment_intent_id, NEW.ended_at
    FROM wallets w, orders o WHERE w.id = NEW.wallet_id AND o.id = NEW.order_id AND NEW.tokens > 0;
  INSERT INTO dispute_catches (id, dispute_id, at) SELECT 'dispute:' || id || ':caught:' || NEW.id, id, NEW.ended_at
    FROM disputes WHERE order_id = NEW.order_id AND status IN ('open', 'lost');
END;
CREATE TRIGGER refund_requests_tell AFTER UPDATE OF status ON refund_requests WHEN NEW.status <> OLD.status BEGIN
  INSERT INTO new_notifications (user_id, kind, data, at) VALUES (NEW.user_id, 'refund_' || NEW.status,
    json_object('orderId', NEW.order_id, 'tokens', NEW.tokens, 'amountCents', NEW.amount_cents), NEW.ended_at);
END;

-- As before (0005_payments.sql), and: a refund that was asked for here takes what its request set aside, no more and no less;
-- and what went back of the tax is not owed to the state any more. Parts are counted on all that was charged, tax included.
ALTER TABLE refunds ADD COLUMN request_id TEXT;
DROP TRIGGER refunds_post;
CREATE TRIGGER refunds_post AFTER INSERT ON refunds BEGIN
  UPDATE refunds SET request_id = (SELECT id FROM refund_requests
      WHERE id = NEW.request_id AND order_id = NEW.order_id AND status = 'on_its_way')
    WHERE id = NEW.id;
  UPDATE refunds SET due_tokens = coalesce((SELECT tokens FROM refund_requests WHERE id = refunds.request_id), (
      SELECT o.tokens * min(before + NEW.amount_cents, total) / total - o.tokens * min(before, total) / total
      FROM (SELECT tokens, amount_cents + tax_cents AS total FROM orders WHERE id = NEW.order_id) o,
        (SELECT coalesce(sum(amount_cents), 0) AS before FROM refunds
          WHERE order_id = NEW.order_id AND id <> NEW.id AND undone_at IS NULL)))
    WHERE id = NEW.id;
  UPDATE refunds SET taken_tokens = CASE WHEN request_id IS NOT NULL THEN due_tokens
      ELSE min(due_tokens, coalesce((SELECT remaining FROM lots WHERE id = NEW.order_id), 0)) END
    WHERE id = NEW.id;
  INSERT INTO withdrawals (id, lot_id, kind, tokens, payment_id, at)
    SELECT 'refund:' || id, order_id, 'refund', taken_tokens, (SELECT payment_intent_id FROM orders WHERE id = NEW.order_id), NEW.at
    FROM refunds WHERE id = NEW.id AND taken_tokens > 0 AND request_id IS NULL;
  INSERT INTO transfers SELECT 'refund:' || f.id, 1, 'refunding', 'refunded', r.tokens
    FROM refunds f JOIN refund_requests r ON r.id = f.request_id WHERE f.id = NEW.id AND r.tokens > 0;
  INSERT INTO transfers SELECT 'refund:' || f.id, 2, 'token_liability', 'stripe_clearing',
      l.basis_cents * (l.spent + r.tokens) / l.issued - l.basis_cents * l.spent / l.issued
    FROM refunds f JOIN refund_requests r ON r.id = f.request_id JOIN lots l ON l.id = r.lot_id
    WHERE f.id = NEW.id AND l.basis_cents * (l.spent + r.tokens) / l.issued > l.basis_cents * l.spent / l.issued;
  UPDATE lots SET spent = spent + (SELECT r.tokens FROM refunds f JOIN refund_requests r ON r.id = f.request_id WHERE f.id = NEW.id)
    WHERE id = (SELECT r.lot_id FROM refunds f JOIN refund_requests r ON r.id = f.request_id WHERE f.id = NEW.id);
  INSERT INTO ledger_tx SELECT 'refund:' || id, 'refund', order_id, NEW.at FROM refunds
    WHERE id = NEW.id AND request_id IS NOT NULL AND taken_tokens > 0;
  INSERT INTO transfers SELECT 'refund_tax:' || NEW.id, 1, 'tax_payable', 'stripe_clearing', tax FROM (
      SELECT o.tax_cents * min(before + NEW.amount_cents, total) / total - o.tax_cents * min(before, total) / total AS tax
      FROM (SELECT tax_cents, amount_cents + tax_cents AS total FROM orders WHERE id = NEW.order_id) o,
        (SELECT coalesce(sum(amount_cents), 0) AS before FROM refunds
          WHERE order_id = NEW.order_id AND id <> NEW.id AND undone_at IS NULL))
    WHERE tax > 0;
  INSERT INTO ledger_tx SELECT 'refund_tax:' || NEW.id, 'refund', NEW.order_id, NEW.at
    WHERE EXISTS (SELECT 1 FROM transfers WHERE tx = 'refund_tax:' || NEW.id);
  UPDATE refunds SET loss_cents = amount_cents
      - coalesce((SELECT amount FROM transfers WHERE tx = 'refund:' || NEW.id AND seq = 2), 0)
      - coalesce((SELECT amount FROM transfers WHERE tx = 'refund_tax:' || NEW.id), 0)
    WHERE id = NEW.id;
  INSERT INTO transfers SELECT 'refund_loss:' || id, 1, 'refund_loss', 'stripe_clearing', loss_cents FROM refunds
    WHERE id = NEW.id AND loss_cents > 0;
  INSERT INTO transfers SELECT 'refund_loss:' || id, 1, 'stripe_clearing', 'refund_loss', -loss_cents FROM refunds
    WHERE id = NEW.id AND loss_cents < 0;
  INSERT INTO ledger_tx SELECT 'refund_loss:' || id, 'refund_loss', order_id, NEW.at FROM refunds
    WHERE id = NEW.id AND loss_cents <> 0;
  UPDATE orders SET refunded_cents = refunded_cents + NEW.amount_cents,
    status = CASE WHEN refunded_cents + NEW.amount_cents >= amount_cents + tax_cents THEN 'refunded' ELSE 'paid' END
    WHERE id = NEW.order_id;
  UPDATE refund_requests SET status = 'done', refund_id = NEW.id, ended_at = NEW.at
    WHERE id = (SELECT request_id FROM refunds WHERE id = NEW.id);
END;
CREATE TRIGGER refunds_undo_tax AFTER UPDATE OF undone_at ON refunds WHEN OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL BEGIN
  INSERT INTO transfers SELECT 'refund_tax_undone:' || NEW.id, 1, cr, dr, amount FROM transfers WHERE tx = 'refund_tax:' || NEW.id;
  INSERT INTO ledger_tx SELECT 'refund_tax_undone:' || NEW.id, 'refund', NEW.order_id, NEW.undone_at
    WHERE EXISTS (SELECT 1 FROM transfers WHERE tx = 'refund_tax_undone:' || NEW.id);
END;
CREATE TRIGGER refunds_undone_request AFTER UPDATE OF undone_at ON refunds
WHEN OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL AND NEW.request_id IS NOT NULL BEGIN
  UPDATE refund_requests SET status = 'failed', ended_at = NEW.undone_at WHERE id = NEW.request_id;
END;

-- Complaints: a person says what went wrong with a session, an operator answers. One open at a time and session.
CREATE TABLE complaints (
  id                TEXT PRIMARY KEY,
  session_id        TEXT NOT NULL REFERENCES sessions (id),
  user_id           TEXT NOT NULL,
  provider_id       TEXT NOT NULL,
  category          TEXT NOT NULL CHECK (category IN ('not_working', 'charged_too_much', 'not_as_described', 'not_me', 'other')),
  text              TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
  status            TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'granted', 'declined')),
  created_at        INTEGER NOT NULL,
  decided_at        INTEGER,
  decided_by        TEXT,
  -- What the person reads.
  answer            TEXT,
  reversed_tokens   INTEGER NOT NULL DEFAULT 0,
  refund_request_id TEXT,
  CONSTRAINT decided_with_an_answer CHECK ((status = 'open') = (decided_at IS NULL) AND (decided_at IS NULL) = (answer IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX complaints_one ON complaints (session_id) WHERE status = 'open';
CREATE INDEX complaints_session ON complaints (session_id, created_at);
CREATE INDEX complaints_status ON complaints (status, id);
-- Decided once. Only the refund that goes with a decision is written in afterwards, in the same batch.
CREATE TRIGGER complaints_decided_once BEFORE UPDATE ON complaints WHEN OLD.status <> 'open' AND NOT (
    OLD.refund_request_id IS NULL AND NEW.refund_request_id IS NOT NULL AND NEW.status = OLD.status AND NEW.answer = OLD.answer
    AND NEW.reversed_tokens = OLD.reversed_tokens AND NEW.decided_by = OLD.decided_by AND NEW.decided_at = OLD.decided_at) BEGIN
  SELECT RAISE(ABORT, 'complaint_decided');
END;
CREATE TRIGGER complaints_tell AFTER UPDATE OF status ON complaints WHEN OLD.status = 'open' AND NEW.status <> 'open' BEGIN
  INSERT INTO new_notifications (user_id, kind, data, at) VALUES (NEW.user_id, 'complaint_' || NEW.status,
    json_object('sessionId', NEW.session_id, 'tokens', NEW.reversed_tokens, 'answer', NEW.answer,
      'providerName', (SELECT provider_name FROM sessions WHERE id = NEW.session_id)), NEW.decided_at);
END;
