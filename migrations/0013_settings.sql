-- What an operator may turn while it runs. The defaults stand in code (domain/settings/definitions.ts); a row here overrules
-- one. Each change writes down by itself who made it, when, and what was there before.

CREATE TABLE settings (
  key        TEXT PRIMARY KEY,
  -- JSON that passed the check of its key; null: the default again.
  value      TEXT,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setting_changes (
  id         INTEGER PRIMARY KEY,
  key        TEXT NOT NULL,
  old_value  TEXT,
  new_value  TEXT,
  changed_by TEXT NOT NULL,
  at         INTEGER NOT NULL
) STRICT;

CREATE TRIGGER settings_note_first AFTER INSERT ON settings BEGIN
  INSERT INTO setting_changes (key, old_value, new_value, changed_by, at)
    VALUES (NEW.key, NULL, NEW.value, NEW.updated_by, NEW.updated_at);
END;
CREATE TRIGGER settings_note_change AFTER UPDATE ON settings WHEN NEW.value IS NOT OLD.value BEGIN
  INSERT INTO setting_changes (key, old_value, new_value, changed_by, at)
    VALUES (NEW.key, OLD.value, NEW.value, NEW.updated_by, NEW.updated_at);
END;
CREATE TRIGGER settings_no_delete BEFORE DELETE ON settings BEGIN SELECT RAISE(ABORT, 'settings_kept'); END;
CREATE TRIGGER setting_changes_no_update BEFORE UPDATE ON setting_changes BEGIN SELECT RAISE(ABORT, 'changes_immutable'); END;
CREATE TRIGGER setting_changes_no_delete BEFORE DELETE ON setting_changes BEGIN SELECT RAISE(ABORT, 'changes_immutable'); END;
