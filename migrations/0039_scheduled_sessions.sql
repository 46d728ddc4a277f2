-- Sessions a person plans for later. Nothing is held and nothing starts by itself: at its time the person is reminded and
-- starts it with a click, inside a window, like any other session. The session that is made carries the plan's id, so that one
-- plan makes one session, and a plan is started in the very statement that holds the tokens.
CREATE TABLE scheduled_sessions (
  id                  TEXT PRIMARY KEY,
  user_id             TEXT NOT NULL,
  wallet_id           TEXT NOT NULL,
  provider_id         TEXT NOT NULL,
  provider_name       TEXT NOT NULL,
  duration_seconds    INTEGER NOT NULL,
  auto_extend_seconds INTEGER NOT NULL,
  starts_at           INTEGER NOT NULL,
  -- The window in which it can be started: from 5 min before to 30 min after (domain/sessions/schedule.ts).
  opens_at            INTEGER NOT NULL,
  closes_at           INTEGER NOT NULL,
  status              TEXT NOT NULL CHECK (status IN ('planned', 'started', 'cancelled', 'missed')),
  session_id          TEXT,
  -- What the reminder said; set once, which sends it.
  reminder            TEXT,
  created_at          INTEGER NOT NULL,
  updated_at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX scheduled_sessions_user ON scheduled_sessions (user_id, starts_at);
CREATE INDEX scheduled_sessions_due ON scheduled_sessions (opens_at) WHERE status = 'planned';
-- 20: PLANNED_MAX in domain/sessions/schedule.ts.
CREATE TRIGGER scheduled_sessions_bound BEFORE INSERT ON scheduled_sessions BEGIN
  SELECT RAISE(ABORT, 'scheduled_sessions_limit')
    WHERE (SELECT count(*) FROM scheduled_sessions WHERE user_id = NEW.user_id AND status = 'planned') >= 20;
END;
CREATE TRIGGER scheduled_sessions_remind AFTER UPDATE OF reminder ON scheduled_sessions
  WHEN OLD.reminder IS NULL AND NEW.reminder IS NOT NULL BEGIN
  INSERT INTO new_notifications (user_id, kind, data, at) VALUES (NEW.user_id, 'session_due', NEW.reminder, NEW.updated_at);
END;

ALTER TABLE sessions ADD COLUMN schedule_id TEXT;
CREATE TRIGGER sessions_scheduled_admit BEFORE INSERT ON sessions WHEN NEW.schedule_id IS NOT NULL BEGIN
  SELECT RAISE(IGNORE) WHERE NOT EXISTS (SELECT 1 FROM scheduled_sessions p WHERE p.id = NEW.schedule_id
    AND p.user_id = NEW.user_id AND p.status = 'planned' AND NEW.created_at BETWEEN p.opens_at AND p.closes_at);
END;
CREATE TRIGGER sessions_scheduled_start AFTER INSERT ON sessions WHEN NEW.schedule_id IS NOT NULL BEGIN
  UPDATE scheduled_sessions SET status = 'started', session_id = NEW.id, updated_at = NEW.created_at WHERE id = NEW.schedule_id;
END;
