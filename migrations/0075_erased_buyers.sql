-- Purchases that were not paid yet when their buyer deleted the account. Their pages are closed, and money that came all the
-- same goes back (docs/decisions/0074-money-of-a-buyer-who-left.md).

CREATE TABLE erased_buyers (
  order_id TEXT PRIMARY KEY REFERENCES orders (id),
  at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
