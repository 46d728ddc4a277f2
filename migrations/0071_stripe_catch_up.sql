-- How far Stripe's own list of events has been gone through: what happened before was acted on, or is past what Stripe keeps.
CREATE TABLE stripe_catch_up (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  through INTEGER NOT NULL
) STRICT;
