-- Connections: a person lets the marketplace act for them at an app that has accounts of its own. The app's owner says how
-- its server is spoken to; secrets and tokens are sealed (domain/seal.ts). See docs/connections.md and docs/decisions/
-- 0049-connections.md.

CREATE TABLE provider_auth (
  provider_id   TEXT PRIMARY KEY REFERENCES providers (id),
  protocol      TEXT NOT NULL CHECK (protocol IN ('oidc', 'oauth2', 'api_key')),
  -- Issuer, endpoints, scopes and field names, as JSON (domain/connections/settings.ts).
  config        TEXT NOT NULL,
  client_id     TEXT,
  client_secret TEXT,
  updated_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE provider_connections (
  id               TEXT PRIMARY KEY,
  user_id          TEXT NOT NULL,
  provider_id      TEXT NOT NULL REFERENCES providers (id),
  -- The one identity all protocols come to: who the person is there, and how they showed it.
  provider_user_id TEXT NOT NULL,
  auth_method      TEXT NOT NULL CHECK (auth_method IN ('oidc', 'oauth2', 'api_key')),
  -- Sealed. An API key is kept as the access token.
  access_token     TEXT NOT NULL,
  refresh_token    TEXT,
  token_expires_at INTEGER,
  scope            TEXT,
  -- `broken`: the provider does not honour it any more; the person connects again.
  status           TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'broken')),
  -- Counts the token sets, so that a refresh writes over nothing newer; who refreshes has the lease.
  generation       INTEGER NOT NULL DEFAULT 1,
  lease_until      INTEGER NOT NULL DEFAULT 0,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  UNIQUE (user_id, provider_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_connections_provider ON provider_connections (provider_id);

-- A connection on its way: one a person and app, the newest. Used up by the first callback, right or wrong.
CREATE TABLE connection_attempts (
  user_id     TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  state_hash  TEXT NOT NULL,
  -- Verifier and nonce, sealed.
  secrets     TEXT NOT NULL,
  expires_at  INTEGER NOT NULL,
  PRIMARY KEY (user_id, provider_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX connection_attempts_expiry ON connection_attempts (expires_at);
