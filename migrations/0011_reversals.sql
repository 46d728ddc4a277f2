-- Reversal: tokens of a settled session go back to the person, and what provider and platform earned by them is taken back,
-- as if the session had cost that much less. The document says which session, how many and why; its triggers work out the
-- rest. The last drawn come back first, so paid tokens before gifts. See docs/accounting.md ("Reversals").

CREATE TABLE reversals (
  id           TEXT PRIMARY KEY,
  session_id   TEXT NOT NULL REFERENCES settlements (session_id),
  tokens       INTEGER NOT NULL CHECK (tokens > 0),
  reason       TEXT NOT NULL CHECK (length(reason) > 0),
  at           INTEGER NOT NULL,
  -- Worked out by the trigger, never given.
  wallet_id    TEXT,
  provider_id  TEXT,
  payable      INTEGER,
  -- What of the session still counted as used before this reversal.
  used_before  INTEGER,
  fee_tokens   INTEGER,
  share_tokens INTEGER,
  share_cents  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX reversals_session ON reversals (session_id);
CREATE INDEX reversals_provider ON reversals (provider_id, at);

-- Which part of which of the session's draws came back.
CREATE TABLE reversal_draws (
  reversal_id TEXT NOT NULL REFERENCES reversals (id),
  position    INTEGER NOT NULL,
  lot_id      TEXT NOT NULL REFERENCES lots (id),
  kind        TEXT NOT NULL,
  tokens      INTEGER NOT NULL CHECK (tokens > 0),
  face_cents  INTEGER NOT NULL,
  basis_cents INTEGER NOT NULL,
  PRIMARY KEY (reversal_id, position)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER reversals_admit BEFORE INSERT ON reversals BEGIN
  SELECT RAISE(ABORT, 'document_exists') FROM reversals WHERE id = NEW.id;
  SELECT RAISE(ABORT, 'session_not_settled') WHERE NOT EXISTS (SELECT 1 FROM settlements WHERE session_id = NEW.session_id);
  SELECT RAISE(ABORT, 'reversal_exceeds_use') WHERE NEW.tokens > (SELECT used_tokens FROM settlements WHERE session_id = NEW.session_id)
    - (SELECT coalesce(sum(tokens), 0) FROM reversals WHERE session_id = NEW.session_id);
END;

CREATE TRIGGER reversals_post AFTER INSERT ON reversals BEGIN
  UPDATE reversals SET (wallet_id, provider_id, payable, used_before) = (
      SELECT wallet_id, provider_id, payable, used_tokens
        - (SELECT coalesce(sum(tokens), 0) FROM reversals WHERE session_id = NEW.session_id AND id <> NEW.id)
      FROM settlements WHERE session_id = NEW.session_id)
    WHERE id = NEW.id;
  -- fee(used) - fee(used - n), each rounded down, so that the parts of a session reversed bit by bit add up to all of it.
  UPDATE reversals SET fee_tokens = (
      SELECT CASE WHEN used_before = t.used_tokens THEN t.fee_tokens ELSE min(t.fee_tokens, used_before * s.fee_basis_points / 10000) END
        - min(t.fee_tokens, (used_before - NEW.tokens) * s.fee_basis_points / 10000)
      FROM settlements t JOIN sessions s ON s.id = t.session_id WHERE t.session_id = NEW.session_id)
    WHERE id = NEW.id;
  UPDATE reversals SET share_tokens = tokens - fee_tokens,
      share_cents = (tokens - fee_tokens) * (SELECT token_cents FROM settlements WHERE session_id = NEW.session_id)
    WHERE id = NEW.id;
  INSERT INTO reversal_draws
    SELECT NEW.id, position, lot_id, kind, last - first, (last - first) * face_cents / used,
      basis_cents * (last - before) / used - basis_cents * (first - before) / used
    FROM (
      SELECT d.position, d.lot_id, d.kind, d.used, d.before, d.face_cents, d.basis_cents,
        max(d.before, r.used_before - NEW.tokens) AS first, min(d.before + d.used, r.used_before) AS last
      FROM reversals r, (
        SELECT sd.*, l.kind, sum(sd.used) OVER (ORDER BY sd.position ROWS UNBOUNDED PRECEDING) - sd.used AS before
        FROM settlement_draws sd JOIN lots l ON l.id = sd.lot_id WHERE sd.session_id = NEW.session_id AND sd.used > 0) d
      WHERE r.id = NEW.id)
    WHERE last > first;
  -- One new lot of each kind. A gift comes back with what was left of its time, and a week at least (GRACE_MS).
  INSERT INTO lots (id, wallet_id, kind, priority, issued, remaining, basis_cents, expires_at, created_at, source, graced)
    SELECT NEW.id || CASE d.kind WHEN 'promo' THEN ':gift' ELSE '' END, l.wallet_id, d.kind, min(l.priority), sum(d.tokens), 0,
      CASE d.kind WHEN 'paid' THEN sum(d.basis_cents) ELSE 0 END,
      CASE WHEN count(l.expires_at) = count(*) THEN max(max(l.expires_at), NEW.at + 604800000) END, NEW.at, 'reversal',
      CASE WHEN count(l.expires_at) = count(*) AND max(l.expires_at) < NEW.at + 604800000 THEN 1 ELSE 0 END
    FROM reversal_draws d JOIN lots l ON l.id = d.lot_id WHERE d.reversal_id = NEW.id GROUP BY d.kind;
  INSERT INTO accounts (id, unit, normal, floored)
    SELECT 'lot:' || id, 'TOK', 'credit', 1 FROM lots WHERE id IN (NEW.id, NEW.id || ':gift');
  INSERT INTO transfers SELECT 'reversal:' || NEW.id, CASE kind WHEN 'paid' THEN 1 ELSE 2 END, 'spent', 'lot:' || id, issued
    FROM lots WHERE id IN (NEW.id, NEW.id || ':gift');
  INSERT INTO transfers SELECT 'reversal:' || id, 3, CASE payable WHEN 1 THEN 'provider:' ELSE 'unpayable:' END || provider_id,
    'revenue_fee', share_cents FROM reversals WHERE id = NEW.id AND share_cents > 0;
  INSERT INTO transfers SELECT 'reversal:' || NEW.id, 4, 'revenue_fee', 'token_liability', sum(basis_cents) FROM reversal_draws
    WHERE reversal_id = NEW.id AND kind = 'paid' HAVING sum(basis_cents) > 0;
  INSERT INTO transfers SELECT 'reversal:' || NEW.id, 5, 'revenue_fee', 'discounts', sum(max(0, face_cents - basis_cents))
    FROM reversal_draws WHERE reversal_id = NEW.id AND kind = 'paid' HAVING sum(max(0, face_cents - basis_cents)) > 0;
  INSERT INTO transfers SELECT 'reversal:' || NEW.id, 6, 'revenue_fee', 'promo_expense', sum(face_cents) FROM reversal_draws
    WHERE reversal_id = NEW.id AND kind = 'promo' HAVING sum(face_cents) > 0;
  INSERT INTO ledger_tx VALUES ('reversal:' || NEW.id, 'reversal', NEW.session_id, NEW.at);
  INSERT INTO wallet_entries SELECT w.id, w.entry_seq + 1, 'adjustment', NEW.tokens, w.available + NEW.tokens,
      'reversal:' || NEW.id, NEW.session_id, NULL, NEW.at
    FROM reversals r JOIN wallets w ON w.id = r.wallet_id WHERE r.id = NEW.id;
  INSERT INTO outbox (id, type, provider_id, user_id, session_id, data, at)
    SELECT 'reversal:' || NEW.id, 'balance.changed', NULL, u.id, NULL, json_object('cause', 'reversal', 'tokens', NEW.tokens), NEW.at
    FROM reversals r JOIN users u ON u.wallet_id = r.wallet_id WHERE r.id = NEW.id;
END;
-- Only the trigger above writes into a row, and only while nothing is worked out yet.
CREATE TRIGGER reversals_no_update BEFORE UPDATE ON reversals WHEN OLD.share_cents IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'ledger_immutable');
END;
CREATE TRIGGER reversals_no_delete BEFORE DELETE ON reversals BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
