-- Apps in the catalogue ("providers" on the wire) and their price versions. A price version never changes:
-- a new price is a new row, and a session keeps the one it was created with.

CREATE TABLE providers (
  id                       TEXT PRIMARY KEY,
  owner_user_id            TEXT NOT NULL,
  name                     TEXT NOT NULL,
  description              TEXT NOT NULL,
  category                 TEXT NOT NULL,
  tags                     TEXT NOT NULL DEFAULT '[]',
  use_cases                TEXT NOT NULL DEFAULT '[]',
  app_url                  TEXT NOT NULL,
  app_origin               TEXT NOT NULL,
  logo_url                 TEXT NOT NULL,
  data_received            TEXT NOT NULL DEFAULT '[]',
  refund_terms             TEXT,
  regions                  TEXT NOT NULL DEFAULT '[]',
  auth_type                TEXT NOT NULL DEFAULT 'api_key' CHECK (auth_type IN ('oauth', 'saml', 'api_key')),
  status                   TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'maintenance')),
  review                   TEXT NOT NULL CHECK (review IN ('pending', 'approved', 'rejected')),
  price_version_id         TEXT NOT NULL,
  token_rate_per_hour      INTEGER,
  rating                   REAL,
  rating_count             INTEGER NOT NULL DEFAULT 0,
  created_at               INTEGER NOT NULL,
  updated_at               INTEGER NOT NULL
) STRICT;
CREATE INDEX providers_listed ON providers (created_at, id) WHERE review = 'approved' AND status <> 'inactive';
CREATE INDEX providers_owner ON providers (owner_user_id);
CREATE INDEX providers_origin ON providers (app_origin);

CREATE TABLE price_versions (
  id                TEXT PRIMARY KEY,
  provider_id       TEXT NOT NULL REFERENCES providers (id) DEFERRABLE INITIALLY DEFERRED,
  components        TEXT NOT NULL,
  fee_basis_points  INTEGER NOT NULL CHECK (fee_basis_points BETWEEN 0 AND 10000),
  created_at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX price_versions_provider ON price_versions (provider_id, created_at);
CREATE TRIGGER price_versions_no_update BEFORE UPDATE ON price_versions BEGIN SELECT RAISE(ABORT, 'price_version_immutable'); END;
CREATE TRIGGER price_versions_no_delete BEFORE DELETE ON price_versions BEGIN SELECT RAISE(ABORT, 'price_version_immutable'); END;

-- Keys of a provider's servers. Only the SHA-256 of a key is kept; `prefix` is what the dashboard shows.
CREATE TABLE api_keys (
  id           TEXT PRIMARY KEY,
  provider_id  TEXT NOT NULL REFERENCES providers (id),
  mode         TEXT NOT NULL CHECK (mode IN ('live', 'test')),
  hash         TEXT NOT NULL UNIQUE,
  prefix       TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  revoked_at   INTEGER
) STRICT;
CREATE INDEX api_keys_provider ON api_keys (provider_id);
