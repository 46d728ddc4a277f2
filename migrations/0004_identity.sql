-- People, their credentials and their sign-ins. `users`, `credentials`, `sign_ins` and `verifications` are the identity
-- engine's own tables under our names (it calls them user, account, session, verification: docs/decisions/0006); refresh
-- tokens and attempt buckets are ours.

CREATE TABLE users (
  id                 TEXT PRIMARY KEY,
  email              TEXT NOT NULL COLLATE NOCASE UNIQUE,
  email_verified     INTEGER NOT NULL DEFAULT 0 CHECK (email_verified IN (0, 1)),
  name               TEXT NOT NULL DEFAULT '',
  image              TEXT,
  role               TEXT NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'operator')),
  -- The random subject the ledger knows this person by. Erasing a person cuts this one link.
  wallet_id          TEXT NOT NULL UNIQUE REFERENCES wallets (id),
  stripe_customer_id TEXT UNIQUE,
  created_at         INTEGER NOT NULL,
  updated_at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Whoever makes a user (sign-up, single sign-on, provisioning, seed) makes the wallet in the same statement.
CREATE TRIGGER users_wallet BEFORE INSERT ON users BEGIN
  INSERT INTO wallets (id, created_at) SELECT NEW.wallet_id, NEW.created_at
    WHERE NOT EXISTS (SELECT 1 FROM wallets WHERE id = NEW.wallet_id);
END;

-- Ways to prove to be a user: `credential` is a password (scrypt, parameters in the string), others name a provider.
CREATE TABLE credentials (
  id                       TEXT PRIMARY KEY,
  user_id                  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider_id              TEXT NOT NULL,
  account_id               TEXT NOT NULL,
  password                 TEXT,
  access_token             TEXT,
  refresh_token            TEXT,
  id_token                 TEXT,
  access_token_expires_at  INTEGER,
  refresh_token_expires_at INTEGER,
  scope                    TEXT,
  created_at               INTEGER NOT NULL,
  updated_at               INTEGER NOT NULL,
  UNIQUE (provider_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX credentials_user ON credentials (user_id);

-- One row while a sign-in lives (a device, a browser). Deleting it ends the sign-in and its refresh tokens.
CREATE TABLE sign_ins (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token      TEXT NOT NULL UNIQUE,
  ip_address TEXT,
  user_agent TEXT,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_ins_user ON sign_ins (user_id);
CREATE INDEX sign_ins_expiry ON sign_ins (expires_at);

-- One-time values the engine mails out (e-mail verification, password reset).
CREATE TABLE verifications (
  id         TEXT PRIMARY KEY,
  identifier TEXT NOT NULL,
  value      TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX verifications_identifier ON verifications (identifier);

-- Refresh tokens by SHA-256. A used one keeps the hash of its successor; the family is the sign-in.
CREATE TABLE refresh_tokens (
  hash       TEXT PRIMARY KEY,
  sign_in_id TEXT NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
  user_id    TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at    INTEGER,
  successor  TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_sign_in ON refresh_tokens (sign_in_id);

-- Attempts to sign in and to register, as buckets: the moment each is full again (docs/decisions/0007-rate-limits.md).
-- Keys are keyed hashes of addresses and e-mails, never the things themselves.
CREATE TABLE attempt_buckets (
  key     TEXT PRIMARY KEY,
  full_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_buckets_age ON attempt_buckets (full_at);
