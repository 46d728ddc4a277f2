-- What a session's clock goes by beside the contract's rules, frozen into the session when it is made: a person's own
-- auto-pause rules, and a fixed duration where an app cannot embed the meter and the person agreed to pay for all of it.
ALTER TABLE providers ADD COLUMN fixed_duration INTEGER NOT NULL DEFAULT 0 CHECK (fixed_duration IN (0, 1));
ALTER TABLE sessions ADD COLUMN fixed_duration INTEGER NOT NULL DEFAULT 0 CHECK (fixed_duration IN (0, 1));
-- Null: the contract's two minutes.
ALTER TABLE sessions ADD COLUMN idle_seconds INTEGER;
-- Active seconds this session may run before the person's daily limit stops it; null without one.
ALTER TABLE sessions ADD COLUMN daily_left_seconds INTEGER;

-- `scope` is an app, or '' for all apps together.
CREATE TABLE auto_pause_rules (
  user_id       TEXT NOT NULL,
  scope         TEXT NOT NULL,
  idle_seconds  INTEGER CHECK (idle_seconds BETWEEN 60 AND 120),
  daily_minutes INTEGER CHECK (daily_minutes BETWEEN 5 AND 1440),
  updated_at    INTEGER NOT NULL,
  PRIMARY KEY (user_id, scope)
) STRICT, WITHOUT ROWID;

-- A day is a day of UTC, as for spending limits; a session counts for the day it was made. One that is still open counts
-- with the time since its start, at most its duration.
CREATE TRIGGER daily_limit_create BEFORE INSERT ON sessions WHEN NEW.mode = 'live' BEGIN
  SELECT RAISE(IGNORE) FROM auto_pause_rules r WHERE r.user_id = NEW.user_id AND r.scope IN ('', NEW.provider_id)
    AND r.daily_minutes * 60 <= (
      SELECT coalesce(sum(coalesce(s.active_seconds, min(s.duration_seconds, (NEW.created_at - s.started_at) / 1000))), 0)
      FROM sessions s WHERE s.user_id = NEW.user_id AND s.created_at >= NEW.created_at - NEW.created_at % 86400000
        AND s.mode = 'live' AND s.started_at IS NOT NULL AND r.scope IN ('', s.provider_id));
END;
CREATE TRIGGER sessions_auto_pause AFTER INSERT ON sessions WHEN NEW.mode = 'live' AND NEW.fixed_duration = 0
  AND EXISTS (SELECT 1 FROM auto_pause_rules WHERE user_id = NEW.user_id AND scope IN ('', NEW.provider_id)) BEGIN
  UPDATE sessions SET (idle_seconds, daily_left_seconds) = (
    SELECT min(r.idle_seconds), min(r.daily_minutes * 60 - (
      SELECT coalesce(sum(coalesce(s.active_seconds, min(s.duration_seconds, (NEW.created_at - s.started_at) / 1000))), 0)
      FROM sessions s WHERE s.user_id = NEW.user_id AND s.created_at >= NEW.created_at - NEW.created_at % 86400000
        AND s.mode = 'live' AND s.started_at IS NOT NULL AND r.scope IN ('', s.provider_id)))
    FROM auto_pause_rules r WHERE r.user_id = NEW.user_id AND r.scope IN ('', NEW.provider_id)) WHERE id = NEW.id;
END;
