-- What the owner of an app looks at daily, and whom to ask for help.

-- Things counted by day, without a person: looks at an app's page, reports and launches that were refused. `kind` is of a
-- closed list (domain/catalogue/day-counts-store.ts), so an app has a bounded number of rows a day.
CREATE TABLE app_day_counts (
  provider_id TEXT NOT NULL,
  -- Whole days since 1970, UTC.
  day         INTEGER NOT NULL,
  mode        TEXT NOT NULL CHECK (mode IN ('live', 'test')),
  kind        TEXT NOT NULL,
  count       INTEGER NOT NULL CHECK (count > 0),
  last_at     INTEGER NOT NULL,
  PRIMARY KEY (provider_id, day, mode, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_day_counts_age ON app_day_counts (day);

-- People who want an operator's help with their app. Their words go when the person is erased.
CREATE TABLE onboarding_requests (
  id          TEXT PRIMARY KEY,
  user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider_id TEXT,
  message     TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  answered_at INTEGER,
  answered_by TEXT,
  answer      TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX onboarding_requests_user ON onboarding_requests (user_id, id);
CREATE INDEX onboarding_requests_open ON onboarding_requests (id) WHERE answered_at IS NULL;

-- What operators decided about apps that wait to be shown (production only: locally an app is shown at once).
CREATE TABLE app_decisions (
  id          TEXT PRIMARY KEY,
  provider_id TEXT NOT NULL REFERENCES providers (id),
  decision    TEXT NOT NULL CHECK (decision IN ('approved', 'rejected')),
  reason      TEXT NOT NULL,
  decided_by  TEXT NOT NULL,
  at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX app_decisions_app ON app_decisions (provider_id, id);
CREATE TRIGGER app_decisions_no_update BEFORE UPDATE ON app_decisions BEGIN SELECT RAISE(ABORT, 'app_decision_immutable'); END;
