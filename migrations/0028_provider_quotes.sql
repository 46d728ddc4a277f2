-- The public key an app signs its quotes with (docs/decisions/0032-signed-quotes.md). We cannot make one up: only the
-- provider has the private half.
CREATE TABLE quote_keys (
  provider_id TEXT PRIMARY KEY REFERENCES providers (id),
  jwk         TEXT NOT NULL,
  set_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
