-- What people who used an app say of it, and what the marketplace measured of it. See docs/reviews.md.

-- One review a person and app, by somebody who paid for a settled session of it. Not to be mixed up with the review of a
-- suspicious purchase (0018_trust.sql).
CREATE TABLE app_reviews (
  id            TEXT PRIMARY KEY,
  provider_id   TEXT NOT NULL REFERENCES providers (id),
  user_id       TEXT NOT NULL,
  -- The latest settled session when it was written: what gives the right to it.
  session_id    TEXT NOT NULL REFERENCES sessions (id),
  rating        INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
  text          TEXT,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  -- The owner's, one.
  answer        TEXT,
  answered_at   INTEGER,
  -- Why an operator took it out of sight; it counts for nothing while it is.
  hidden_reason TEXT,
  hidden_by     TEXT,
  UNIQUE (provider_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_reviews_newest ON app_reviews (provider_id, updated_at, id) WHERE hidden_reason IS NULL;
CREATE INDEX app_reviews_person ON app_reviews (user_id);

-- The figures of the catalogue follow each change.
CREATE TRIGGER app_reviews_added AFTER INSERT ON app_reviews BEGIN
  UPDATE providers SET (rating, rating_count) = (SELECT avg(rating), count(*) FROM app_reviews
    WHERE provider_id = NEW.provider_id AND hidden_reason IS NULL) WHERE id = NEW.provider_id;
END;
CREATE TRIGGER app_reviews_changed AFTER UPDATE OF rating, hidden_reason ON app_reviews BEGIN
  UPDATE providers SET (rating, rating_count) = (SELECT avg(rating), count(*) FROM app_reviews
    WHERE provider_id = NEW.provider_id AND hidden_reason IS NULL) WHERE id = NEW.provider_id;
END;
CREATE TRIGGER app_reviews_removed AFTER DELETE ON app_reviews BEGIN
  UPDATE providers SET (rating, rating_count) = (SELECT avg(rating), count(*) FROM app_reviews
    WHERE provider_id = OLD.provider_id AND hidden_reason IS NULL) WHERE id = OLD.provider_id;
END;

-- The truth card: counts of one app over its last ninety days, worked out anew by the hourly cron. Counts, so that every rate
-- shown can be checked against how many sessions it rests on.
CREATE TABLE truth_cards (
  provider_id       TEXT PRIMARY KEY REFERENCES providers (id),
  since             INTEGER NOT NULL,
  at                INTEGER NOT NULL,
  opened            INTEGER NOT NULL,
  started           INTEGER NOT NULL,
  handshake_p95_ms  INTEGER,
  settled           INTEGER NOT NULL,
  completed         INTEGER NOT NULL,
  failed            INTEGER NOT NULL,
  complaints        INTEGER NOT NULL,
  returned          INTEGER NOT NULL,
  price_changes     INTEGER NOT NULL,
  price_changed_at  INTEGER
) STRICT, WITHOUT ROWID;

-- The same as before, in words that hold whatever the statement outside does about conflicts: an outer ON CONFLICT overrules
-- OR REPLACE inside a trigger (sqlite.org/lang_createtrigger.html).
DROP TRIGGER catalogue_changes_update;
CREATE TRIGGER catalogue_changes_update AFTER UPDATE ON providers BEGIN
  DELETE FROM catalogue_changes WHERE provider_id = NEW.id;
  INSERT INTO catalogue_changes (provider_id) VALUES (NEW.id);
END;
