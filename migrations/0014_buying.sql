-- What an order was sold for and how: list price and discount, promotion codes, tax, consent to keep the card, delayed
-- payments, and the invoice it leads to. What a setting decided about a purchase stands in the order and is never looked up
-- again. See docs/buying.md and docs/decisions/0023-promotions-are-ours.md. Needs 0010_lots.sql.

-- The price without any discount; null in orders from before this file, which had none.
ALTER TABLE orders ADD COLUMN list_cents INTEGER CHECK (list_cents >= amount_cents);
-- 'added': Stripe Tax puts tax on top of amount_cents. The tax itself is known when the payment is.
ALTER TABLE orders ADD COLUMN tax_mode TEXT NOT NULL DEFAULT 'none' CHECK (tax_mode IN ('none', 'added'));
ALTER TABLE orders ADD COLUMN tax_cents INTEGER NOT NULL DEFAULT 0 CHECK (tax_cents >= 0);
-- Where the buyer said they are, for the invoice; Stripe asks for it where tax is added.
ALTER TABLE orders ADD COLUMN buyer_country TEXT;
-- The buyer agreed, before paying, that this card may be kept and charged later.
ALTER TABLE orders ADD COLUMN save_card INTEGER NOT NULL DEFAULT 0 CHECK (save_card IN (0, 1));
-- The source of the lot it buys (lot_sources).
ALTER TABLE orders ADD COLUMN source TEXT NOT NULL DEFAULT 'purchase'
  CHECK (source IN ('purchase', 'bundle', 'top_up', 'subscription', 'organisation'));
-- Who sold it, as JSON: name, address, tax number, prefix of the invoice number. Null before this file.
ALTER TABLE orders ADD COLUMN seller TEXT;
-- Since when a method that pays later is on its way; null otherwise.
ALTER TABLE orders ADD COLUMN processing_since INTEGER;

DROP TRIGGER orders_frozen;
CREATE TRIGGER orders_frozen BEFORE UPDATE ON orders WHEN
    NEW.id <> OLD.id OR NEW.wallet_id <> OLD.wallet_id OR NEW.tokens <> OLD.tokens OR NEW.amount_cents <> OLD.amount_cents
    OR NEW.currency <> OLD.currency OR NEW.list_cents IS NOT OLD.list_cents OR NEW.tax_mode <> OLD.tax_mode
    OR NEW.save_card <> OLD.save_card OR NEW.source <> OLD.source OR NEW.seller IS NOT OLD.seller
    OR (OLD.paid_at IS NOT NULL AND (NEW.paid_at IS NOT OLD.paid_at OR NEW.tax_cents <> OLD.tax_cents))
    OR (OLD.checkout_id IS NOT NULL AND NEW.checkout_id IS NOT OLD.checkout_id) BEGIN
  SELECT RAISE(ABORT, 'order_immutable');
END;

-- Promotion codes -------------------------------------------------------------------------------------------------
-- Ours, not Stripe's: the limits hold in the transaction that makes the order. A code either takes something off the price
-- or adds promotional tokens.
CREATE TABLE promotion_codes (
  code                  TEXT PRIMARY KEY CHECK (code = upper(code)),
  discount_basis_points INTEGER NOT NULL CHECK (discount_basis_points >= 0),
  bonus_tokens          INTEGER NOT NULL CHECK (bonus_tokens >= 0),
  -- How long bonus tokens last after the payment.
  bonus_days            INTEGER NOT NULL,
  tokens_min            INTEGER NOT NULL,
  uses_max              INTEGER NOT NULL CHECK (uses_max > 0),
  uses_per_person_max   INTEGER NOT NULL CHECK (uses_per_person_max > 0),
  starts_at             INTEGER NOT NULL,
  ends_at               INTEGER NOT NULL,
  stopped_at            INTEGER,
  created_by            TEXT NOT NULL,
  created_at            INTEGER NOT NULL,
  CONSTRAINT one_of_both CHECK ((discount_basis_points > 0) <> (bonus_tokens > 0))
) STRICT, WITHOUT ROWID;
CREATE TRIGGER promotion_codes_frozen BEFORE UPDATE ON promotion_codes WHEN NEW.code <> OLD.code
    OR NEW.discount_basis_points <> OLD.discount_basis_points OR NEW.bonus_tokens <> OLD.bonus_tokens
    OR NEW.bonus_days <> OLD.bonus_days OR (OLD.stopped_at IS NOT NULL AND NEW.stopped_at IS NOT OLD.stopped_at) BEGIN
  SELECT RAISE(ABORT, 'promotion_immutable');
END;

