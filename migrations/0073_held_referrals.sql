-- What waits for an operator, counted and listed without looking at all the others. The words are those of `HELD` in
-- domain/referrals/held-store.ts, so that its reads use it.
CREATE INDEX referrals_held ON referrals (claimed_at) WHERE rewarded_at IS NULL AND held_reason IN ('linked_accounts', 'many_referrals');
