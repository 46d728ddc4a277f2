-- The disputed slice of a session. Where the provider's server reported more than the person's page saw, the part both agree
-- on settles at once and the rest, the slice, stays held until it is decided (docs/two-sided-meter.md, docs/decisions/
-- 0048-the-disputed-slice.md). The slice is a hold of its own, named '<session>:slice', and its outcome is a settlement of
-- its own: what follows from a settlement (payables, statements, revenue, the books' promises) follows from it, too.

-- What the two sides said, [{meter, reportedMicro, observedMicro, isWithin}], and what is held back of it:
-- {tokens, dueAt, meters: [{meter, countedMicro, reportedMicro}]}. Rows from before have neither.
ALTER TABLE closings ADD COLUMN comparisons TEXT NOT NULL DEFAULT '[]';
ALTER TABLE closings ADD COLUMN slice TEXT;
ALTER TABLE settlement_draws ADD COLUMN disputed INTEGER NOT NULL DEFAULT 0 CHECK (disputed >= 0);

CREATE TABLE slices (
  session_id     TEXT PRIMARY KEY,
  wallet_id      TEXT NOT NULL,
  provider_id    TEXT NOT NULL,
  tokens         INTEGER NOT NULL CHECK (tokens > 0),
  meters         TEXT NOT NULL,
  -- `open`: the provider may show evidence. `shown`: the person may contest it. `contested`: an operator decides.
  status         TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'shown', 'contested', 'closed')),
  -- When the next step happens by itself; the last one when it is closed.
  due_at         INTEGER NOT NULL,
  opened_at      INTEGER NOT NULL,
  -- [{idempotencyKey, detail}], and what the provider says to it.
  evidence       TEXT NOT NULL DEFAULT '[]',
  note           TEXT,
  shown_at       INTEGER,
  -- What the evidence comes to: the whole session's lines, and how much more than at first it costs.
  proven_tokens  INTEGER NOT NULL DEFAULT 0,
  proven_fee     INTEGER NOT NULL DEFAULT 0,
  proven_lines   TEXT,
  contest        TEXT,
  contested_at   INTEGER,
  outcome        TEXT CHECK (outcome IN ('no_evidence', 'accepted', 'uncontested', 'decided', 'not_decided')),
  charged_tokens INTEGER NOT NULL DEFAULT 0 CHECK (charged_tokens >= 0),
  charged_fee    INTEGER NOT NULL DEFAULT 0 CHECK (charged_fee >= 0),
  -- The lines of the whole session as it was decided; null where the first ones stand.
  lines          TEXT,
  decided_by     TEXT,
  reason         TEXT,
  closed_at      INTEGER,
  CONSTRAINT charged_within CHECK (charged_tokens <= tokens AND proven_tokens <= tokens AND charged_fee <= charged_tokens),
  CONSTRAINT closed_whole CHECK ((status = 'closed') = (closed_at IS NOT NULL) AND (closed_at IS NULL) = (outcome IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX slices_due ON slices (due_at) WHERE status <> 'closed';
CREATE INDEX slices_provider ON slices (provider_id, session_id);
CREATE INDEX slices_status ON slices (status, session_id);

-- As before (0010_lots.sql), and: tokens after those used, as many as the closing disputes, go on being held, in accounts
-- of their own; the release is that much smaller. A settlement of a slice is of the session it belongs to.
DROP TRIGGER settlements_post;
CREATE TRIGGER settlements_post AFTER INSERT ON settlements BEGIN
  INSERT INTO withdrawals (id, lot_id, kind, tokens, payment_id, at)
    SELECT 'expire:' || id || ':' || spent, id, 'expiry', remaining, NULL, NEW.at FROM lots
    WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND expires_at <= NEW.at;
  INSERT INTO settlement_draws (session_id, position, lot_id, held, used, face_cents, basis_cents, disputed)
    SELECT NEW.session_id, position, lot_id, held, used, used * NEW.token_cents,
      l.basis_cents * (l.spent + used) / l.issued - l.basis_cents * l.spent / l.issued, disputed
    FROM (
      SELECT position, lot_id, held, max(0, min(held, NEW.used_tokens - before)) AS used,
        max(0, min(before + held, NEW.used_tokens + disputed) - max(before, NEW.used_tokens)) AS disputed
      FROM (
        SELECT lot_id, held, row_number() OVER draw AS position, sum(held) OVER draw - held AS before FROM (
          SELECT lot_id, min(hold_id || printf(':%06d', position)) AS drawn, sum(tokens) AS held
          FROM hold_draws WHERE session_id = NEW.session_id GROUP BY lot_id)
        WINDOW draw AS (ORDER BY drawn ROWS UNBOUNDED PRECEDING)),
        (SELECT coalesce((SELECT slice->>'tokens' FROM closings WHERE session_id = NEW.session_id), 0) AS disputed))
    JOIN lots l ON l.id = lot_id;
  SELECT RAISE(ABORT, 'settlement_not_equal_hold')
    WHERE (SELECT coalesce(sum(held), 0) FROM settlement_draws WHERE session_id = NEW.session_id) <> NEW.held_tokens;
  SELECT RAISE(ABORT, 'slice_not_held')
    WHERE (SELECT coalesce(sum(disputed), 0) FROM settlement_draws WHERE session_id = NEW.session_id)
      <> coalesce((SELECT slice->>'tokens' FROM closings WHERE session_id = NEW.session_id), 0);
  UPDATE lots SET spent = spent + (SELECT used FROM settlement_draws d WHERE d.session_id = NEW.session_id AND d.lot_id = lots.id)
    WHERE id IN (SELECT lot_id FROM settlement_draws WHERE session_id = NEW.session_id AND used > 0);
  UPDATE lots SET expires_at = NEW.at + 604800000, graced = 1
    WHERE expires_at <= NEW.at AND graced = 0
      AND id IN (SELECT lot_id FROM settlement_draws WHERE session_id = NEW.session_id AND held > used + disputed);
  INSERT INTO transfers SELECT NEW.id, 4 * position, 'hold:' || NEW.session_id || ':' || lot_id, 'spent', used
    FROM settlement_draws WHERE session_id = NEW.session_id AND used > 0;
  INSERT INTO transfers SELECT NEW.id, 4 * position + 1, 'hold:' || NEW.session_id || ':' || lot_id, 'lot:' || lot_id,
      held - used - disputed
    FROM settlement_draws WHERE session_id = NEW.session_id AND held > used + disputed;
  INSERT INTO accounts (id, unit, normal, floored)
    SELECT 'hold:' || NEW.session_id || ':slice:' || lot_id, 'TOK', 'credit', 1
    FROM settlement_draws WHERE session_id = NEW.session_id AND disputed > 0;
  INSERT INTO transfers SELECT NEW.id, -position, 'hold:' || NEW.session_id || ':' || lot_id,
      'hold:' || NEW.session_id || ':slice:' || lot_id, disputed
    FROM settlement_draws WHERE session_id = NEW.session_id AND disputed > 0;
  INSERT INTO hold_draws (session_id, hold_id, position, lot_id, tokens)
    SELECT NEW.session_id || ':slice', (SELECT min(hold_id) FROM hold_draws WHERE session_id = NEW.session_id), position, lot_id, disputed
    FROM settlement_draws WHERE session_id = NEW.session_id AND disputed > 0;
  INSERT INTO transfers SELECT NEW.id, 4 * d.position + 2, CASE l.kind WHEN 'paid' THEN 'token_liability' ELSE 'promo_expense' END,
      'revenue_fee', CASE l.kind WHEN 'paid' THEN d.basis_cents ELSE d.face_cents END
    FROM settlement_draws d JOIN lots l ON l.id = d.lot_id
    WHERE d.session_id = NEW.session_id AND CASE l.kind WHEN 'paid' THEN d.basis_cents ELSE d.face_cents END > 0;
  INSERT INTO transfers SELECT NEW.id, 4 * d.position + 3, 'discounts', 'revenue_fee', d.face_cents - d.basis_cents
    FROM settlement_draws d JOIN lots l ON l.id = d.lot_id
    WHERE d.session_id = NEW.session_id AND l.kind = 'paid' AND d.face_cents > d.basis_cents;
  INSERT OR IGNORE INTO accounts (id, unit, normal, floored)
    SELECT CASE NEW.payable WHEN 1 THEN 'provider:' ELSE 'unpayable:' END || NEW.provider_id, 'USD', 'credit', 0 WHERE NEW.share_cents > 0;
  INSERT INTO transfers SELECT NEW.id, 1, 'revenue_fee', CASE NEW.payable WHEN 1 THEN 'provider:' ELSE 'unpayable:' END || NEW.provider_id,
    NEW.share_cents WHERE NEW.share_cents > 0;
  INSERT INTO ledger_tx VALUES (NEW.id, 'settle', replace(NEW.session_id, ':slice', ''), NEW.at);
  INSERT INTO wallet_entries SELECT id, entry_seq + 1, 'release', released, available + released, NEW.id,
      replace(NEW.session_id, ':slice', ''), NULL, NEW.at
    FROM wallets, (SELECT NEW.held_tokens - sum(disputed) AS released FROM settlement_draws WHERE session_id = NEW.session_id)
    WHERE id = NEW.wallet_id AND released > 0;
  INSERT INTO wallet_entries SELECT id, entry_seq + 1, 'consumption', -NEW.used_tokens, available - NEW.used_tokens, NEW.id,
    replace(NEW.session_id, ':slice', ''), NULL, NEW.at FROM wallets WHERE id = NEW.wallet_id AND NEW.used_tokens > 0;
  INSERT INTO withdrawals (id, lot_id, kind, tokens, payment_id, at)
    SELECT 'expire:' || id || ':' || spent, id, 'expiry', remaining, NULL, NEW.at FROM lots
    WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND expires_at <= NEW.at;
  INSERT INTO slices (session_id, wallet_id, provider_id, tokens, meters, due_at, opened_at)
    SELECT session_id, NEW.wallet_id, NEW.provider_id, slice->>'tokens', slice->'meters', slice->>'dueAt', NEW.at
    FROM closings WHERE session_id = NEW.session_id AND slice IS NOT NULL;
END;

-- What is still held has not been returned.
CREATE TRIGGER slices_kept_back AFTER UPDATE OF settled_at ON sessions
WHEN OLD.settled_at IS NULL AND NEW.settled_at IS NOT NULL AND EXISTS (SELECT 1 FROM slices WHERE session_id = NEW.id) BEGIN
  UPDATE sessions SET refunded_tokens = refunded_tokens - (SELECT tokens FROM slices WHERE session_id = NEW.id) WHERE id = NEW.id;
END;

CREATE TRIGGER slices_order_of_steps BEFORE UPDATE OF status ON slices WHEN OLD.status || '>' || NEW.status NOT IN
    ('open>shown', 'open>closed', 'shown>contested', 'shown>closed', 'contested>closed') BEGIN
  SELECT RAISE(ABORT, 'slice_step');
END;
-- What a person or provider wrote can be forgotten; the figures cannot.
CREATE TRIGGER slices_frozen BEFORE UPDATE ON slices WHEN NEW.session_id <> OLD.session_id OR NEW.wallet_id <> OLD.wallet_id
    OR NEW.provider_id <> OLD.provider_id OR NEW.tokens <> OLD.tokens OR NEW.meters <> OLD.meters OR NEW.opened_at <> OLD.opened_at
    OR (OLD.status = 'closed' AND (NEW.charged_tokens <> OLD.charged_tokens OR NEW.charged_fee <> OLD.charged_fee
      OR NEW.lines IS NOT OLD.lines OR NEW.outcome <> OLD.outcome OR NEW.closed_at <> OLD.closed_at)) BEGIN
  SELECT RAISE(ABORT, 'ledger_immutable');
END;
CREATE TRIGGER slices_no_delete BEFORE DELETE ON slices BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

-- The outcome posts as a settlement of the slice's own hold; whatever a settlement of a session sets off on the session's
-- row is set off here: promotional tokens of linked people earn nothing, returned tokens of a disputed payment are caught.
CREATE TRIGGER slices_settle AFTER UPDATE OF status ON slices WHEN NEW.status = 'closed' BEGIN
  INSERT INTO settlements (id, session_id, wallet_id, provider_id, held_tokens, used_tokens, fee_tokens, share_tokens,
      share_cents, token_cents, payable, lines, at)
    SELECT 'settle:' || NEW.session_id || ':slice', NEW.session_id || ':slice', wallet_id, provider_id, NEW.tokens, NEW.charged_tokens,
      NEW.charged_fee, NEW.charged_tokens - NEW.charged_fee, (NEW.charged_tokens - NEW.charged_fee) * token_cents, token_cents,
      payable, '[]', NEW.closed_at
    FROM settlements WHERE session_id = NEW.session_id;
  UPDATE sessions SET consumed_tokens = consumed_tokens + NEW.charged_tokens,
    refunded_tokens = refunded_tokens + NEW.tokens - NEW.charged_tokens WHERE id = NEW.session_id;
  INSERT INTO withheld_shares SELECT NEW.session_id || ':slice', NEW.provider_id, cents, NEW.closed_at FROM (
      SELECT t.share_cents * (SELECT coalesce(sum(d.used), 0) FROM settlement_draws d JOIN lots l ON l.id = d.lot_id
        WHERE d.session_id = t.session_id AND l.kind = 'promo') / t.used_tokens AS cents
      FROM settlements t JOIN sessions s ON s.id = NEW.session_id
        JOIN account_links k ON k.user_id = s.user_id JOIN providers p ON p.owner_user_id = k.other_user_id AND p.id = NEW.provider_id
      WHERE t.session_id = NEW.session_id || ':slice' AND t.payable = 1 AND t.used_tokens > 0 LIMIT 1)
    WHERE cents > 0;
  INSERT INTO dispute_catches (id, dispute_id, at)
    SELECT 'dispute:' || id || ':caught:' || NEW.session_id || ':slice', id, NEW.closed_at FROM disputes
    WHERE wallet_id = NEW.wallet_id AND status IN ('open', 'lost') AND EXISTS (SELECT 1 FROM hold_draws h
      JOIN order_lots ol ON ol.lot_id = h.lot_id WHERE h.session_id = NEW.session_id || ':slice' AND ol.order_id = disputes.order_id);
  -- A second receipt of the session, which replaces the first.
  INSERT INTO receipts (session_id, wallet_id, seq)
    SELECT NEW.session_id || ':slice', NEW.wallet_id, 1 + coalesce((SELECT max(seq) FROM receipts WHERE wallet_id = NEW.wallet_id), 0);
  INSERT INTO new_notifications (user_id, kind, data, at)
    SELECT u.id, 'slice_closed', json_object('sessionId', s.id, 'providerName', s.provider_name, 'tokens', NEW.tokens,
      'chargedTokens', NEW.charged_tokens, 'returnedTokens', NEW.tokens - NEW.charged_tokens), NEW.closed_at
    FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = NEW.session_id;
  INSERT INTO outbox (id, type, provider_id, user_id, session_id, data, at)
    SELECT substr(ms, 1, 8) || '-' || substr(ms, 9) || '-7' || substr(noise, 1, 3) || '-8' || substr(noise, 4, 3) || '-'
        || substr(noise, 7, 12),
      'usage.resolved', s.provider_id, s.user_id, s.id, json_object('sessionId', s.id, 'providerId', s.provider_id,
        'userId', s.subject, 'outcome', NEW.outcome, 'tokens', NEW.tokens, 'chargedTokens', NEW.charged_tokens,
        'returnedTokens', NEW.tokens - NEW.charged_tokens), NEW.closed_at
    FROM sessions s, (SELECT printf('%012x', NEW.closed_at) AS ms, lower(hex(randomblob(9))) AS noise) WHERE s.id = NEW.session_id;
END;

CREATE TRIGGER slices_tell AFTER INSERT ON slices BEGIN
  INSERT INTO new_notifications (user_id, kind, data, at)
    SELECT u.id, 'slice_opened', json_object('sessionId', s.id, 'providerName', s.provider_name, 'tokens', NEW.tokens,
      'dueAt', NEW.due_at), NEW.opened_at
    FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = NEW.session_id;
  INSERT INTO outbox (id, type, provider_id, user_id, session_id, data, at)
    SELECT substr(ms, 1, 8) || '-' || substr(ms, 9) || '-7' || substr(noise, 1, 3) || '-8' || substr(noise, 4, 3) || '-'
        || substr(noise, 7, 12),
      'usage.disputed', s.provider_id, s.user_id, s.id, json_object('sessionId', s.id, 'providerId', s.provider_id,
        'userId', s.subject, 'tokens', NEW.tokens, 'evidenceDueAt',
        strftime('%Y-%m-%dT%H:%M:%fZ', NEW.due_at / 1000.0, 'unixepoch'),
        'meters', (SELECT json_group_array(json_object('meter', m.value->>'meter', 'reportedUnits', m.value->>'reportedMicro' / 1000000.0,
          'countedUnits', m.value->>'countedMicro' / 1000000.0)) FROM json_each(NEW.meters) m)), NEW.opened_at
    FROM sessions s, (SELECT printf('%012x', NEW.opened_at) AS ms, lower(hex(randomblob(9))) AS noise) WHERE s.id = NEW.session_id;
END;
CREATE TRIGGER slices_shown AFTER UPDATE OF status ON slices WHEN NEW.status = 'shown' BEGIN
  INSERT INTO new_notifications (user_id, kind, data, at)
    SELECT u.id, 'slice_shown', json_object('sessionId', s.id, 'providerName', s.provider_name, 'tokens', NEW.proven_tokens,
      'dueAt', NEW.due_at), NEW.shown_at
    FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = NEW.session_id;
END;

-- Accuracy: of the figures both sides gave, how many agree; one row a day and app, so that a reading stays small.
CREATE TABLE accuracy_days (
  provider_id TEXT NOT NULL,
  day         INTEGER NOT NULL,
  compared    INTEGER NOT NULL,
  agreed      INTEGER NOT NULL CHECK (agreed BETWEEN 0 AND compared),
  PRIMARY KEY (provider_id, day)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER closings_compared AFTER INSERT ON closings WHEN NEW.comparisons <> '[]' BEGIN
  INSERT INTO accuracy_days (provider_id, day, compared, agreed)
    SELECT s.provider_id, NEW.at / 86400000, count(*), sum(c.value->>'isWithin')
    FROM sessions s, json_each(NEW.comparisons) c WHERE s.id = NEW.session_id AND s.mode = 'live' GROUP BY s.id
    ON CONFLICT (provider_id, day) DO UPDATE SET compared = compared + excluded.compared, agreed = agreed + excluded.agreed;
END;
