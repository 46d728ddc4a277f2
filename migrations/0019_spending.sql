-- What a person is told, and how much they allow themselves to spend. Notifications are rows, so that nothing is lost while
-- no page is open; open pages hear of each through the outbox. Limits are refused where the hold is made, in the same
-- statement, so that two starts at once can never both pass. See docs/decisions/0026-limits-at-the-hold.md.

CREATE TABLE notifications (
  id       TEXT PRIMARY KEY,
  user_id  TEXT NOT NULL,
  kind     TEXT NOT NULL,
  data     TEXT NOT NULL,
  at       INTEGER NOT NULL,
  read_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX notifications_user ON notifications (user_id, id);
CREATE INDEX notifications_unread ON notifications (user_id) WHERE read_at IS NULL;
CREATE INDEX notifications_age ON notifications (at);
CREATE TRIGGER notifications_once BEFORE INSERT ON notifications BEGIN
  SELECT RAISE(IGNORE) FROM notifications WHERE id = NEW.id;
END;
CREATE TRIGGER notifications_tell AFTER INSERT ON notifications BEGIN
  INSERT INTO outbox (id, type, provider_id, user_id, session_id, data, at)
    VALUES (NEW.id, 'notification', NULL, NEW.user_id, NULL, json_object('kind', NEW.kind, 'data', json(NEW.data)), NEW.at);
END;
-- A notification made by another trigger: the id is a UUIDv7 (RFC 9562) of `at`.
CREATE VIEW new_notifications AS SELECT '' AS user_id, '' AS kind, '' AS data, 0 AS at WHERE false;
CREATE TRIGGER new_notifications_insert INSTEAD OF INSERT ON new_notifications BEGIN
  INSERT INTO notifications (id, user_id, kind, data, at)
    SELECT substr(ms, 1, 8) || '-' || substr(ms, 9) || '-7' || substr(noise, 1, 3) || '-8' || substr(noise, 4, 3) || '-'
        || substr(noise, 7, 12), NEW.user_id, NEW.kind, NEW.data, NEW.at
    FROM (SELECT printf('%012x', NEW.at) AS ms, lower(hex(randomblob(9))) AS noise);
END;

-- Limits and alerts on spending. `scope` is an app, or '' for all apps together. Periods are calendar days, weeks (from
-- Monday) and months in UTC (domain/spending/periods.ts).
CREATE TABLE spending_rules (
  user_id      TEXT NOT NULL,
  scope        TEXT NOT NULL,
  period       TEXT NOT NULL CHECK (period IN ('day', 'week', 'month')),
  limit_tokens INTEGER CHECK (limit_tokens >= 0),
  alert_tokens INTEGER CHECK (alert_tokens > 0),
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (user_id, scope, period)
) STRICT, WITHOUT ROWID;

-- What counts toward a limit: what was charged in the period, and what open sessions hold now. A session lasts 12 h at
-- most and settles within seconds; 172,800,000 ms (two days) before the period is far enough back to look for it.
CREATE TRIGGER spend_limits_create BEFORE INSERT ON sessions WHEN NEW.mode = 'live' AND NEW.held_tokens > 0 BEGIN
  SELECT RAISE(IGNORE) FROM (
      SELECT scope, limit_tokens, CASE period WHEN 'day' THEN NEW.created_at - NEW.created_at % 86400000
        WHEN 'week' THEN NEW.created_at - (NEW.created_at - 345600000) % 604800000
        ELSE unixepoch(NEW.created_at / 1000, 'unixepoch', 'start of month') * 1000 END AS since
      FROM spending_rules WHERE user_id = NEW.user_id AND scope IN ('', NEW.provider_id) AND limit_tokens IS NOT NULL) r
    WHERE r.limit_tokens < NEW.held_tokens + (
      SELECT coalesce(sum(coalesce(s.consumed_tokens, s.held_tokens)), 0) FROM sessions s
      WHERE s.user_id = NEW.user_id AND s.created_at >= r.since - 172800000 AND s.mode = 'live'
        AND (s.settled_at IS NULL OR s.settled_at >= r.since) AND r.scope IN ('', s.provider_id));
END;
CREATE TRIGGER spend_limits_extend BEFORE INSERT ON extensions WHEN NEW.tokens > 0 BEGIN
  SELECT RAISE(IGNORE) FROM (
      SELECT r.user_id, r.scope, r.limit_tokens, CASE r.period WHEN 'day' THEN NEW.at - NEW.at % 86400000
        WHEN 'week' THEN NEW.at - (NEW.at - 345600000) % 604800000
        ELSE unixepoch(NEW.at / 1000, 'unixepoch', 'start of month') * 1000 END AS since
      FROM sessions x JOIN spending_rules r ON r.user_id = x.user_id AND r.scope IN ('', x.provider_id)
      WHERE x.id = NEW.session_id AND x.mode = 'live' AND r.limit_tokens IS NOT NULL) r
    WHERE r.limit_tokens < NEW.tokens + (
      SELECT coalesce(sum(coalesce(s.consumed_tokens, s.held_tokens)), 0) FROM sessions s
      WHERE s.user_id = r.user_id AND s.created_at >= r.since - 172800000 AND s.mode = 'live'
        AND (s.settled_at IS NULL OR s.settled_at >= r.since) AND r.scope IN ('', s.provider_id));
END;

-- Told once in a period: by the settlement that carries what was charged over the mark.
CREATE TRIGGER spend_alerts_cross AFTER UPDATE OF settled_at ON sessions
WHEN OLD.settled_at IS NULL AND NEW.settled_at IS NOT NULL AND NEW.mode = 'live' AND NEW.consumed_tokens > 0 BEGIN
  INSERT INTO new_notifications (user_id, kind, data, at)
    SELECT NEW.user_id, 'spending_alert', json_object('period', period, 'providerId', nullif(scope, ''),
        'providerName', CASE scope WHEN '' THEN NULL ELSE NEW.provider_name END, 'alertTokens', alert_tokens, 'spentTokens', spent),
      NEW.settled_at
    FROM (
      SELECT r.scope, r.period, r.alert_tokens, (
          SELECT sum(s.consumed_tokens) FROM sessions s
          WHERE s.user_id = NEW.user_id AND s.created_at >= r.since - 172800000 AND s.mode = 'live'
            AND s.settled_at >= r.since AND r.scope IN ('', s.provider_id)) AS spent
      FROM (
        SELECT scope, period, alert_tokens, CASE period WHEN 'day' THEN NEW.settled_at - NEW.settled_at % 86400000
          WHEN 'week' THEN NEW.settled_at - (NEW.settled_at - 345600000) % 604800000
          ELSE unixepoch(NEW.settled_at / 1000, 'unixepoch', 'start of month') * 1000 END AS since
        FROM spending_rules WHERE user_id = NEW.user_id AND scope IN ('', NEW.provider_id) AND alert_tokens IS NOT NULL) r)
    WHERE spent >= alert_tokens AND spent - NEW.consumed_tokens < alert_tokens;
END;

-- Low balance. What counts is everything that is the person's: spendable and held, since a hold may come back. It falls
-- only when tokens are charged or leave, so a start tells nobody and an end tells once a crossing.
CREATE TABLE balance_alerts (
  wallet_id TEXT NOT NULL REFERENCES wallets (id),
  tokens    INTEGER NOT NULL CHECK (tokens > 0),
  user_id   TEXT NOT NULL,
  PRIMARY KEY (wallet_id, tokens)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER balance_alerts_cross AFTER UPDATE OF available ON wallets
WHEN NEW.available + NEW.held < OLD.available + OLD.held BEGIN
  INSERT INTO new_notifications (user_id, kind, data, at)
    SELECT a.user_id, 'balance_low', json_object('alertTokens', min(a.tokens), 'totalTokens', NEW.available + NEW.held),
      (SELECT at FROM wallet_entries WHERE wallet_id = NEW.id AND seq = NEW.entry_seq)
    FROM balance_alerts a WHERE a.wallet_id = NEW.id AND NEW.available + NEW.held < a.tokens
      AND OLD.available + OLD.held >= a.tokens
    GROUP BY a.user_id;
END;
