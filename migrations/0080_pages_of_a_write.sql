-- What a session's writes touch: fewer pages, for the same facts (docs/decisions/0076-pages-of-a-write.md). A page is written
-- whole, to the log and again to the file, however little of it changed.

-- Counters -----------------------------------------------------------------------------------------------------
-- A report rewrote its session's wide row twice. What it counts now stands in narrow rows, many to a page;
-- `sessions.reports` and `sessions.event_seq` are not written any more.

-- Reports that count toward the price, as `sessions.reports` was; those without a matching meter are evidence only.
ALTER TABLE session_meters ADD COLUMN reports INTEGER NOT NULL DEFAULT 0;
UPDATE session_meters SET reports = (SELECT count(*) FROM usage_reports r
  WHERE r.session_id = session_meters.session_id AND r.meter = session_meters.meter);

DROP TRIGGER usage_reports_count;
CREATE TRIGGER usage_reports_count AFTER INSERT ON usage_reports BEGIN
  UPDATE session_meters SET used_micro = used_micro + NEW.units_micro, reports = reports + 1
    WHERE session_id = NEW.session_id AND meter = NEW.meter;
END;

-- As before (0065_included_reservations.sql), with that count.
DROP TRIGGER closings_admit;
CREATE TRIGGER closings_admit BEFORE INSERT ON closings BEGIN
  SELECT RAISE(IGNORE) FROM closings WHERE session_id = NEW.session_id;
  SELECT RAISE(IGNORE) WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE id = NEW.session_id AND settled_at IS NULL
    AND (SELECT coalesce(sum(m.reports), 0) FROM session_meters m WHERE m.session_id = NEW.session_id) = NEW.reports
    AND min(reserved_tokens, NEW.used_tokens) = NEW.included_tokens AND (NEW.status = 'expired') = (started_at IS NULL));
END;

-- The number of a session's newest event.
CREATE TABLE session_sequences (
  session_id TEXT PRIMARY KEY,
  last       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO session_sequences SELECT id, event_seq FROM sessions WHERE event_seq > 0;

-- Long rows ----------------------------------------------------------------------------------------------------
-- Rows of more than a quarter of a page do not fit into the pages of a table WITHOUT ROWID and took one of their own beside
-- it, and where keys are in no order, every row was written into a page nothing else of its group was. With a rowid, rows
-- follow each other in the order they come.

CREATE TABLE idempotency_moved (
  principal   TEXT NOT NULL,
  route       TEXT NOT NULL,
  key_hash    TEXT NOT NULL,
  body_hash   TEXT NOT NULL,
  status      INTEGER NOT NULL,
  response    TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (principal, route, key_hash)
) STRICT;
INSERT INTO idempotency_moved SELECT principal, route, key_hash, body_hash, status, response, created_at
  FROM idempotency ORDER BY created_at;
DROP TABLE idempotency;
ALTER TABLE idempotency_moved RENAME TO idempotency;
CREATE INDEX idempotency_age ON idempotency (created_at);

-- Triggers of other tables name the outbox, so that it cannot be renamed: its rows wait beside it.
CREATE TABLE outbox_moved AS SELECT * FROM outbox;
DROP TABLE outbox;
CREATE TABLE outbox (
  id          TEXT NOT NULL PRIMARY KEY,
  type        TEXT NOT NULL,
  provider_id TEXT,
  user_id     TEXT,
  session_id  TEXT,
  sequence    INTEGER,
  data        TEXT NOT NULL,
  at          INTEGER NOT NULL,
  fanned_at   INTEGER
) STRICT;
INSERT INTO outbox SELECT id, type, provider_id, user_id, session_id, sequence, data, at, fanned_at FROM outbox_moved ORDER BY id;
DROP TABLE outbox_moved;
-- Nothing looks for the events of a session, so they have no index of their own.
CREATE INDEX outbox_due ON outbox (at, id) WHERE fanned_at IS NULL;
-- As before (0003_sessions.sql, 0041_listeners.sql), with the number from `session_sequences`.
CREATE TRIGGER outbox_once BEFORE INSERT ON outbox BEGIN
  SELECT RAISE(IGNORE) FROM outbox WHERE id = NEW.id;
END;
CREATE TRIGGER outbox_sequence AFTER INSERT ON outbox WHEN NEW.session_id IS NOT NULL BEGIN
  INSERT INTO session_sequences VALUES (NEW.session_id, 1) ON CONFLICT (session_id) DO UPDATE SET last = last + 1;
  UPDATE outbox SET sequence = (SELECT last FROM session_sequences WHERE session_id = NEW.session_id)
    WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER outbox_listened AFTER INSERT ON outbox WHEN NEW.provider_id IS NOT NULL BEGIN
  INSERT INTO listener_events (listener_id, outbox_id)
    SELECT id, NEW.id FROM webhook_listeners
    WHERE provider_id = NEW.provider_id AND expires_at > NEW.at
      AND mode = coalesce((SELECT mode FROM sessions WHERE id = NEW.session_id), 'live');
END;

-- Receipts to sign ---------------------------------------------------------------------------------------------
-- By session, not by wallet: what is settled together stands together.
DROP INDEX receipts_unsigned;
CREATE INDEX receipts_unsigned ON receipts (session_id) WHERE jws IS NULL;
