-- Buyers who ask their bank for the money back. A dispute is a row per Stripe dispute whose changes of status post
-- themselves; what it freezes leaves `available` at once, so that disputed tokens are never spent. A lost one blocks the
-- person until the loss is repaid or an operator lifts the block. See docs/decisions/0024-disputes-freeze-first.md.

INSERT OR IGNORE INTO accounts (id, unit, normal, floored) VALUES
  ('dispute_receivable', 'USD', 'debit', 1), ('dispute_loss', 'USD', 'debit', 0), ('stripe_fees', 'USD', 'debit', 0);
INSERT OR IGNORE INTO lot_sources (source, kind) VALUES ('dispute_won', 'paid'), ('dispute_won', 'promo');

-- Every lot a payment brought: what was bought, what came back from a failed refund, and promotions that came with it.
CREATE INDEX issuances_payment ON issuances (payment_id) WHERE payment_id IS NOT NULL;
CREATE VIEW order_lots AS
  SELECT o.id AS order_id, o.id AS lot_id FROM orders o
  UNION
  SELECT o.id, i.lot_id FROM orders o JOIN issuances i ON i.payment_id = o.payment_intent_id;

-- `inquiry`: the bank asks, no money has moved. `closed`: an inquiry that ended so.
CREATE TABLE disputes (
  id           TEXT PRIMARY KEY,
  order_id     TEXT NOT NULL REFERENCES orders (id),
  wallet_id    TEXT NOT NULL REFERENCES wallets (id),
  user_id      TEXT NOT NULL,
  amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
  reason       TEXT NOT NULL,
  status       TEXT NOT NULL DEFAULT 'inquiry' CHECK (status IN ('inquiry', 'closed', 'open', 'won', 'lost')),
  -- What Stripe has kept for it so far.
  fee_cents    INTEGER NOT NULL DEFAULT 0 CHECK (fee_cents >= 0),
  respond_by   INTEGER,
  -- The slice of the price it takes: after what was given back before it. Tokens are owed for this slice.
  from_cents   INTEGER NOT NULL DEFAULT 0,
  to_cents     INTEGER NOT NULL DEFAULT 0,
  created_at   INTEGER NOT NULL,
  opened_at    INTEGER,
  closed_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX disputes_order ON disputes (order_id);
CREATE INDEX disputes_wallet ON disputes (wallet_id) WHERE status IN ('open', 'lost');
CREATE INDEX disputes_status ON disputes (status, created_at);

-- What a dispute took out of lots, and when: at its opening, and when tokens came back later (a session ended). The id is
-- the ledger transaction.
CREATE TABLE dispute_catches (
  id         TEXT PRIMARY KEY,
  dispute_id TEXT NOT NULL REFERENCES disputes (id),
  at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dispute_catches_dispute ON dispute_catches (dispute_id);
CREATE TABLE dispute_draws (
  catch_id TEXT NOT NULL REFERENCES dispute_catches (id),
  position INTEGER NOT NULL,
  lot_id   TEXT NOT NULL REFERENCES lots (id),
  tokens   INTEGER NOT NULL CHECK (tokens > 0),
  PRIMARY KEY (catch_id, position)
) STRICT, WITHOUT ROWID;
CREATE VIEW dispute_tokens AS
  SELECT c.dispute_id, w.lot_id, l.kind, sum(w.tokens) AS tokens
  FROM dispute_catches c JOIN dispute_draws w ON w.catch_id = c.id JOIN lots l ON l.id = w.lot_id
  GROUP BY c.dispute_id, w.lot_id;

CREATE TRIGGER dispute_catches_once BEFORE INSERT ON dispute_catches BEGIN
  SELECT RAISE(ABORT, 'document_exists') FROM dispute_catches WHERE id = NEW.id;
END;
-- Takes what is still owed for the slice and is unspent: bought lots share one due, a promotion owes its own part. Open: into
-- `frozen:<dispute>`. Lost: out of the books, and what was paid for it makes the loss smaller.
CREATE TRIGGER dispute_catches_post AFTER INSERT ON dispute_catches BEGIN
  INSERT INTO dispute_draws
    SELECT NEW.id, row_number() OVER (ORDER BY created_at, lot_id), lot_id, min(remaining, due - drawn - before) FROM (
      SELECT l.id AS lot_id, l.created_at, l.remaining,
        CASE l.kind WHEN 'paid' THEN o.tokens ELSE l.issued END * d.to_cents / o.amount_cents
          - CASE l.kind WHEN 'paid' THEN o.tokens ELSE l.issued END * d.from_cents / o.amount_cents AS due,
        coalesce((SELECT sum(t.tokens) FROM dispute_tokens t WHERE t.dispute_id = d.id
          AND (t.lot_id = l.id OR (t.kind = 'paid' AND l.kind = 'paid'))), 0) AS drawn,
        sum(l.remaining) OVER (PARTITION BY CASE l.kind WHEN 'paid' THEN '' ELSE l.id END ORDER BY l.created_at, l.id
          ROWS UNBOUNDED PRECEDING) - l.remaining AS before
      FROM disputes d JOIN orders o ON o.id = d.order_id JOIN order_lots ol ON ol.order_id = o.id JOIN lots l ON l.id = ol.lot_id
      WHERE d.id = NEW.dispute_id)
    WHERE min(remaining, due - drawn - before) > 0;
  INSERT OR IGNORE INTO accounts (id, unit, normal, floored) VALUES ('frozen:' || NEW.dispute_id, 'TOK', 'credit', 1);
  INSERT INTO transfers SELECT NEW.id, 10 + w.position, 'lot:' || w.lot_id,
      CASE d.status WHEN 'lost' THEN 'refunded' ELSE 'frozen:' || d.id END, w.tokens
    FROM dispute_draws w JOIN disputes d ON d.id = NEW.dispute_id WHERE w.catch_id = NEW.id;
  INSERT INTO transfers SELECT NEW.id, 100 + w.position, 'token_liability', 'dispute_loss',
      l.basis_cents * (l.spent + w.tokens) / l.issued - l.basis_cents * l.spent / l.issued
    FROM dispute_draws w JOIN lots l ON l.id = w.lot_id JOIN disputes d ON d.id = NEW.dispute_id
    WHERE w.catch_id = NEW.id AND d.status = 'lost' AND l.kind = 'paid'
      AND l.basis_cents * (l.spent + w.tokens) / l.issued > l.basis_cents * l.spent / l.issued;
  UPDATE lots SET spent = spent + (SELECT w.tokens FROM dispute_draws w WHERE w.catch_id = NEW.id AND w.lot_id = lots.id)
    WHERE id IN (SELECT lot_id FROM dispute_draws WHERE catch_id = NEW.id)
      AND (SELECT status FROM disputes WHERE id = NEW.dispute_id) = 'lost';
  INSERT INTO ledger_tx SELECT NEW.id, 'dispute', NEW.dispute_id, NEW.at
    WHERE EXISTS (SELECT 1 FROM transfers WHERE tx = NEW.id);
  INSERT INTO wallet_entries SELECT w.id, w.entry_seq + 1, 'dispute', -taken, w.available - taken, NEW.id, NULL,
      o.payment_intent_id, NEW.at
    FROM (SELECT sum(tokens) AS taken FROM dispute_draws WHERE catch_id = NEW.id), disputes d, orders o, wallets w
    WHERE taken > 0 AND d.id = NEW.dispute_id AND o.id = d.order_id AND w.id = d.wallet_id;
END;
CREATE TRIGGER dispute_catches_no_update BEFORE UPDATE ON dispute_catches BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER dispute_catches_no_delete BEFORE DELETE ON dispute_catches BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

-- Tokens of a disputed payment that an ending session gives back are caught in the same transaction.
CREATE TRIGGER disputes_catch_released AFTER UPDATE OF settled_at ON sessions
WHEN OLD.settled_at IS NULL AND NEW.settled_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM disputes WHERE wallet_id = NEW.wallet_id AND status IN ('open', 'lost')) BEGIN
  INSERT INTO dispute_catches (id, dispute_id, at)
    SELECT 'dispute:' || id || ':caught:' || NEW.id, id, NEW.settled_at FROM disputes
    WHERE wallet_id = NEW.wallet_id AND status IN ('open', 'lost') AND EXISTS (SELECT 1 FROM hold_draws h
      JOIN order_lots ol ON ol.lot_id = h.lot_id WHERE h.session_id = NEW.id AND ol.order_id = disputes.order_id);
END;

-- The life of a dispute. A lost one may still be won (the bank changes its mind); nothing else follows an end.
CREATE TRIGGER disputes_order_of_steps BEFORE UPDATE OF status ON disputes WHEN OLD.status || '>' || NEW.status NOT IN
    ('inquiry>closed', 'inquiry>open', 'closed>open', 'open>won', 'open>lost', 'lost>won') BEGIN
  SELECT RAISE(ABORT, 'dispute_step');
END;
CREATE TRIGGER disputes_frozen BEFORE UPDATE ON disputes WHEN NEW.id <> OLD.id OR NEW.order_id <> OLD.order_id
    OR NEW.wallet_id <> OLD.wallet_id OR NEW.amount_cents <> OLD.amount_cents BEGIN
  SELECT RAISE(ABORT, 'ledger_immutable');
END;
CREATE TRIGGER disputes_no_delete BEFORE DELETE ON disputes BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

CREATE TRIGGER disputes_open AFTER UPDATE OF status ON disputes WHEN NEW.status = 'open' BEGIN
  UPDATE disputes SET (from_cents, to_cents) = (
      SELECT min(before, o.amount_cents), min(before + NEW.amount_cents, o.amount_cents) FROM orders o,
        (SELECT (SELECT coalesce(sum(amount_cents), 0) FROM refunds WHERE order_id = NEW.order_id AND undone_at IS NULL)
          + (SELECT coalesce(sum(amount_cents), 0) FROM disputes
             WHERE order_id = NEW.order_id AND id <> NEW.id AND status IN ('open', 'lost')) AS before)
      WHERE o.id = NEW.order_id)
    WHERE id = NEW.id;
  INSERT INTO transfers VALUES ('dispute:' || NEW.id || ':opened', 1, 'dispute_receivable', 'stripe_clearing', NEW.amount_cents);
  INSERT INTO transfers SELECT 'dispute:' || NEW.id || ':opened', 2, 'stripe_fees', 'stripe_clearing', NEW.fee_cents
    WHERE NEW.fee_cents > 0;
  INSERT INTO dispute_catches (id, dispute_id, at) VALUES ('dispute:' || NEW.id || ':opened', NEW.id, NEW.opened_at);
  INSERT INTO new_notifications (user_id, kind, data, at) SELECT NEW.user_id, 'dispute_opened',
    json_object('orderId', NEW.order_id, 'amountCents', NEW.amount_cents, 'frozenTokens',
      coalesce((SELECT sum(tokens) FROM dispute_tokens WHERE dispute_id = NEW.id), 0)), NEW.opened_at;
END;

-- What Stripe keeps may change when it ends: a further fee, or one that comes back.
CREATE TRIGGER disputes_won AFTER UPDATE OF status ON disputes WHEN OLD.status = 'open' AND NEW.status = 'won' BEGIN
  INSERT INTO transfers VALUES ('dispute:' || NEW.id || ':won', 1, 'stripe_clearing', 'dispute_receivable', NEW.amount_cents);
  INSERT INTO transfers SELECT 'dispute:' || NEW.id || ':won', 2, 'stripe_fees', 'stripe_clearing', NEW.fee_cents - OLD.fee_cents
    WHERE NEW.fee_cents > OLD.fee_cents;
  INSERT INTO transfers SELECT 'dispute:' || NEW.id || ':won', 2, 'stripe_clearing', 'stripe_fees', OLD.fee_cents - NEW.fee_cents
    WHERE NEW.fee_cents < OLD.fee_cents;
  INSERT INTO transfers SELECT 'dispute:' || NEW.id || ':won', 10 + row_number() OVER (ORDER BY lot_id), 'frozen:' || NEW.id,
    'lot:' || lot_id, tokens FROM dispute_tokens WHERE dispute_id = NEW.id;
  INSERT INTO ledger_tx VALUES ('dispute:' || NEW.id || ':won', 'dispute', NEW.id, NEW.closed_at);
  INSERT INTO wallet_entries SELECT w.id, w.entry_seq + 1, 'dispute', back, w.available + back, 'dispute:' || NEW.id || ':won',
      NULL, o.payment_intent_id, NEW.closed_at
    FROM (SELECT sum(tokens) AS back FROM dispute_tokens WHERE dispute_id = NEW.id), orders o, wallets w
    WHERE back > 0 AND o.id = NEW.order_id AND w.id = NEW.wallet_id;
END;

CREATE TRIGGER disputes_lost AFTER UPDATE OF status ON disputes WHEN OLD.status = 'open' AND NEW.status = 'lost' BEGIN
  INSERT INTO transfers SELECT 'dispute:' || NEW.id || ':lost', 10 + row_number() OVER (ORDER BY lot_id), 'frozen:' || NEW.id,
    'refunded', tokens FROM dispute_tokens WHERE dispute_id = NEW.id;
  INSERT INTO transfers SELECT 'dispute:' || NEW.id || ':lost', 100 + row_number() OVER (ORDER BY t.lot_id), 'token_liability',
      'dispute_receivable', l.basis_cents * (l.spent + t.tokens) / l.issued - l.basis_cents * l.spent / l.issued
    FROM dispute_tokens t JOIN lots l ON l.id = t.lot_id WHERE t.dispute_id = NEW.id AND l.kind = 'paid'
      AND l.basis_cents * (l.spent + t.tokens) / l.issued > l.basis_cents * l.spent / l.issued;
  UPDATE lots SET spent = spent + (SELECT t.tokens FROM dispute_tokens t WHERE t.dispute_id = NEW.id AND t.lot_id = lots.id)
    WHERE id IN (SELECT lot_id FROM dispute_tokens WHERE dispute_id = NEW.id);
  INSERT INTO transfers SELECT 'dispute:' || NEW.id || ':lost', 1, 'dispute_loss', 'dispute_receivable', loss FROM (
      SELECT NEW.amount_cents - coalesce(sum(amount), 0) AS loss FROM transfers
      WHERE tx = 'dispute:' || NEW.id || ':lost' AND dr = 'token_liability') WHERE loss > 0;
  -- The slices of a price are rounded down, so that the last one may be worth a cent more than was disputed.
  INSERT INTO transfers SELECT 'dispute:' || NEW.id || ':lost', 1, 'dispute_receivable', 'dispute_loss', -loss FROM (
      SELECT NEW.amount_cents - coalesce(sum(amount), 0) AS loss FROM transfers
      WHERE tx = 'dispute:' || NEW.id || ':lost' AND dr = 'token_liability') WHERE loss < 0;
  INSERT INTO transfers SELECT 'dispute:' || NEW.id || ':lost', 2, 'stripe_fees', 'stripe_clearing', NEW.fee_cents - OLD.fee_cents
    WHERE NEW.fee_cents > OLD.fee_cents;
  INSERT INTO transfers SELECT 'dispute:' || NEW.id || ':lost', 2, 'stripe_clearing', 'stripe_fees', OLD.fee_cents - NEW.fee_cents
    WHERE NEW.fee_cents < OLD.fee_cents;
  INSERT INTO ledger_tx VALUES ('dispute:' || NEW.id || ':lost', 'dispute', NEW.id, NEW.closed_at);
  INSERT INTO wallet_blocks (id, wallet_id, user_id, reason, at)
    VALUES ('dispute:' || NEW.id, NEW.wallet_id, NEW.user_id, 'dispute_lost', NEW.closed_at);
  INSERT INTO new_notifications (user_id, kind, data, at) VALUES (NEW.user_id, 'dispute_lost',
    json_object('orderId', NEW.order_id, 'amountCents', NEW.amount_cents), NEW.closed_at);
END;

-- Won after it was lost: the money is here again, so the tokens come back in a lot of their own and the loss is undone.
CREATE TRIGGER disputes_won_late AFTER UPDATE OF status ON disputes WHEN OLD.status = 'lost' AND NEW.status = 'won' BEGIN
  INSERT INTO issuances (id, lot_id, wallet_id, kind, source, tokens, paid_cents, priority, expires_at, payment_id, at)
    SELECT 'dispute_won:' || NEW.id, NEW.id, NEW.wallet_id, 'paid', 'dispute_won', back, given_up, 50, NULL, payment_intent_id,
      NEW.closed_at
    FROM (SELECT sum(tokens) AS back FROM dispute_tokens WHERE dispute_id = NEW.id AND kind = 'paid'),
      (SELECT coalesce(sum(amount), 0) AS given_up FROM transfers WHERE dr = 'token_liability'
        AND (tx = 'dispute:' || NEW.id || ':lost' OR tx IN (SELECT id FROM dispute_catches WHERE dispute_id = NEW.id))), orders
    WHERE back > 0 AND orders.id = NEW.order_id;
  INSERT INTO issuances (id, lot_id, wallet_id, kind, source, tokens, paid_cents, priority, expires_at, payment_id, at)
    SELECT 'dispute_won:' || NEW.id || ':' || t.lot_id, NEW.id || ':' || t.lot_id, NEW.wallet_id, 'promo', 'dispute_won', t.tokens, 0,
      l.priority, l.expires_at, NULL, NEW.closed_at
    FROM dispute_tokens t JOIN lots l ON l.id = t.lot_id
    WHERE t.dispute_id = NEW.id AND t.kind = 'promo' AND (l.expires_at IS NULL OR l.expires_at > NEW.closed_at);
  INSERT INTO transfers SELECT 'dispute:' || NEW.id || ':won', 1, 'stripe_clearing', 'dispute_loss', loss FROM (
      SELECT NEW.amount_cents - coalesce((SELECT paid_cents FROM issuances WHERE id = 'dispute_won:' || NEW.id), 0) AS loss)
    WHERE loss > 0;
  INSERT INTO transfers SELECT 'dispute:' || NEW.id || ':won', 1, 'dispute_loss', 'stripe_clearing', -loss FROM (
      SELECT NEW.amount_cents - coalesce((SELECT paid_cents FROM issuances WHERE id = 'dispute_won:' || NEW.id), 0) AS loss)
    WHERE loss < 0;
  INSERT INTO transfers SELECT 'dispute:' || NEW.id || ':won', 2, 'stripe_fees', 'stripe_clearing', NEW.fee_cents - OLD.fee_cents
    WHERE NEW.fee_cents > OLD.fee_cents;
  INSERT INTO transfers SELECT 'dispute:' || NEW.id || ':won', 2, 'stripe_clearing', 'stripe_fees', OLD.fee_cents - NEW.fee_cents
    WHERE NEW.fee_cents < OLD.fee_cents;
  INSERT INTO ledger_tx SELECT 'dispute:' || NEW.id || ':won', 'dispute', NEW.id, NEW.closed_at
    WHERE EXISTS (SELECT 1 FROM transfers WHERE tx = 'dispute:' || NEW.id || ':won');
  UPDATE wallet_blocks SET lifted_at = NEW.closed_at, lifted_by = 'stripe', lift_reason = 'dispute_won'
    WHERE id = 'dispute:' || NEW.id AND lifted_at IS NULL;
END;
CREATE TRIGGER disputes_won_tell AFTER UPDATE OF status ON disputes WHEN NEW.status = 'won' BEGIN
  INSERT INTO new_notifications (user_id, kind, data, at) VALUES (NEW.user_id, 'dispute_won',
    json_object('orderId', NEW.order_id, 'amountCents', NEW.amount_cents), NEW.closed_at);
END;

-- Who may not buy or start until it is settled. What runs may end as always.
CREATE TABLE wallet_blocks (
  id          TEXT PRIMARY KEY,
  wallet_id   TEXT NOT NULL REFERENCES wallets (id),
  user_id     TEXT NOT NULL,
  reason      TEXT NOT NULL CHECK (reason IN ('dispute_lost', 'fraud')),
  at          INTEGER NOT NULL,
  lifted_at   INTEGER,
  -- An operator's user id, or `stripe`.
  lifted_by   TEXT,
  lift_reason TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX wallet_blocks_standing ON wallet_blocks (wallet_id) WHERE lifted_at IS NULL;
CREATE TRIGGER blocked_start BEFORE INSERT ON sessions WHEN NEW.mode = 'live' BEGIN
  SELECT RAISE(IGNORE) FROM wallet_blocks WHERE wallet_id = NEW.wallet_id AND lifted_at IS NULL;
END;
CREATE TRIGGER blocked_extend BEFORE INSERT ON extensions BEGIN
  SELECT RAISE(IGNORE) FROM sessions s JOIN wallet_blocks b ON b.wallet_id = s.wallet_id
    WHERE s.id = NEW.session_id AND s.mode = 'live' AND b.lifted_at IS NULL;
END;
