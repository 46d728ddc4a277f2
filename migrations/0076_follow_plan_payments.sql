-- What went back of a plan's payment is asked for once more after the payment is in the books: what Stripe told before that was
-- of nobody we knew (docs/subscriptions.md).
ALTER TABLE plan_payments ADD COLUMN followed_at INTEGER;
UPDATE plan_payments SET followed_at = at;
CREATE INDEX plan_payments_unfollowed ON plan_payments (at) WHERE followed_at IS NULL;
