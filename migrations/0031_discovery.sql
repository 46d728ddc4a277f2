-- What the discovery index (durable-objects/catalogue-index.ts) follows: which apps changed, in order, and the vectors that
-- were worked out for their phrases. The index is a projection of these and can be dropped and rebuilt at any time.

-- At most one row an app, renumbered at every change: reading from a number on gives each changed app once. A number, not a
-- time, so that no clock can hide a change.
CREATE TABLE catalogue_changes (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  provider_id TEXT NOT NULL UNIQUE
) STRICT;
CREATE TRIGGER catalogue_changes_insert AFTER INSERT ON providers BEGIN
  INSERT OR REPLACE INTO catalogue_changes (provider_id) VALUES (NEW.id);
END;
CREATE TRIGGER catalogue_changes_update AFTER UPDATE ON providers BEGIN
  INSERT OR REPLACE INTO catalogue_changes (provider_id) VALUES (NEW.id);
END;
INSERT INTO catalogue_changes (provider_id) SELECT id FROM providers ORDER BY created_at, id;

-- Vectors by model and by the SHA-256 of the text they stand for: the same phrase is worked out once, whoever says it, and
-- vectors of two models are never mixed. `vector`: one float32 scale, then one signed byte a dimension.
CREATE TABLE embeddings (
  model      TEXT NOT NULL,
  hash       TEXT NOT NULL,
  vector     BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (model, hash)
) STRICT, WITHOUT ROWID;
