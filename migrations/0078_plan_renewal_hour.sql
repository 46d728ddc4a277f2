-- While the bill of the next month is on its way, what is left of the paid one can still be used
-- (docs/decisions/0075-the-hour-of-a-renewal.md).

-- A paid month and until when it can be used: two hours (7,200,000 ms) after its end where it is to be renewed and the next one
-- is not paid yet. As soon as that is paid, or refused, or the plan is to end, the month is over at its end.
CREATE VIEW plan_months AS
  SELECT p.id, p.subscription_id, p.granted_tokens, p.used_tokens, p.reserved_tokens, p.revoked_at, p.term_from, p.term_until,
    p.term_until + CASE WHEN s.status = 'active' AND s.cancel_at_period_end = 0 AND NOT EXISTS (SELECT 1 FROM plan_payments n
        WHERE n.subscription_id = p.subscription_id AND n.term_until > p.term_until) THEN 7200000 ELSE 0 END AS usable_until
  FROM plan_payments p JOIN subscriptions s ON s.id = p.subscription_id;

-- As before (0065_included_reservations.sql), with that hour.
DROP VIEW plan_terms;
CREATE VIEW plan_terms AS
  SELECT s.user_id, s.provider_id, p.id AS payment_id, p.term_from, p.usable_until AS term_until,
    p.granted_tokens - p.used_tokens - p.reserved_tokens AS left_tokens
  FROM subscriptions s JOIN plan_months p ON p.subscription_id = s.id
  WHERE s.status IN ('open', 'active', 'past_due') AND s.status <> 'open' AND p.revoked_at IS NULL
    AND p.granted_tokens > p.used_tokens + p.reserved_tokens;
