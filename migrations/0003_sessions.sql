-- Metered sessions as the ledger knows them. The session's Durable Object is the only clock; these rows hold what money
-- needs: the frozen price, the hold, what was reported, and the end. One row, its hold, its event and its idempotency
-- record commit together (contract section 3, "Order of writes").

CREATE TABLE sessions (
  id                  TEXT PRIMARY KEY,
  mode                TEXT NOT NULL CHECK (mode IN ('live', 'test')),
  user_id             TEXT NOT NULL,
  wallet_id           TEXT NOT NULL,
  subject             TEXT NOT NULL,
  provider_id         TEXT NOT NULL,
  provider_name       TEXT NOT NULL,
  app_url             TEXT NOT NULL,
  price_version_id    TEXT NOT NULL,
  components          TEXT NOT NULL,
  fee_basis_points    INTEGER NOT NULL,
  payable             INTEGER NOT NULL CHECK (payable IN (0, 1)),
  status              TEXT NOT NULL CHECK (status IN ('pending', 'active', 'paused', 'completed', 'failed', 'expired')),
  duration_seconds    INTEGER NOT NULL,
  auto_extend_seconds INTEGER NOT NULL DEFAULT 0,
  held_tokens         INTEGER NOT NULL,
  holds               INTEGER NOT NULL DEFAULT 0,
  caps                TEXT NOT NULL,
  tags                TEXT NOT NULL DEFAULT '[]',
  state               TEXT NOT NULL,
  jti                 TEXT NOT NULL,
  launch_deadline     INTEGER NOT NULL,
  created_at          INTEGER NOT NULL,
  started_at          INTEGER,
  ended_at            INTEGER,
  end_reason          TEXT,
  active_seconds      INTEGER,
  consumed_tokens     INTEGER,
  refunded_tokens     INTEGER,
  settled_at          INTEGER,
  -- Reports that count toward the price; those without a matching meter are evidence only.
  reports             INTEGER NOT NULL DEFAULT 0,
  event_seq           INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id, created_at);
CREATE INDEX sessions_provider ON sessions (provider_id, created_at);
CREATE INDEX sessions_pending ON sessions (launch_deadline) WHERE status = 'pending';
CREATE INDEX sessions_open ON sessions (started_at) WHERE started_at IS NOT NULL AND settled_at IS NULL;

-- One random subject per user and provider: what a provider knows a person by (contract section 3, `sub`).
CREATE TABLE subjects (
  user_id     TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  subject     TEXT NOT NULL UNIQUE,
  PRIMARY KEY (user_id, provider_id)
) STRICT, WITHOUT ROWID;

-- What each reported meter may still take: units are kept in millionths (micro-units), so six decimals are exact.
CREATE TABLE session_meters (
  session_id  TEXT NOT NULL REFERENCES sessions (id),
  meter       TEXT NOT NULL,
  cap_micro   INTEGER NOT NULL,
  used_micro  INTEGER NOT NULL DEFAULT 0,
  depleted_at INTEGER,
  PRIMARY KEY (session_id, meter),
  CONSTRAINT within_cap CHECK (used_micro <= cap_micro)
) STRICT, WITHOUT ROWID;

