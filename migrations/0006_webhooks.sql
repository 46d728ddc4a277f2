-- Webhooks out: endpoints, their secrets, one delivery per event and endpoint, one log row per attempt. The outbox
-- (0003_sessions.sql) is what is delivered; these tables say to whom, how far it got and what was answered.
-- See docs/decisions/0012-webhook-delivery.md.

CREATE TABLE webhooks (
  id              TEXT PRIMARY KEY,
  provider_id     TEXT NOT NULL REFERENCES providers (id),
  mode            TEXT NOT NULL CHECK (mode IN ('live', 'test')),
  url             TEXT NOT NULL,
  events          TEXT NOT NULL,
  description     TEXT,
  enabled         INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  -- 'gone': it answered 410; 'failing': nothing got through for five days. Null: enabled, or switched off by its owner.
  disabled_reason TEXT CHECK (disabled_reason IN ('gone', 'failing')),
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  deleted_at      INTEGER,
  -- Since when nothing got through; null after any success.
  failing_since   INTEGER,
  -- Circuit breaker: attempts of the running window, and until when nothing is sent (null: closed).
  window_at       INTEGER NOT NULL DEFAULT 0,
  window_sent     INTEGER NOT NULL DEFAULT 0,
  window_failed   INTEGER NOT NULL DEFAULT 0,
  open_until      INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX webhooks_provider ON webhooks (provider_id, mode, id) WHERE deleted_at IS NULL;
-- WEBHOOKS_MAX in domain/webhooks/limits.ts.
CREATE TRIGGER webhooks_limit BEFORE INSERT ON webhooks BEGIN
  SELECT RAISE(ABORT, 'webhook_limit_reached') WHERE (SELECT count(*) FROM webhooks
    WHERE provider_id = NEW.provider_id AND mode = NEW.mode AND deleted_at IS NULL) >= 10;
END;

-- Signing secrets, sealed under DATA_KEY. The newest has no end; older ones sign beside it for 24 h after a rotation.
CREATE TABLE webhook_secrets (
  id         TEXT PRIMARY KEY,
  webhook_id TEXT NOT NULL REFERENCES webhooks (id),
  sealed     TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_secrets_webhook ON webhook_secrets (webhook_id, created_at);

-- One row per endpoint and event, so that fan-out is once only by its key. `due_at` is when it may next be taken; taking
-- it moves `due_at` behind the lease, so a deliverer that dies gives it back by doing nothing.
CREATE TABLE deliveries (
  webhook_id   TEXT NOT NULL,
  outbox_id    TEXT NOT NULL,
  status       TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'dead', 'dropped')),
  attempts     INTEGER NOT NULL DEFAULT 0,
  due_at       INTEGER NOT NULL,
  lease        TEXT,
  last_code    INTEGER,
  last_error   TEXT,
  created_at   INTEGER NOT NULL,
  delivered_at INTEGER,
  PRIMARY KEY (webhook_id, outbox_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE status = 'pending';
CREATE INDEX deliveries_lost ON deliveries (webhook_id, outbox_id) WHERE status IN ('dead', 'dropped');

CREATE TABLE webhook_logs (
  webhook_id    TEXT NOT NULL,
  outbox_id     TEXT NOT NULL,
  created_at    INTEGER NOT NULL,
  attempt       INTEGER NOT NULL,
  event_type    TEXT NOT NULL,
  status        TEXT NOT NULL CHECK (status IN ('success', 'failed')),
  response_code INTEGER,
  error         TEXT,
  duration_ms   INTEGER NOT NULL,
  response      TEXT,
  PRIMARY KEY (webhook_id, outbox_id, created_at, attempt)
) STRICT, WITHOUT ROWID;

-- The owner hears of it when an endpoint is switched off by us, in the same transaction. The id is a UUIDv7 (RFC 9562).
CREATE TRIGGER webhooks_disabled AFTER UPDATE OF enabled ON webhooks
WHEN OLD.enabled = 1 AND NEW.enabled = 0 AND NEW.disabled_reason IS NOT NULL BEGIN
  INSERT INTO outbox (id, type, provider_id, user_id, data, at)
    SELECT substr(ms, 1, 8) || '-' || substr(ms, 9) || '-7' || substr(noise, 1, 3) || '-8' || substr(noise, 4, 3) || '-'
        || substr(noise, 7, 12),
      'webhook.disabled', NULL, owner_user_id,
      json_object('webhookId', NEW.id, 'providerId', NEW.provider_id, 'url', NEW.url, 'reason', NEW.disabled_reason),
      NEW.updated_at
    FROM providers, (SELECT printf('%012x', NEW.updated_at) AS ms, lower(hex(randomblob(9))) AS noise)
    WHERE id = NEW.provider_id;
END;

-- Messages a queue gave up on (workers/consumers/dead-letters.ts).
CREATE TABLE queue_dead_letters (
  id    TEXT PRIMARY KEY,
  queue TEXT NOT NULL,
  body  TEXT NOT NULL,
  at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_dead_letters_age ON queue_dead_letters (at);
