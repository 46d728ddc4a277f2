-- What a promotion code of Stripe's took off on Stripe's own page, where an operator lets it take them (the setting
-- stripePromotionCodes). It is known only when the page is paid, so the price of an order becomes what was really asked in
-- the same statement that credits it, and everything after it (lot, refund, dispute, invoice) goes by that price.
-- See docs/decisions/0067-what-stripe-took-off.md.

ALTER TABLE orders ADD COLUMN stripe_discount_cents INTEGER NOT NULL DEFAULT 0 CHECK (stripe_discount_cents >= 0);

-- As before (0014_buying.sql), and: the price may fall once, with the payment, by exactly what Stripe took off.
DROP TRIGGER orders_frozen;
CREATE TRIGGER orders_frozen BEFORE UPDATE ON orders WHEN
    NEW.id <> OLD.id OR NEW.wallet_id <> OLD.wallet_id OR NEW.tokens <> OLD.tokens
    OR NEW.amount_cents + NEW.stripe_discount_cents <> OLD.amount_cents + OLD.stripe_discount_cents
    OR (NEW.stripe_discount_cents <> OLD.stripe_discount_cents AND (OLD.paid_at IS NOT NULL OR NEW.paid_at IS NULL))
    OR NEW.currency <> OLD.currency OR NEW.list_cents IS NOT OLD.list_cents OR NEW.tax_mode <> OLD.tax_mode
    OR NEW.save_card <> OLD.save_card OR NEW.source <> OLD.source OR NEW.seller IS NOT OLD.seller
    OR (OLD.paid_at IS NOT NULL AND (NEW.paid_at IS NOT OLD.paid_at OR NEW.tax_cents <> OLD.tax_cents))
    OR (OLD.checkout_id IS NOT NULL AND NEW.checkout_id IS NOT OLD.checkout_id) BEGIN
  SELECT RAISE(ABORT, 'order_immutable');
END;
