-- Where a lot came from, what tax came with it, and what becomes of promotional tokens whose time is over.
-- See docs/accounting.md ("Lots") and docs/decisions/0020-expiry-is-a-row.md. Rows from before this file keep their meaning:
-- paid ones are purchases, promotional ones are promotions.

-- What we collected for the state, and what Stripe kept of a payment.
INSERT INTO accounts (id, unit, normal, floored) VALUES
  ('tax_payable', 'USD', 'credit', 0), ('stripe_fees', 'USD', 'debit', 0);

-- The sources a lot can have. `kind` decides its accounting: what somebody paid for is a liability, the rest a promotion.
-- A migration that brings a new source adds a row; LOT_SOURCES in domain/ledger/store.ts names them with their priorities.
CREATE TABLE lot_sources (
  source TEXT NOT NULL,
  kind   TEXT NOT NULL CHECK (kind IN ('paid', 'promo')),
  PRIMARY KEY (source, kind)
) STRICT, WITHOUT ROWID;
INSERT INTO lot_sources (source, kind) VALUES
  ('purchase', 'paid'), ('bundle', 'paid'), ('top_up', 'paid'), ('subscription', 'paid'), ('organisation', 'paid'),
  ('promotion', 'promo'), ('trial', 'promo'), ('referral', 'promo'), ('subscription', 'promo'),
  ('reversal', 'paid'), ('reversal', 'promo'), ('refund_undone', 'paid'), ('refund_undone', 'promo');

ALTER TABLE lots ADD COLUMN source TEXT NOT NULL DEFAULT 'purchase';
-- Tokens that came back from a session after the lot's end made it last longer; that happens once.
ALTER TABLE lots ADD COLUMN graced INTEGER NOT NULL DEFAULT 0 CHECK (graced IN (0, 1));
UPDATE lots SET source = 'promotion' WHERE kind = 'promo';
CREATE INDEX lots_expiry ON lots (expires_at) WHERE remaining > 0 AND expires_at IS NOT NULL;

DROP TRIGGER issuances_no_update;
ALTER TABLE issuances ADD COLUMN source TEXT NOT NULL DEFAULT 'purchase';
ALTER TABLE issuances ADD COLUMN tax_cents INTEGER NOT NULL DEFAULT 0 CHECK (tax_cents >= 0);
UPDATE issuances SET source = 'promotion' WHERE kind = 'promo';
UPDATE issuances SET source = 'refund_undone' WHERE substr(id, 1, 14) = 'refund_undone:';
UPDATE lots SET source = 'refund_undone' WHERE id IN (SELECT lot_id FROM issuances WHERE source = 'refund_undone');
CREATE TRIGGER issuances_no_update BEFORE UPDATE ON issuances BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

CREATE TRIGGER issuances_source BEFORE INSERT ON issuances BEGIN
  SELECT RAISE(ABORT, 'lot_source_unknown')
    WHERE NOT EXISTS (SELECT 1 FROM lot_sources WHERE source = NEW.source AND kind = NEW.kind);
END;

DROP TRIGGER issuances_post;
CREATE TRIGGER issuances_post AFTER INSERT ON issuances BEGIN
  INSERT INTO lots (id, wallet_id, kind, priority, issued, remaining, basis_cents, expires_at, created_at, source)
    VALUES (NEW.lot_id, NEW.wallet_id, NEW.kind, NEW.priority, NEW.tokens, 0, NEW.paid_cents, NEW.expires_at, NEW.at,
      CASE substr(NEW.id, 1, 14) WHEN 'refund_undone:' THEN 'refund_undone' ELSE NEW.source END);
  INSERT INTO accounts (id, unit, normal, floored) VALUES ('lot:' || NEW.lot_id, 'TOK', 'credit', 1);
  INSERT INTO transfers VALUES (NEW.id, 1, 'issued_' || NEW.kind, 'lot:' || NEW.lot_id, NEW.tokens);
  INSERT INTO transfers SELECT NEW.id, 2, 'stripe_clearing', 'token_liability', NEW.paid_cents WHERE NEW.paid_cents > 0;
  INSERT INTO transfers SELECT NEW.id, 3, 'stripe_clearing', 'tax_payable', NEW.tax_cents WHERE NEW.tax_cents > 0;
  INSERT INTO ledger_tx VALUES (NEW.id, CASE NEW.kind WHEN 'paid' THEN 'purchase' ELSE 'promo' END, NEW.lot_id, NEW.at);
  INSERT INTO wallet_entries SELECT id, entry_seq + 1, CASE NEW.kind WHEN 'paid' THEN 'purchase' ELSE 'promo' END,
    NEW.tokens, available + NEW.tokens, NEW.id, NULL, NEW.payment_id, NEW.at FROM wallets WHERE id = NEW.wallet_id;
