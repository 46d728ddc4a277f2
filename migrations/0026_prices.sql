-- When a price version is on offer and to whom: versions start at a moment, may be withdrawn before it, may leave the older
-- price to people who already used the app, may begin with free minutes, and may be tried against another one.
-- A version's price itself still never changes. See docs/pricing.md and docs/decisions/0031-which-price-is-on-offer.md.

ALTER TABLE price_versions ADD COLUMN effective_at INTEGER;
-- People who used the app before `effective_at` keep the older price until this moment; null: nobody does.
ALTER TABLE price_versions ADD COLUMN keep_until INTEGER;
-- Free active seconds at the start, once for each person and app.
ALTER TABLE price_versions ADD COLUMN trial_seconds INTEGER NOT NULL DEFAULT 0 CHECK (trial_seconds >= 0);
-- `list`: the app's price from `effective_at` on. `experiment`: the other price of a test, never on offer by itself.
ALTER TABLE price_versions ADD COLUMN purpose TEXT NOT NULL DEFAULT 'list' CHECK (purpose IN ('list', 'experiment'));
ALTER TABLE price_versions ADD COLUMN withdrawn_at INTEGER;
DROP TRIGGER price_versions_no_update;
UPDATE price_versions SET effective_at = created_at;
CREATE INDEX price_versions_offer ON price_versions (provider_id, effective_at, id) WHERE purpose = 'list' AND withdrawn_at IS NULL;
CREATE INDEX price_versions_start ON price_versions (effective_at) WHERE purpose = 'list' AND withdrawn_at IS NULL;
CREATE TRIGGER price_versions_start_known BEFORE INSERT ON price_versions WHEN NEW.effective_at IS NULL BEGIN
  SELECT RAISE(ABORT, 'price_version_without_start');
END;
-- The one thing that may become of a version: it is withdrawn before it has started.
CREATE TRIGGER price_versions_no_update BEFORE UPDATE ON price_versions WHEN
    NEW.id <> OLD.id OR NEW.provider_id <> OLD.provider_id OR NEW.components <> OLD.components
    OR NEW.fee_basis_points <> OLD.fee_basis_points OR NEW.created_at <> OLD.created_at OR NEW.effective_at <> OLD.effective_at
    OR NEW.keep_until IS NOT OLD.keep_until OR NEW.trial_seconds <> OLD.trial_seconds OR NEW.purpose <> OLD.purpose
    OR OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL OR NEW.withdrawn_at >= OLD.effective_at BEGIN
  SELECT RAISE(ABORT, 'price_version_immutable');
END;

