-- What people use together, as counts only. Worked out by the hourly cron from settled use (domain/recommendations/), and
-- dropped and worked out anew at will.

-- Of the newest people of an app (at most PEOPLE_MAX), how many also used another. A row of an app with itself says how many
-- people there were. No row stands for fewer people than PEOPLE_MIN.
CREATE TABLE app_pairs (
  provider_id TEXT NOT NULL,
  other_id    TEXT NOT NULL,
  people_both INTEGER NOT NULL CHECK (people_both > 0),
  people      INTEGER NOT NULL CHECK (people >= people_both),
  PRIMARY KEY (provider_id, other_id)
) STRICT, WITHOUT ROWID;

-- When an app's pairs were last worked out, also where none came of it.
CREATE TABLE app_pair_runs (
  provider_id TEXT PRIMARY KEY,
  at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX app_pair_runs_at ON app_pair_runs (at);

-- What a person does not want to be shown again. Goes with the account.
CREATE TABLE dismissed_recommendations (
  user_id        TEXT NOT NULL,
  recommendation TEXT NOT NULL,
  at             INTEGER NOT NULL,
  PRIMARY KEY (user_id, recommendation)
) STRICT, WITHOUT ROWID;