-- Idempotency records of state-changing requests (contract section 1). `response` is sealed under the caller's key
-- where the answer carries a secret.
CREATE TABLE idempotency (
  principal   TEXT NOT NULL,
  route       TEXT NOT NULL,
  key_hash    TEXT NOT NULL,
  body_hash   TEXT NOT NULL,
  status      INTEGER NOT NULL,
  response    TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (principal, route, key_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (created_at);

-- Transactional outbox: an event row commits with its cause; delivery reads from here (docs/decisions/0004).
CREATE TABLE outbox (
  id          TEXT PRIMARY KEY,
  type        TEXT NOT NULL,
  provider_id TEXT,
  user_id     TEXT,
  session_id  TEXT,
  sequence    INTEGER,
  data        TEXT NOT NULL,
  at          INTEGER NOT NULL,
  fanned_at   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (at, id) WHERE fanned_at IS NULL;
CREATE INDEX outbox_session ON outbox (session_id, sequence) WHERE session_id IS NOT NULL;
CREATE TRIGGER outbox_once BEFORE INSERT ON outbox BEGIN
  SELECT RAISE(IGNORE) FROM outbox WHERE id = NEW.id;
END;
CREATE TRIGGER outbox_sequence AFTER INSERT ON outbox WHEN NEW.session_id IS NOT NULL BEGIN
  UPDATE sessions SET event_seq = event_seq + 1 WHERE id = NEW.session_id;
  UPDATE outbox SET sequence = (SELECT event_seq FROM sessions WHERE id = NEW.session_id) WHERE id = NEW.id;
END;

-- Create -------------------------------------------------------------------------------------------------------
-- A row that may not be is silently left out (RAISE(IGNORE)), so that its neighbours in one grouped statement live; the
-- code then asks why (domain/sessions/store.ts, `whyNotCreated`).
CREATE TRIGGER sessions_admit BEFORE INSERT ON sessions BEGIN
  SELECT RAISE(IGNORE) FROM sessions WHERE id = NEW.id;
  SELECT RAISE(IGNORE) WHERE NOT EXISTS (SELECT 1 FROM providers
    WHERE id = NEW.provider_id AND price_version_id = NEW.price_version_id
      AND (NEW.mode = 'test' OR (status = 'active' AND review = 'approved')));
  SELECT RAISE(IGNORE) WHERE NEW.mode = 'live' AND NEW.held_tokens > (SELECT coalesce(sum(remaining), 0) FROM lots
    WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND (expires_at IS NULL OR expires_at > NEW.created_at));
END;
CREATE TRIGGER sessions_hold AFTER INSERT ON sessions BEGIN
  INSERT INTO session_meters (session_id, meter, cap_micro)
    SELECT NEW.id, key, value FROM json_each(NEW.caps);
  INSERT INTO holds SELECT 'hold:' || NEW.id || ':000', NEW.id, NEW.wallet_id, NEW.held_tokens, NEW.created_at
    WHERE NEW.mode = 'live' AND NEW.held_tokens > 0;
END;

-- Extend -------------------------------------------------------------------------------------------------------
CREATE TABLE extensions (
  id          TEXT PRIMARY KEY,
  session_id  TEXT NOT NULL REFERENCES sessions (id),
  seconds     INTEGER NOT NULL CHECK (seconds > 0),
  base_seconds INTEGER NOT NULL,
  tokens      INTEGER NOT NULL CHECK (tokens >= 0),
  caps        TEXT NOT NULL,
  automatic   INTEGER NOT NULL CHECK (automatic IN (0, 1)),
  at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX extensions_session ON extensions (session_id);
CREATE TRIGGER extensions_admit BEFORE INSERT ON extensions BEGIN
  SELECT RAISE(IGNORE) FROM extensions WHERE id = NEW.id;
  SELECT RAISE(IGNORE) WHERE NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = NEW.session_id AND s.started_at IS NOT NULL
    AND s.ended_at IS NULL AND s.settled_at IS NULL AND s.duration_seconds = NEW.base_seconds
    AND (s.mode = 'test' OR NEW.tokens <= (SELECT coalesce(sum(l.remaining), 0) FROM lots l
      WHERE l.wallet_id = s.wallet_id AND l.remaining > 0 AND (l.expires_at IS NULL OR l.expires_at > NEW.at))));
END;
CREATE TRIGGER extensions_hold AFTER INSERT ON extensions BEGIN
  UPDATE sessions SET duration_seconds = duration_seconds + NEW.seconds, held_tokens = held_tokens + NEW.tokens,
    holds = holds + 1 WHERE id = NEW.session_id;
  UPDATE session_meters SET cap_micro = (SELECT value FROM json_each(NEW.caps) WHERE key = meter), depleted_at = NULL
    WHERE session_id = NEW.session_id AND meter IN (SELECT key FROM json_each(NEW.caps));
  INSERT INTO holds SELECT 'hold:' || id || ':' || printf('%03d', holds), id, wallet_id, NEW.tokens, NEW.at
    FROM sessions WHERE id = NEW.session_id AND mode = 'live' AND NEW.tokens > 0;
END;

-- Report -------------------------------------------------------------------------------------------------------
CREATE TABLE usage_reports (
  session_id   TEXT NOT NULL,
  key          TEXT NOT NULL,
  provider_id  TEXT NOT NULL,
  mode         TEXT NOT NULL,
  meter        TEXT NOT NULL,
  units_micro  INTEGER NOT NULL CHECK (units_micro >= 0),
  occurred_at  INTEGER NOT NULL,
  received_at  INTEGER NOT NULL,
  request_id   TEXT NOT NULL,
  PRIMARY KEY (session_id, key)
) STRICT, WITHOUT ROWID;
-- 6 h = 21,600,000 ms: REPORT_LATE_MS in domain/sessions/limits.ts.
CREATE TRIGGER usage_reports_admit BEFORE INSERT ON usage_reports BEGIN
  SELECT RAISE(IGNORE) FROM usage_reports WHERE session_id = NEW.session_id AND key = NEW.key;
  SELECT RAISE(IGNORE) WHERE NEW.received_at - NEW.occurred_at > 21600000;
  SELECT RAISE(IGNORE) WHERE NOT EXISTS (SELECT 1 FROM sessions
    WHERE id = NEW.session_id AND provider_id = NEW.provider_id AND mode = NEW.mode AND started_at IS NOT NULL
      AND settled_at IS NULL AND NEW.occurred_at >= started_at AND (ended_at IS NULL OR NEW.occurred_at <= ended_at));
  SELECT RAISE(IGNORE) FROM session_meters
    WHERE session_id = NEW.session_id AND meter = NEW.meter AND used_micro + NEW.units_micro > cap_micro;
END;
CREATE TRIGGER usage_reports_count AFTER INSERT ON usage_reports BEGIN
  UPDATE session_meters SET used_micro = used_micro + NEW.units_micro WHERE session_id = NEW.session_id AND meter = NEW.meter;
  UPDATE sessions SET reports = reports + 1 WHERE id = NEW.session_id
    AND EXISTS (SELECT 1 FROM session_meters WHERE session_id = NEW.session_id AND meter = NEW.meter);
END;
CREATE TRIGGER usage_reports_no_update BEFORE UPDATE ON usage_reports BEGIN SELECT RAISE(ABORT, 'usage_immutable'); END;

-- Settle -------------------------------------------------------------------------------------------------------
-- The closing carries the sealed facts of the session's object and the number of reports the price was worked out from;
-- if another report came in between, the row is left out and the caller works it out again.
CREATE TABLE closings (
  session_id      TEXT PRIMARY KEY,
  status          TEXT NOT NULL CHECK (status IN ('completed', 'failed', 'expired')),
  end_reason      TEXT NOT NULL,
  ended_at        INTEGER NOT NULL,
  active_seconds  INTEGER NOT NULL CHECK (active_seconds >= 0),
  reports         INTEGER NOT NULL,
  used_tokens     INTEGER NOT NULL CHECK (used_tokens >= 0),
  fee_tokens      INTEGER NOT NULL CHECK (fee_tokens >= 0),
  token_cents     INTEGER NOT NULL,
  lines           TEXT NOT NULL,
  intervals       TEXT NOT NULL DEFAULT '[]',
  at              INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER closings_admit BEFORE INSERT ON closings BEGIN
  SELECT RAISE(IGNORE) FROM closings WHERE session_id = NEW.session_id;
  SELECT RAISE(IGNORE) WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE id = NEW.session_id AND settled_at IS NULL
    AND reports = NEW.reports AND (NEW.status = 'expired') = (started_at IS NULL));
END;
CREATE TRIGGER closings_settle AFTER INSERT ON closings BEGIN
  INSERT INTO settlements (id, session_id, wallet_id, provider_id, held_tokens, used_tokens, fee_tokens, share_tokens,
      share_cents, token_cents, payable, lines, at)
    SELECT 'settle:' || id, id, wallet_id, provider_id, held_tokens, NEW.used_tokens, NEW.fee_tokens,
      NEW.used_tokens - NEW.fee_tokens, (NEW.used_tokens - NEW.fee_tokens) * NEW.token_cents, NEW.token_cents, payable,
      NEW.lines, NEW.at
    FROM sessions WHERE id = NEW.session_id AND mode = 'live' AND held_tokens > 0;
  UPDATE sessions SET status = NEW.status, end_reason = NEW.end_reason, ended_at = NEW.ended_at,
    active_seconds = NEW.active_seconds, consumed_tokens = NEW.used_tokens, refunded_tokens = held_tokens - NEW.used_tokens,
    settled_at = NEW.at WHERE id = NEW.session_id;
END;
CREATE TRIGGER closings_no_update BEFORE UPDATE ON closings BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