END;

-- A hold first writes off what has expired in the wallet, so that the balance after it counts nothing that is gone. The
-- document is named by what the lot had lost before, so the same tokens can never be written off twice.
DROP TRIGGER holds_post;
CREATE TRIGGER holds_post AFTER INSERT ON holds BEGIN
  INSERT INTO withdrawals (id, lot_id, kind, tokens, payment_id, at)
    SELECT 'expire:' || id || ':' || spent, id, 'expiry', remaining, NULL, NEW.at FROM lots
    WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND expires_at <= NEW.at;
  INSERT INTO hold_draws
    SELECT NEW.session_id, NEW.id, position, id, min(remaining, NEW.tokens - before) FROM (
      SELECT id, remaining, row_number() OVER draw AS position, sum(remaining) OVER draw - remaining AS before
      FROM lots WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND (expires_at IS NULL OR expires_at > NEW.at)
      WINDOW draw AS (ORDER BY priority, coalesce(expires_at, 9007199254740991), kind DESC, created_at, id
                      ROWS UNBOUNDED PRECEDING))
    WHERE before < NEW.tokens;
  SELECT RAISE(ABORT, 'insufficient_tokens')
    WHERE coalesce((SELECT sum(tokens) FROM hold_draws WHERE session_id = NEW.session_id AND hold_id = NEW.id), 0) <> NEW.tokens;
  INSERT OR IGNORE INTO accounts (id, unit, normal, floored)
    SELECT 'hold:' || NEW.session_id || ':' || lot_id, 'TOK', 'credit', 1
    FROM hold_draws WHERE session_id = NEW.session_id AND hold_id = NEW.id;
  INSERT INTO transfers SELECT NEW.id, position, 'lot:' || lot_id, 'hold:' || NEW.session_id || ':' || lot_id, tokens
    FROM hold_draws WHERE session_id = NEW.session_id AND hold_id = NEW.id;
  INSERT INTO ledger_tx VALUES (NEW.id, 'hold', NEW.session_id, NEW.at);
  INSERT INTO wallet_entries SELECT id, entry_seq + 1, 'hold', -NEW.tokens, available - NEW.tokens, NEW.id,
    NEW.session_id, NULL, NEW.at FROM wallets WHERE id = NEW.wallet_id;
END;

