-- What is told to Stripe's billing meter, if an operator turned that on: one row a session. A mirror only: nothing here is
-- ever read by the ledger. See docs/decisions/0060-a-mirror-of-use.md.

CREATE TABLE meter_events (
  session_id TEXT PRIMARY KEY REFERENCES sessions (id),
  tokens     INTEGER NOT NULL CHECK (tokens > 0),
  -- When the session was settled, which is the event's own time at Stripe.
  at         INTEGER NOT NULL,
  -- When the queue is given it again, unless it is told by then.
  next_at    INTEGER NOT NULL,
  told_at    INTEGER,
  -- Why it never will be: Stripe's code, or `too_late`.
  refused    TEXT,
  CHECK (told_at IS NULL OR refused IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX meter_events_due ON meter_events (next_at) WHERE told_at IS NULL AND refused IS NULL;

CREATE INDEX sessions_settled ON sessions (settled_at) WHERE settled_at IS NOT NULL;
