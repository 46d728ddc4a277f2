-- Automatic top-up: a person's standing order to buy tokens with a saved card when their tokens run low, behind a fuse
-- (domain/top-up/fuse.ts). A firing is one attempt; what it buys is an ordinary order, credited the ordinary way.
-- See docs/decisions/0027-top-up-behind-a-fuse.md.

CREATE TABLE top_up_rules (
  user_id          TEXT PRIMARY KEY,
  wallet_id        TEXT NOT NULL UNIQUE REFERENCES wallets (id),
  -- 'asking': the fuse has tripped; nothing is charged until the person turns it on again.
  state            TEXT NOT NULL CHECK (state IN ('off', 'on', 'asking')),
  threshold_tokens INTEGER NOT NULL CHECK (threshold_tokens > 0),
  top_up_tokens    INTEGER NOT NULL CHECK (top_up_tokens > 0),
  day_max_tokens   INTEGER NOT NULL CHECK (day_max_tokens >= top_up_tokens),
  month_max_tokens INTEGER NOT NULL CHECK (month_max_tokens >= day_max_tokens),
  failures         INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
  -- When the person said yes to being charged while away.
  consented_at     INTEGER,
  -- Since when the tokens are below the threshold and nobody has looked; later while something passes by itself.
  due_at           INTEGER,
  -- When the person was last told that a cap holds it back.
  told_cap_at      INTEGER,
  updated_at       INTEGER NOT NULL,
  CONSTRAINT on_by_consent CHECK (state <> 'on' OR consented_at IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX top_up_rules_due ON top_up_rules (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE top_up_firings (
  id                TEXT PRIMARY KEY,
  user_id           TEXT NOT NULL,
  order_id          TEXT NOT NULL UNIQUE REFERENCES orders (id),
  tokens            INTEGER NOT NULL CHECK (tokens > 0),
  amount_cents      INTEGER NOT NULL CHECK (amount_cents > 0),
  -- 'asked': the bank wants the person, who has a checkout page for it. 'lapsed': they did not pay there.
  state             TEXT NOT NULL CHECK (state IN ('in_flight', 'asked', 'paid', 'declined', 'lapsed')),
  -- Fixed with the firing, because Stripe refuses a key that comes again with another card.
  customer_id       TEXT NOT NULL,
  payment_method_id TEXT NOT NULL,
  reason            TEXT,
  at                INTEGER NOT NULL,
  next_try_at       INTEGER NOT NULL,
  ended_at          INTEGER,
  -- Whose run moved it last: what belongs to that move is written by that run alone.
  move_id           TEXT UNIQUE
) STRICT, WITHOUT ROWID;
-- One in flight: a second one for the same person cannot be written.
CREATE UNIQUE INDEX top_up_one_open ON top_up_firings (user_id) WHERE state IN ('in_flight', 'asked');
CREATE INDEX top_up_firings_user ON top_up_firings (user_id, at);

-- Everything that is the person's counts, held tokens included: it falls when tokens are charged, not when they are held.
CREATE TRIGGER top_up_watch AFTER UPDATE OF available ON wallets
WHEN NEW.available + NEW.held < OLD.available + OLD.held BEGIN
  UPDATE top_up_rules SET due_at = (SELECT at FROM wallet_entries WHERE wallet_id = NEW.id AND seq = NEW.entry_seq)
    WHERE wallet_id = NEW.id AND state = 'on' AND NEW.available + NEW.held < threshold_tokens;
END;
-- Pages that are open hear of it, and the deliverer of that news looks at once; cron looks every minute.
CREATE TRIGGER top_up_hint AFTER UPDATE OF due_at ON top_up_rules WHEN OLD.due_at IS NULL AND NEW.due_at IS NOT NULL BEGIN
  INSERT INTO outbox (id, type, provider_id, user_id, session_id, data, at)
    VALUES ('top_up_due:' || NEW.user_id || ':' || NEW.due_at, 'top_up.due', NULL, NEW.user_id, NULL, '{}', NEW.due_at);
END;