-- As before (0001_ledger.sql), and: what is left in an expired lot is written off before tokens come back to it, and what
-- comes back is good for 604800000 ms more (GRACE_MS in domain/ledger/lots.ts: 7 days), once in a lot's life. What comes
-- back after that is written off at once.
DROP TRIGGER settlements_post;
CREATE TRIGGER settlements_post AFTER INSERT ON settlements BEGIN
  INSERT INTO withdrawals (id, lot_id, kind, tokens, payment_id, at)
    SELECT 'expire:' || id || ':' || spent, id, 'expiry', remaining, NULL, NEW.at FROM lots
    WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND expires_at <= NEW.at;
  INSERT INTO settlement_draws
    SELECT NEW.session_id, position, lot_id, held, used, used * NEW.token_cents,
      l.basis_cents * (l.spent + used) / l.issued - l.basis_cents * l.spent / l.issued
    FROM (
      SELECT position, lot_id, held, max(0, min(held, NEW.used_tokens - before)) AS used FROM (
        SELECT lot_id, held, row_number() OVER draw AS position, sum(held) OVER draw - held AS before FROM (
          SELECT lot_id, min(hold_id || printf(':%06d', position)) AS drawn, sum(tokens) AS held
          FROM hold_draws WHERE session_id = NEW.session_id GROUP BY lot_id)
        WINDOW draw AS (ORDER BY drawn ROWS UNBOUNDED PRECEDING)))
    JOIN lots l ON l.id = lot_id;
  SELECT RAISE(ABORT, 'settlement_not_equal_hold')
    WHERE (SELECT coalesce(sum(held), 0) FROM settlement_draws WHERE session_id = NEW.session_id) <> NEW.held_tokens;
  UPDATE lots SET spent = spent + (SELECT used FROM settlement_draws d WHERE d.session_id = NEW.session_id AND d.lot_id = lots.id)
    WHERE id IN (SELECT lot_id FROM settlement_draws WHERE session_id = NEW.session_id AND used > 0);
  UPDATE lots SET expires_at = NEW.at + 604800000, graced = 1
    WHERE expires_at <= NEW.at AND graced = 0
      AND id IN (SELECT lot_id FROM settlement_draws WHERE session_id = NEW.session_id AND held > used);
  INSERT INTO transfers SELECT NEW.id, 4 * position, 'hold:' || NEW.session_id || ':' || lot_id, 'spent', used
    FROM settlement_draws WHERE session_id = NEW.session_id AND used > 0;
  INSERT INTO transfers SELECT NEW.id, 4 * position + 1, 'hold:' || NEW.session_id || ':' || lot_id, 'lot:' || lot_id, held - used
    FROM settlement_draws WHERE session_id = NEW.session_id AND held > used;
  INSERT INTO transfers SELECT NEW.id, 4 * d.position + 2, CASE l.kind WHEN 'paid' THEN 'token_liability' ELSE 'promo_expense' END,
      'revenue_fee', CASE l.kind WHEN 'paid' THEN d.basis_cents ELSE d.face_cents END
    FROM settlement_draws d JOIN lots l ON l.id = d.lot_id
    WHERE d.session_id = NEW.session_id AND CASE l.kind WHEN 'paid' THEN d.basis_cents ELSE d.face_cents END > 0;
  INSERT INTO transfers SELECT NEW.id, 4 * d.position + 3, 'discounts', 'revenue_fee', d.face_cents - d.basis_cents
    FROM settlement_draws d JOIN lots l ON l.id = d.lot_id
    WHERE d.session_id = NEW.session_id AND l.kind = 'paid' AND d.face_cents > d.basis_cents;
  INSERT OR IGNORE INTO accounts (id, unit, normal, floored)
    SELECT CASE NEW.payable WHEN 1 THEN 'provider:' ELSE 'unpayable:' END || NEW.provider_id, 'USD', 'credit', 0 WHERE NEW.share_cents > 0;
  INSERT INTO transfers SELECT NEW.id, 1, 'revenue_fee', CASE NEW.payable WHEN 1 THEN 'provider:' ELSE 'unpayable:' END || NEW.provider_id,
    NEW.share_cents WHERE NEW.share_cents > 0;
  INSERT INTO ledger_tx VALUES (NEW.id, 'settle', NEW.session_id, NEW.at);
  INSERT INTO wallet_entries SELECT id, entry_seq + 1, 'release', NEW.held_tokens, available + NEW.held_tokens, NEW.id,
    NEW.session_id, NULL, NEW.at FROM wallets WHERE id = NEW.wallet_id;
  INSERT INTO wallet_entries SELECT id, entry_seq + 1, 'consumption', -NEW.used_tokens, available - NEW.used_tokens, NEW.id,
    NEW.session_id, NULL, NEW.at FROM wallets WHERE id = NEW.wallet_id AND NEW.used_tokens > 0;
  INSERT INTO withdrawals (id, lot_id, kind, tokens, payment_id, at)
    SELECT 'expire:' || id || ':' || spent, id, 'expiry', remaining, NULL, NEW.at FROM lots
    WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND expires_at <= NEW.at;
END;
