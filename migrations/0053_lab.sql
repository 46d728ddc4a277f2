-- Runs of the conformance lab (docs/lab.md). The last ones of each app are kept; a passed one carries its badge.

CREATE TABLE lab_runs (
  id          TEXT PRIMARY KEY,
  provider_id TEXT NOT NULL REFERENCES providers (id),
  -- Where the app was when it was looked at: a badge counts only while it still is there.
  app_origin  TEXT NOT NULL,
  version     INTEGER NOT NULL,
  passed      INTEGER NOT NULL CHECK (passed IN (0, 1)),
  -- JSON: every check with what was found.
  checks      TEXT NOT NULL,
  -- JSON: what the virtual hour came to.
  hour        TEXT NOT NULL,
  -- Signed, of a passed run.
  badge       TEXT,
  at          INTEGER NOT NULL,
  CHECK ((badge IS NOT NULL) = (passed = 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX lab_runs_app ON lab_runs (provider_id, at);
