-- Buying tokens and giving the money back. Stripe moves money; these rows say what of it we have put into the books.
-- Like the ledger's documents they post themselves: an order that turns paid issues its lot, a refund takes tokens out,
-- each in the same transaction as the row. See docs/decisions/0018-refunds-take-what-is-unspent.md.

-- What a refund cost us because its tokens were spent already (it goes negative when rounding left us a cent).
INSERT INTO accounts (id, unit, normal, floored) VALUES ('refund_loss', 'USD', 'debit', 0);

-- An order is made before Stripe is asked, so that a crash on the way leaves a row to find. Its id is the checkout's
-- client_reference_id and, once paid, the id of the lot it bought.
CREATE TABLE orders (
  id                TEXT PRIMARY KEY,
  user_id           TEXT NOT NULL,
  wallet_id         TEXT NOT NULL REFERENCES wallets (id),
  tokens            INTEGER NOT NULL CHECK (tokens > 0),
  amount_cents      INTEGER NOT NULL CHECK (amount_cents > 0),
  currency          TEXT NOT NULL,
  status            TEXT NOT NULL CHECK (status IN ('open', 'paid', 'refunded', 'expired', 'failed')),
  -- Why Stripe's answer was not believed; somebody has to look. Null for all but a few.
  problem           TEXT,
  checkout_id       TEXT UNIQUE,
  checkout_url      TEXT,
  payment_intent_id TEXT UNIQUE,
  refunded_cents    INTEGER NOT NULL DEFAULT 0,
  created_at        INTEGER NOT NULL,
  paid_at           INTEGER,
  next_check_at     INTEGER NOT NULL,
  CONSTRAINT credited_once_paid CHECK ((status IN ('paid', 'refunded')) = (paid_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_user ON orders (user_id, created_at);
CREATE INDEX orders_due ON orders (next_check_at) WHERE status = 'open';
CREATE INDEX orders_problem ON orders (created_at) WHERE problem IS NOT NULL;

CREATE TRIGGER orders_frozen BEFORE UPDATE ON orders WHEN
    NEW.id <> OLD.id OR NEW.wallet_id <> OLD.wallet_id OR NEW.tokens <> OLD.tokens OR NEW.amount_cents <> OLD.amount_cents
    OR NEW.currency <> OLD.currency OR (OLD.paid_at IS NOT NULL AND NEW.paid_at IS NOT OLD.paid_at)
    OR (OLD.checkout_id IS NOT NULL AND NEW.checkout_id IS NOT OLD.checkout_id) BEGIN
  SELECT RAISE(ABORT, 'order_immutable');
END;
CREATE TRIGGER orders_credit AFTER UPDATE OF paid_at ON orders WHEN OLD.paid_at IS NULL AND NEW.paid_at IS NOT NULL BEGIN
  -- 50 is LOT_PRIORITY.paid in domain/ledger/store.ts.
  INSERT INTO issuances (id, lot_id, wallet_id, kind, tokens, paid_cents, priority, expires_at, payment_id, at)
    VALUES ('purchase:' || NEW.checkout_id, NEW.id, NEW.wallet_id, 'paid', NEW.tokens, NEW.amount_cents, 50, NULL,
      NEW.payment_intent_id, NEW.paid_at);
END;

-- Refunds as Stripe made them. `due_tokens` is what the money is worth: floor(tokens * after / amount) less the same
-- before it, on the money given back so far, so that parts add up to the whole. `taken_tokens` is what was still unspent;
-- the rest is a loss, posted, and a row in the view below for an operator.
CREATE TABLE refunds (
  id           TEXT PRIMARY KEY,
  order_id     TEXT NOT NULL REFERENCES orders (id),
  amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
  due_tokens   INTEGER NOT NULL DEFAULT 0,
  taken_tokens INTEGER NOT NULL DEFAULT 0,
  loss_cents   INTEGER NOT NULL DEFAULT 0,
  at           INTEGER NOT NULL,
  -- The bank handed the money back to us (refund.failed): tokens and loss were returned.
  undone_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refunds_order ON refunds (order_id);
CREATE TRIGGER refunds_post AFTER INSERT ON refunds BEGIN
  UPDATE refunds SET due_tokens = (
      SELECT o.tokens * min(before + NEW.amount_cents, o.amount_cents) / o.amount_cents - o.tokens * min(before, o.amount_cents) / o.amount_cents
      FROM orders o, (SELECT coalesce(sum(amount_cents), 0) AS before FROM refunds
        WHERE order_id = NEW.order_id AND id <> NEW.id AND undone_at IS NULL)
      WHERE o.id = NEW.order_id)
    WHERE id = NEW.id;
  UPDATE refunds SET taken_tokens = min(due_tokens, coalesce((SELECT remaining FROM lots WHERE id = NEW.order_id), 0))
    WHERE id = NEW.id;
  INSERT INTO withdrawals (id, lot_id, kind, tokens, payment_id, at)
    SELECT 'refund:' || id, order_id, 'refund', taken_tokens, (SELECT payment_intent_id FROM orders WHERE id = NEW.order_id), NEW.at
    FROM refunds WHERE id = NEW.id AND taken_tokens > 0;
  UPDATE refunds SET loss_cents = amount_cents
      - coalesce((SELECT amount FROM transfers WHERE tx = 'refund:' || NEW.id AND seq = 2), 0)
    WHERE id = NEW.id;
  INSERT INTO transfers SELECT 'refund_loss:' || id, 1, 'refund_loss', 'stripe_clearing', loss_cents FROM refunds
    WHERE id = NEW.id AND loss_cents > 0;
  INSERT INTO transfers SELECT 'refund_loss:' || id, 1, 'stripe_clearing', 'refund_loss', -loss_cents FROM refunds
    WHERE id = NEW.id AND loss_cents < 0;
  INSERT INTO ledger_tx SELECT 'refund_loss:' || id, 'refund_loss', order_id, NEW.at FROM refunds
    WHERE id = NEW.id AND loss_cents <> 0;
  UPDATE orders SET refunded_cents = refunded_cents + NEW.amount_cents,
    status = CASE WHEN refunded_cents + NEW.amount_cents >= amount_cents THEN 'refunded' ELSE 'paid' END
    WHERE id = NEW.order_id;
END;
CREATE TRIGGER refunds_undo AFTER UPDATE OF undone_at ON refunds WHEN OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL BEGIN
  INSERT INTO issuances (id, lot_id, wallet_id, kind, tokens, paid_cents, priority, expires_at, payment_id, at)
    SELECT 'refund_undone:' || NEW.id, NEW.id, wallet_id, 'paid', NEW.taken_tokens,
      coalesce((SELECT amount FROM transfers WHERE tx = 'refund:' || NEW.id AND seq = 2), 0), 50, NULL, payment_intent_id, NEW.undone_at
    FROM orders WHERE id = NEW.order_id AND NEW.taken_tokens > 0;
  INSERT INTO transfers SELECT 'refund_loss_undone:' || NEW.id, 1, cr, dr, amount FROM transfers WHERE tx = 'refund_loss:' || NEW.id;
  INSERT INTO ledger_tx SELECT 'refund_loss_undone:' || NEW.id, 'refund_loss', NEW.order_id, NEW.undone_at WHERE NEW.loss_cents <> 0;
  UPDATE orders SET refunded_cents = refunded_cents - NEW.amount_cents,
    status = CASE WHEN refunded_cents - NEW.amount_cents >= amount_cents THEN 'refunded' ELSE 'paid' END
    WHERE id = NEW.order_id;
END;
-- For an operator: money that went back although its tokens were spent.
CREATE VIEW refund_shortfalls AS
  SELECT r.id AS refund_id, r.order_id, o.user_id, o.wallet_id, r.due_tokens - r.taken_tokens AS tokens, r.loss_cents, r.at
  FROM refunds r JOIN orders o ON o.id = r.order_id
  WHERE r.taken_tokens < r.due_tokens AND r.undone_at IS NULL;

-- What Stripe told us. An event counts as done when its consequences are in the books; until then Stripe repeats it.
CREATE TABLE stripe_events (
  id           TEXT PRIMARY KEY,
  type         TEXT NOT NULL,
  api_version  TEXT,
  received_at  INTEGER NOT NULL,
  processed_at INTEGER
) STRICT, WITHOUT ROWID;

-- A purchase with an Idempotency-Key that is on its way to Stripe (contract section 1): who came first holds the key for
-- 60 s, and who takes over afterwards goes on with the same order and so with the same key at Stripe.
CREATE TABLE purchase_leases (
  principal    TEXT NOT NULL,
  route        TEXT NOT NULL,
  key_hash     TEXT NOT NULL,
  body_hash    TEXT NOT NULL,
  order_id     TEXT NOT NULL,
  leased_until INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  PRIMARY KEY (principal, route, key_hash)
) STRICT, WITHOUT ROWID;