-- A code used by an order. An order that ends unpaid gives its use back; one that is paid after all takes it again.
CREATE TABLE order_promotions (
  order_id     TEXT PRIMARY KEY REFERENCES orders (id),
  code         TEXT NOT NULL REFERENCES promotion_codes (code),
  user_id      TEXT NOT NULL,
  bonus_tokens INTEGER NOT NULL,
  bonus_days   INTEGER NOT NULL,
  -- The lot the bonus becomes when the order is paid.
  bonus_lot_id TEXT NOT NULL UNIQUE,
  at           INTEGER NOT NULL,
  released     INTEGER NOT NULL DEFAULT 0 CHECK (released IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX order_promotions_uses ON order_promotions (code, user_id) WHERE released = 0;
CREATE TRIGGER order_promotions_limits BEFORE INSERT ON order_promotions BEGIN
  SELECT RAISE(ABORT, 'promotion_over') FROM promotion_codes
    WHERE code = NEW.code AND (stopped_at IS NOT NULL OR NEW.at < starts_at OR NEW.at >= ends_at);
  SELECT RAISE(ABORT, 'promotion_used_up') FROM promotion_codes p WHERE p.code = NEW.code
    AND (SELECT count(*) FROM order_promotions u WHERE u.code = NEW.code AND u.released = 0) >= p.uses_max;
  SELECT RAISE(ABORT, 'promotion_used_before') FROM promotion_codes p WHERE p.code = NEW.code
    AND (SELECT count(*) FROM order_promotions u
         WHERE u.code = NEW.code AND u.user_id = NEW.user_id AND u.released = 0) >= p.uses_per_person_max;
END;
CREATE TRIGGER orders_release_promotion AFTER UPDATE OF status ON orders
WHEN OLD.status = 'open' AND NEW.status IN ('expired', 'failed') BEGIN
  UPDATE order_promotions SET released = 1 WHERE order_id = NEW.id;
END;

-- Paid ------------------------------------------------------------------------------------------------------------
-- One row an invoice, numbered without gaps in the order in which payments came in.
CREATE TABLE invoices (
  number   INTEGER PRIMARY KEY CHECK (number > 0),
  order_id TEXT NOT NULL UNIQUE REFERENCES orders (id),
  at       INTEGER NOT NULL
) STRICT;
CREATE TRIGGER invoices_no_update BEFORE UPDATE ON invoices BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER invoices_no_delete BEFORE DELETE ON invoices BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
INSERT INTO invoices (number, order_id, at)
  SELECT row_number() OVER (ORDER BY paid_at, id), id, paid_at FROM orders WHERE paid_at IS NOT NULL;

-- As before (0005_payments.sql), and: tax in its own posting, the bonus of a code, the invoice. An order without a page (a
-- top-up charged off-session) is known by its payment. 50 and 10 are LOT_PRIORITY in domain/ledger/store.ts.
DROP TRIGGER orders_credit;
CREATE TRIGGER orders_credit AFTER UPDATE OF paid_at ON orders WHEN OLD.paid_at IS NULL AND NEW.paid_at IS NOT NULL BEGIN
  INSERT INTO issuances (id, lot_id, wallet_id, kind, tokens, paid_cents, tax_cents, priority, expires_at, payment_id, source, at)
    VALUES ('purchase:' || coalesce(NEW.checkout_id, NEW.payment_intent_id), NEW.id, NEW.wallet_id, 'paid', NEW.tokens,
      NEW.amount_cents, NEW.tax_cents, 50, NULL, NEW.payment_intent_id, NEW.source, NEW.paid_at);
  UPDATE order_promotions SET released = 0 WHERE order_id = NEW.id;
  INSERT INTO issuances (id, lot_id, wallet_id, kind, tokens, paid_cents, priority, expires_at, payment_id, source, at)
    SELECT 'promo:' || NEW.id, bonus_lot_id, NEW.wallet_id, 'promo', bonus_tokens, 0, 10,
      NEW.paid_at + bonus_days * 86400000, NEW.payment_intent_id, 'promotion', NEW.paid_at
    FROM order_promotions WHERE order_id = NEW.id AND bonus_tokens > 0;
  INSERT INTO invoices (number, order_id, at) SELECT coalesce(max(number), 0) + 1, NEW.id, NEW.paid_at FROM invoices;
END;

-- A refund takes back the promotion that came with the purchase, in the same proportion as the money: what is unspent of
-- it. Stands beside refunds_post and looks at the refund's own amount only, so that the order of the two does not matter.
CREATE TRIGGER refunds_take_bonus AFTER INSERT ON refunds BEGIN
  INSERT INTO withdrawals (id, lot_id, kind, tokens, payment_id, at)
    SELECT 'refund:' || NEW.id || ':bonus', id, 'refund', tokens, payment_intent_id, NEW.at FROM (
      SELECT l.id, o.payment_intent_id, min(l.remaining,
          p.bonus_tokens * min(before + NEW.amount_cents, total) / total - p.bonus_tokens * min(before, total) / total) AS tokens
      FROM (SELECT *, amount_cents + tax_cents AS total FROM orders WHERE id = NEW.order_id) o
        JOIN order_promotions p ON p.order_id = o.id JOIN lots l ON l.id = p.bonus_lot_id,
        (SELECT coalesce(sum(amount_cents), 0) AS before FROM refunds
          WHERE order_id = NEW.order_id AND id <> NEW.id AND undone_at IS NULL))
    WHERE tokens > 0;
END;
CREATE TRIGGER refunds_give_bonus_back AFTER UPDATE OF undone_at ON refunds
WHEN OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL BEGIN
  INSERT INTO issuances (id, lot_id, wallet_id, kind, tokens, paid_cents, priority, expires_at, payment_id, source, at)
    SELECT 'refund_undone:' || NEW.id || ':bonus', NEW.id || ':bonus', l.wallet_id, 'promo', w.tokens, 0, 10, l.expires_at,
      w.payment_id, 'refund_undone', NEW.undone_at
    FROM withdrawals w JOIN lots l ON l.id = w.lot_id WHERE w.id = 'refund:' || NEW.id || ':bonus';
END;
