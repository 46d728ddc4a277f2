-- What sessions of an app really came to (rolled up by cron, read with the app), and who has which plan or fee tier. What
-- plans and tiers there are is a setting; a session and a price version freeze what theirs meant.

-- One row per price version and group of lengths; low, median and high are the quarters of what settled sessions came to.
CREATE TABLE app_usage_stats (
  provider_id      TEXT NOT NULL,
  price_version_id TEXT NOT NULL,
  bucket_seconds   INTEGER NOT NULL,
  sessions         INTEGER NOT NULL,
  low_tokens       INTEGER NOT NULL,
  median_tokens    INTEGER NOT NULL,
  high_tokens      INTEGER NOT NULL,
  at               INTEGER NOT NULL,
  PRIMARY KEY (provider_id, price_version_id, bucket_seconds)
) STRICT, WITHOUT ROWID;

CREATE TABLE user_plans (
  user_id  TEXT PRIMARY KEY,
  plan     TEXT NOT NULL,
  since    INTEGER NOT NULL,
  -- Null: until an operator ends it.
  until    INTEGER,
  set_by   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE owner_fee_tiers (
  owner_user_id TEXT PRIMARY KEY,
  tier          TEXT NOT NULL,
  since         INTEGER NOT NULL,
  set_by        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
