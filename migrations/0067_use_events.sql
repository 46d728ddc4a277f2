-- What Stripe's billing meter is told (0054_meter_mirror.sql), one row for a session and one more for what was charged of a
-- disputed slice later, which the rows of before could not name. `id` is the session's id, or '<session>:slice'.
CREATE TABLE use_events (
  id      TEXT PRIMARY KEY,
  tokens  INTEGER NOT NULL CHECK (tokens > 0),
  -- When it was settled, which is the event's own time at Stripe.
  at      INTEGER NOT NULL,
  -- When the queue is given it again, unless it is told by then.
  next_at INTEGER NOT NULL,
  told_at INTEGER,
  -- Why it never will be: Stripe's code, or `too_late`.
  refused TEXT,
  CHECK (told_at IS NULL OR refused IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX use_events_due ON use_events (next_at) WHERE told_at IS NULL AND refused IS NULL;
INSERT INTO use_events (id, tokens, at, next_at, told_at, refused)
  SELECT session_id, tokens, at, next_at, told_at, refused FROM meter_events;
DROP TABLE meter_events;

CREATE INDEX slices_closed ON slices (closed_at) WHERE closed_at IS NOT NULL;
