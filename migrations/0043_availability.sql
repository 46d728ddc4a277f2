-- Whether apps answer. One row an app: what our checks saw, and a circuit breaker over it (domain/availability/breaker.ts).
-- While it is open nothing can be started, and the row tells everybody concerned by itself. See
-- docs/decisions/0046-when-an-app-is-down.md.

CREATE TABLE app_health (
  provider_id   TEXT PRIMARY KEY REFERENCES providers (id),
  created_at    INTEGER NOT NULL,
  next_check_at INTEGER NOT NULL,
  -- Who checks it now; `next_check_at` is then when that is given up.
  lease         TEXT,
  checked_at    INTEGER,
  -- The first and the last good check. Who never answered is never called down.
  first_ok_at   INTEGER,
  last_ok_at    INTEGER,
  last_code     INTEGER,
  last_error    TEXT,
  -- The first failed check since the last good one.
  failing_since INTEGER,
  -- What was seen since `window_at`, the first failed check of the running window: checks of ours, and starts of people.
  window_at     INTEGER NOT NULL DEFAULT 0,
  window_seen   INTEGER NOT NULL DEFAULT 0,
  window_failed INTEGER NOT NULL DEFAULT 0,
  -- Since when the breaker is open; null: closed.
  open_since    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX app_health_due ON app_health (next_check_at);
CREATE INDEX app_health_failing ON app_health (next_check_at) WHERE failing_since IS NOT NULL;

-- When an app was down; what its owner reads later.
CREATE TABLE outages (
  provider_id   TEXT NOT NULL REFERENCES providers (id),
  opened_at     INTEGER NOT NULL,
  failing_since INTEGER NOT NULL,
  error         TEXT,
  closed_at     INTEGER,
  -- Sessions that were running and ended as `provider_error`.
  sessions_ended INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (provider_id, opened_at)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER app_health_opened AFTER UPDATE OF open_since ON app_health
WHEN OLD.open_since IS NULL AND NEW.open_since IS NOT NULL BEGIN
  INSERT INTO outages (provider_id, opened_at, failing_since, error)
    VALUES (NEW.provider_id, NEW.open_since, NEW.failing_since, NEW.last_error);
  INSERT INTO new_provider_events (type, provider_id, data, at)
    SELECT 'provider.unavailable', id, json_object('providerId', id, 'status', status, 'cause', 'not_reachable',
      'error', NEW.last_error, 'failingSince', strftime('%Y-%m-%dT%H:%M:%fZ', NEW.failing_since / 1000.0, 'unixepoch')), NEW.open_since
    FROM providers WHERE id = NEW.provider_id AND status = 'active';
  INSERT INTO new_notifications (user_id, kind, data, at)
    SELECT owner_user_id, 'app_unreachable', json_object('providerId', id, 'providerName', name, 'error', NEW.last_error), NEW.open_since
    FROM providers WHERE id = NEW.provider_id AND status = 'active';
  INSERT OR REPLACE INTO catalogue_changes (provider_id) VALUES (NEW.provider_id);
END;
CREATE TRIGGER app_health_closed AFTER UPDATE OF open_since ON app_health
WHEN OLD.open_since IS NOT NULL AND NEW.open_since IS NULL BEGIN
  UPDATE outages SET closed_at = NEW.last_ok_at WHERE provider_id = NEW.provider_id AND closed_at IS NULL;
  INSERT INTO new_provider_events (type, provider_id, data, at)
    SELECT 'provider.available', id, json_object('providerId', id, 'status', status, 'cause', 'not_reachable',
      'downSeconds', (NEW.last_ok_at - OLD.open_since) / 1000), NEW.last_ok_at
    FROM providers WHERE id = NEW.provider_id AND status = 'active';
  INSERT INTO new_notifications (user_id, kind, data, at)
    SELECT owner_user_id, 'app_reachable', json_object('providerId', id, 'providerName', name), NEW.last_ok_at
    FROM providers WHERE id = NEW.provider_id AND status = 'active';
  INSERT OR REPLACE INTO catalogue_changes (provider_id) VALUES (NEW.provider_id);
END;

-- An app that moved is looked at where it is now.
CREATE TRIGGER app_health_moved AFTER UPDATE OF app_url ON providers WHEN NEW.app_url <> OLD.app_url BEGIN
  UPDATE app_health SET next_check_at = NEW.updated_at, lease = NULL WHERE provider_id = NEW.id;
END;

-- No tokens are held for an app that does not answer. Beside `sessions_admit` (0003_sessions.sql): the row is left out, and
-- the code asks why.
CREATE TRIGGER sessions_reachable BEFORE INSERT ON sessions WHEN NEW.mode = 'live' BEGIN
  SELECT RAISE(IGNORE) FROM app_health WHERE provider_id = NEW.provider_id AND open_since IS NOT NULL;
END;