-- Two prices of one app tried side by side. Who gets which follows from the ids alone (domain/catalogue/offer.ts).
CREATE TABLE price_experiments (
  id                      TEXT PRIMARY KEY,
  provider_id             TEXT NOT NULL REFERENCES providers (id),
  base_version_id         TEXT NOT NULL REFERENCES price_versions (id),
  test_version_id         TEXT NOT NULL REFERENCES price_versions (id),
  test_share_basis_points INTEGER NOT NULL CHECK (test_share_basis_points BETWEEN 1 AND 9999),
  started_at              INTEGER NOT NULL,
  stopped_at              INTEGER,
  -- `stopped` by the owner, or `price_changed`: another version of the app has started.
  stop_reason             TEXT CHECK (stop_reason IN ('stopped', 'price_changed')),
  CONSTRAINT stopped_for_a_reason CHECK ((stopped_at IS NULL) = (stop_reason IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX price_experiments_running ON price_experiments (provider_id) WHERE stopped_at IS NULL;
CREATE INDEX price_experiments_provider ON price_experiments (provider_id, started_at);
CREATE TRIGGER price_experiments_frozen BEFORE UPDATE ON price_experiments WHEN
    NEW.id <> OLD.id OR NEW.provider_id <> OLD.provider_id OR NEW.base_version_id <> OLD.base_version_id
    OR NEW.test_version_id <> OLD.test_version_id OR NEW.test_share_basis_points <> OLD.test_share_basis_points
    OR NEW.started_at <> OLD.started_at OR OLD.stopped_at IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'experiment_immutable');
END;
-- A new list price that starts at once ends the test: neither arm is the app's price any more.
CREATE TRIGGER price_versions_end_test AFTER INSERT ON price_versions WHEN NEW.purpose = 'list' AND NEW.effective_at <= NEW.created_at BEGIN
  UPDATE price_experiments SET stopped_at = NEW.effective_at, stop_reason = 'price_changed'
    WHERE provider_id = NEW.provider_id AND stopped_at IS NULL;
END;

-- Since when a person uses an app: what "people who had the old price" means.
ALTER TABLE subjects ADD COLUMN created_at INTEGER;
UPDATE subjects SET created_at = (SELECT min(s.created_at) FROM sessions s
  WHERE s.user_id = subjects.user_id AND s.provider_id = subjects.provider_id);

ALTER TABLE sessions ADD COLUMN trial_seconds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN rebate_basis_points INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN experiment_id TEXT;
ALTER TABLE sessions ADD COLUMN quote_id TEXT;
ALTER TABLE sessions ADD COLUMN quote TEXT;
CREATE INDEX sessions_experiment ON sessions (experiment_id) WHERE experiment_id IS NOT NULL;
CREATE INDEX sessions_quote ON sessions (provider_id, quote_id) WHERE quote_id IS NOT NULL;

-- Free minutes of a person in an app: granted once, with the first session that begins with them. An open session has all
-- that is left; what it did not use comes back at its end.
CREATE TABLE trials (
  user_id         TEXT NOT NULL,
  provider_id     TEXT NOT NULL,
  granted_seconds INTEGER NOT NULL CHECK (granted_seconds > 0),
  used_seconds    INTEGER NOT NULL DEFAULT 0,
  session_id      TEXT,
  PRIMARY KEY (user_id, provider_id),
  CONSTRAINT trial_bounds CHECK (used_seconds BETWEEN 0 AND granted_seconds)
) STRICT, WITHOUT ROWID;

DROP TRIGGER sessions_admit;
CREATE TRIGGER sessions_admit BEFORE INSERT ON sessions BEGIN
  SELECT RAISE(IGNORE) FROM sessions WHERE id = NEW.id;
  SELECT RAISE(IGNORE) WHERE NOT EXISTS (SELECT 1 FROM providers
    WHERE id = NEW.provider_id AND (NEW.mode = 'test' OR (status = 'active' AND review = 'approved')));
  -- The price must be on offer at this moment: the list price whose successors have all not started or left it to this
  -- person, or the other price of the running test.
  SELECT RAISE(IGNORE) WHERE NOT EXISTS (SELECT 1 FROM price_versions v
    WHERE v.id = NEW.price_version_id AND v.provider_id = NEW.provider_id AND (
      (v.purpose = 'list' AND v.withdrawn_at IS NULL AND v.effective_at <= NEW.created_at AND NOT EXISTS (
        SELECT 1 FROM price_versions w
        WHERE w.provider_id = v.provider_id AND w.purpose = 'list' AND w.withdrawn_at IS NULL
          AND w.effective_at BETWEEN v.effective_at AND NEW.created_at
          AND (w.effective_at > v.effective_at OR w.id > v.id)
          AND NOT (coalesce(w.keep_until, 0) > NEW.created_at AND EXISTS (SELECT 1 FROM subjects u
            WHERE u.user_id = NEW.user_id AND u.provider_id = NEW.provider_id AND u.created_at < w.effective_at))))
      OR (v.purpose = 'experiment' AND EXISTS (SELECT 1 FROM price_experiments e
        WHERE e.provider_id = NEW.provider_id AND e.stopped_at IS NULL AND e.test_version_id = v.id))));
  SELECT RAISE(IGNORE) FROM trials WHERE NEW.trial_seconds > 0 AND user_id = NEW.user_id AND provider_id = NEW.provider_id
    AND (session_id IS NOT NULL OR NEW.trial_seconds > granted_seconds - used_seconds);
  SELECT RAISE(IGNORE) FROM sessions WHERE NEW.quote_id IS NOT NULL AND quote_id = NEW.quote_id AND provider_id = NEW.provider_id
    AND status <> 'expired';
  SELECT RAISE(IGNORE) WHERE NEW.mode = 'live' AND NEW.held_tokens > (SELECT coalesce(sum(remaining), 0) FROM lots
    WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND (expires_at IS NULL OR expires_at > NEW.created_at));
END;
CREATE TRIGGER sessions_trial AFTER INSERT ON sessions WHEN NEW.trial_seconds > 0 BEGIN
  INSERT INTO trials (user_id, provider_id, granted_seconds, session_id)
    VALUES (NEW.user_id, NEW.provider_id, NEW.trial_seconds, NEW.id)
    ON CONFLICT (user_id, provider_id) DO UPDATE SET session_id = excluded.session_id;
END;
-- A session the provider spoilt, or that never started, has used nothing of the free minutes.
CREATE TRIGGER closings_trial AFTER INSERT ON closings
WHEN (SELECT trial_seconds FROM sessions WHERE id = NEW.session_id) > 0 BEGIN
  UPDATE trials SET session_id = NULL, used_seconds = used_seconds + CASE WHEN NEW.end_reason = 'provider_error' THEN 0
      ELSE min(NEW.active_seconds, (SELECT trial_seconds FROM sessions WHERE id = NEW.session_id)) END
    WHERE (user_id, provider_id) = (SELECT user_id, provider_id FROM sessions WHERE id = NEW.session_id)
      AND session_id = NEW.session_id;
END;
