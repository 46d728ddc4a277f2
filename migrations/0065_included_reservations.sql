-- What a plan includes is set aside at the start of a session, so that only the rest is held from the wallet: who paid for
-- use can start with an empty wallet. Each reservation is a row of its own; a term never promises a token twice. The
-- settlement uses what is reserved first, and what it did not use is free again in the same transaction.
-- See docs/decisions/0064-included-use-is-reserved.md.

ALTER TABLE plan_payments ADD COLUMN reserved_tokens INTEGER NOT NULL DEFAULT 0
  CHECK (reserved_tokens >= 0 AND used_tokens + reserved_tokens <= granted_tokens);
-- Of `held_tokens`, what the plan covers: the wallet holds the rest. Of `consumed_tokens`, what it covered.
ALTER TABLE sessions ADD COLUMN reserved_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN included_tokens INTEGER NOT NULL DEFAULT 0;
-- What the person was shown to be included; a start that could cover less is left out. Null: they were shown nothing.
ALTER TABLE sessions ADD COLUMN promised_tokens INTEGER;
ALTER TABLE extensions ADD COLUMN included_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE closings ADD COLUMN included_tokens INTEGER NOT NULL DEFAULT 0;
-- Of a disputed slice: what stays reserved of the plan, and what of the charge that covered.
ALTER TABLE slices ADD COLUMN reserved_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE slices ADD COLUMN included_tokens INTEGER NOT NULL DEFAULT 0;

-- What a term still includes for whom. The list of states is that of the index `subscriptions_one`, which finds it.
CREATE VIEW plan_terms AS
  SELECT s.user_id, s.provider_id, p.id AS payment_id, p.term_from, p.term_until,
    p.granted_tokens - p.used_tokens - p.reserved_tokens AS left_tokens
  FROM subscriptions s JOIN plan_payments p ON p.subscription_id = s.id
  WHERE s.status IN ('open', 'active', 'past_due') AND s.status <> 'open' AND p.revoked_at IS NULL
    AND p.granted_tokens > p.used_tokens + p.reserved_tokens;

-- id = 'plan:<session>:<n>', n as of the hold it belongs to. Open until `used_tokens` is known.
CREATE TABLE plan_reservations (
  id              TEXT PRIMARY KEY,
  session_id      TEXT NOT NULL,
  payment_id      TEXT NOT NULL REFERENCES plan_payments (id),
  tokens          INTEGER NOT NULL CHECK (tokens > 0),
  at              INTEGER NOT NULL,
  used_tokens     INTEGER CHECK (used_tokens >= 0),
  -- Stays reserved until a disputed slice is decided.
  disputed_tokens INTEGER NOT NULL DEFAULT 0 CHECK (disputed_tokens >= 0),
  CONSTRAINT used_within_reserved CHECK (coalesce(used_tokens, 0) + disputed_tokens <= tokens)
) STRICT, WITHOUT ROWID;
CREATE INDEX plan_reservations_session ON plan_reservations (session_id);
CREATE INDEX plan_reservations_payment ON plan_reservations (payment_id);
CREATE TRIGGER plan_reservations_once BEFORE INSERT ON plan_reservations BEGIN
  SELECT RAISE(ABORT, 'document_exists') FROM plan_reservations WHERE id = NEW.id;
END;
CREATE TRIGGER plan_reservations_reserve AFTER INSERT ON plan_reservations BEGIN
  UPDATE plan_payments SET reserved_tokens = reserved_tokens + NEW.tokens WHERE id = NEW.payment_id;
  UPDATE sessions SET reserved_tokens = reserved_tokens + NEW.tokens WHERE id = NEW.session_id;
END;
CREATE TRIGGER plan_reservations_frozen BEFORE UPDATE ON plan_reservations WHEN NEW.id <> OLD.id OR NEW.session_id <> OLD.session_id
    OR NEW.payment_id <> OLD.payment_id OR NEW.tokens <> OLD.tokens OR NEW.at <> OLD.at OR NEW.used_tokens IS NULL
    OR (OLD.used_tokens IS NOT NULL AND (OLD.disputed_tokens = 0 OR NEW.disputed_tokens <> 0 OR NEW.used_tokens < OLD.used_tokens
      OR NEW.used_tokens > OLD.used_tokens + OLD.disputed_tokens)) BEGIN
  SELECT RAISE(ABORT, 'ledger_immutable');
END;
CREATE TRIGGER plan_reservations_no_delete BEFORE DELETE ON plan_reservations BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER plan_reservations_use AFTER UPDATE ON plan_reservations BEGIN
  UPDATE plan_payments SET used_tokens = used_tokens + NEW.used_tokens - coalesce(OLD.used_tokens, 0),
      reserved_tokens = reserved_tokens + NEW.disputed_tokens
        - CASE WHEN OLD.used_tokens IS NULL THEN OLD.tokens ELSE OLD.disputed_tokens END
    WHERE id = NEW.payment_id;
END;

-- Create: as before (0026_prices.sql), and the plan covers what the wallet lacks.
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
  SELECT RAISE(IGNORE) WHERE NEW.promised_tokens IS NOT NULL AND NEW.mode = 'live' AND NEW.promised_tokens > coalesce((
    SELECT left_tokens FROM plan_terms WHERE user_id = NEW.user_id AND provider_id = NEW.provider_id
      AND term_from <= NEW.created_at AND term_until > NEW.created_at ORDER BY term_until LIMIT 1), 0);
  SELECT RAISE(IGNORE) WHERE NEW.mode = 'live' AND NEW.held_tokens > (SELECT coalesce(sum(remaining), 0) FROM lots
    WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND (expires_at IS NULL OR expires_at > NEW.created_at)) + coalesce((
    SELECT left_tokens FROM plan_terms WHERE user_id = NEW.user_id AND provider_id = NEW.provider_id
      AND term_from <= NEW.created_at AND term_until > NEW.created_at ORDER BY term_until LIMIT 1), 0);
END;
DROP TRIGGER sessions_hold;
CREATE TRIGGER sessions_hold AFTER INSERT ON sessions BEGIN
  INSERT INTO session_meters (session_id, meter, cap_micro)
    SELECT NEW.id, key, value FROM json_each(NEW.caps);
  INSERT INTO plan_reservations (id, session_id, payment_id, tokens, at)
    SELECT 'plan:' || NEW.id || ':000', NEW.id, payment_id, min(left_tokens, NEW.held_tokens), NEW.created_at FROM plan_terms
    WHERE NEW.mode = 'live' AND NEW.held_tokens > 0 AND user_id = NEW.user_id AND provider_id = NEW.provider_id
      AND term_from <= NEW.created_at AND term_until > NEW.created_at
    ORDER BY term_until LIMIT 1;
  INSERT INTO holds SELECT 'hold:' || id || ':000', id, wallet_id, held_tokens - reserved_tokens, created_at
    FROM sessions WHERE id = NEW.id AND mode = 'live' AND held_tokens > reserved_tokens;
END;

-- Extend: the answer was worked out with what the plan covers; if that has changed meanwhile, the row is left out.
DROP TRIGGER extensions_admit;
CREATE TRIGGER extensions_admit BEFORE INSERT ON extensions BEGIN
  SELECT RAISE(IGNORE) FROM extensions WHERE id = NEW.id;
  SELECT RAISE(IGNORE) WHERE NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = NEW.session_id AND s.started_at IS NOT NULL
    AND s.ended_at IS NULL AND s.settled_at IS NULL AND s.duration_seconds = NEW.base_seconds
    AND (s.mode = 'test' OR (
      NEW.included_tokens = min(NEW.tokens, coalesce((SELECT left_tokens FROM plan_terms t WHERE t.user_id = s.user_id
        AND t.provider_id = s.provider_id AND t.term_from <= NEW.at AND t.term_until > NEW.at ORDER BY t.term_until LIMIT 1), 0))
      AND NEW.tokens - NEW.included_tokens <= (SELECT coalesce(sum(l.remaining), 0) FROM lots l
        WHERE l.wallet_id = s.wallet_id AND l.remaining > 0 AND (l.expires_at IS NULL OR l.expires_at > NEW.at)))));
END;
DROP TRIGGER extensions_hold;
CREATE TRIGGER extensions_hold AFTER INSERT ON extensions BEGIN
  UPDATE sessions SET duration_seconds = duration_seconds + NEW.seconds, held_tokens = held_tokens + NEW.tokens,
    holds = holds + 1 WHERE id = NEW.session_id;
  UPDATE session_meters SET cap_micro = (SELECT value FROM json_each(NEW.caps) WHERE key = meter), depleted_at = NULL
    WHERE session_id = NEW.session_id AND meter IN (SELECT key FROM json_each(NEW.caps));
  INSERT INTO plan_reservations (id, session_id, payment_id, tokens, at)
    SELECT 'plan:' || s.id || ':' || printf('%03d', s.holds), s.id, t.payment_id, NEW.included_tokens, NEW.at
    FROM sessions s JOIN plan_terms t ON t.user_id = s.user_id AND t.provider_id = s.provider_id
    WHERE s.id = NEW.session_id AND s.mode = 'live' AND NEW.included_tokens > 0 AND t.term_from <= NEW.at AND t.term_until > NEW.at
    ORDER BY t.term_until LIMIT 1;
  INSERT INTO holds SELECT 'hold:' || id || ':' || printf('%03d', holds), id, wallet_id, NEW.tokens - NEW.included_tokens, NEW.at
    FROM sessions WHERE id = NEW.session_id AND mode = 'live' AND NEW.tokens > NEW.included_tokens;
END;

-- Settle: what was used is taken from what is reserved first, and only the rest is charged. Worked out with an older
-- reservation (an extension came in between) the row is left out, and the caller works it out again.
DROP TRIGGER closings_admit;
CREATE TRIGGER closings_admit BEFORE INSERT ON closings BEGIN
  SELECT RAISE(IGNORE) FROM closings WHERE session_id = NEW.session_id;
  SELECT RAISE(IGNORE) WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE id = NEW.session_id AND settled_at IS NULL
    AND reports = NEW.reports AND min(reserved_tokens, NEW.used_tokens) = NEW.included_tokens
    AND (NEW.status = 'expired') = (started_at IS NULL));
END;
DROP TRIGGER closings_settle;
CREATE TRIGGER closings_settle AFTER INSERT ON closings BEGIN
  INSERT INTO settlements (id, session_id, wallet_id, provider_id, held_tokens, used_tokens, fee_tokens, share_tokens,
      share_cents, token_cents, payable, lines, at)
    SELECT 'settle:' || id, id, wallet_id, provider_id, held_tokens - reserved_tokens, charged, NEW.fee_tokens,
      charged - NEW.fee_tokens, (charged - NEW.fee_tokens) * NEW.token_cents, NEW.token_cents, payable, NEW.lines, NEW.at
    FROM sessions, (SELECT NEW.used_tokens - NEW.included_tokens AS charged)
    WHERE id = NEW.session_id AND mode = 'live' AND held_tokens > reserved_tokens;
  UPDATE plan_reservations SET
      used_tokens = max(0, min(tokens, NEW.included_tokens - first)),
      disputed_tokens = max(0, min(first + tokens, NEW.included_tokens + kept) - max(first, NEW.included_tokens))
    FROM (SELECT id AS one, sum(tokens) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - tokens AS first,
        coalesce(NEW.slice->>'reservedTokens', 0) AS kept
      FROM plan_reservations WHERE session_id = NEW.session_id)
    WHERE id = one;
  SELECT RAISE(ABORT, 'plan_not_reserved') WHERE (SELECT coalesce(sum(used_tokens + disputed_tokens), 0) FROM plan_reservations
      WHERE session_id = NEW.session_id) <> NEW.included_tokens + coalesce(NEW.slice->>'reservedTokens', 0);
  INSERT INTO slices (session_id, wallet_id, provider_id, tokens, reserved_tokens, meters, due_at, opened_at)
    SELECT id, wallet_id, provider_id, NEW.slice->>'tokens', coalesce(NEW.slice->>'reservedTokens', 0), NEW.slice->'meters',
      NEW.slice->>'dueAt', NEW.at
    FROM sessions WHERE id = NEW.session_id AND mode = 'live' AND NEW.slice IS NOT NULL;
  UPDATE sessions SET status = NEW.status, end_reason = NEW.end_reason, ended_at = NEW.ended_at,
    active_seconds = NEW.active_seconds, consumed_tokens = NEW.used_tokens, included_tokens = NEW.included_tokens,
    refunded_tokens = held_tokens - NEW.used_tokens, settled_at = NEW.at WHERE id = NEW.session_id;
END;

-- As before (0045_slices.sql), but: of a slice only what is not reserved stays held, and the slice's row is the closing's.
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
        (SELECT coalesce((SELECT slice->>'tokens' - coalesce(slice->>'reservedTokens', 0) FROM closings WHERE session_id = NEW.session_id), 0) AS disputed))
    JOIN lots l ON l.id = lot_id;
  SELECT RAISE(ABORT, 'settlement_not_equal_hold')
    WHERE (SELECT coalesce(sum(held), 0) FROM settlement_draws WHERE session_id = NEW.session_id) <> NEW.held_tokens;
  SELECT RAISE(ABORT, 'slice_not_held')
    WHERE (SELECT coalesce(sum(disputed), 0) FROM settlement_draws WHERE session_id = NEW.session_id)
      <> coalesce((SELECT slice->>'tokens' - coalesce(slice->>'reservedTokens', 0) FROM closings WHERE session_id = NEW.session_id), 0);
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
END;

-- As before (0045_slices.sql), and: what is reserved of the plan is used first.
DROP TRIGGER slices_settle;
CREATE TRIGGER slices_settle AFTER UPDATE OF status ON slices WHEN NEW.status = 'closed' BEGIN
  INSERT INTO settlements (id, session_id, wallet_id, provider_id, held_tokens, used_tokens, fee_tokens, share_tokens,
      share_cents, token_cents, payable, lines, at)
    SELECT 'settle:' || NEW.session_id || ':slice', NEW.session_id || ':slice', wallet_id, provider_id,
      NEW.tokens - NEW.reserved_tokens, charged, NEW.charged_fee, charged - NEW.charged_fee, (charged - NEW.charged_fee) * token_cents,
      token_cents, payable, '[]', NEW.closed_at
    FROM settlements, (SELECT NEW.charged_tokens - min(NEW.charged_tokens, NEW.reserved_tokens) AS charged)
    WHERE session_id = NEW.session_id AND NEW.tokens > NEW.reserved_tokens;
  UPDATE slices SET included_tokens = min(charged_tokens, reserved_tokens) WHERE session_id = NEW.session_id AND reserved_tokens > 0;
  UPDATE plan_reservations SET used_tokens = used_tokens + max(0, min(kept, included - first)), disputed_tokens = 0
    FROM (SELECT id AS one, disputed_tokens AS kept, min(NEW.charged_tokens, NEW.reserved_tokens) AS included,
        sum(disputed_tokens) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - disputed_tokens AS first
      FROM plan_reservations WHERE session_id = NEW.session_id AND disputed_tokens > 0)
    WHERE id = one;
  UPDATE sessions SET consumed_tokens = consumed_tokens + NEW.charged_tokens,
    included_tokens = included_tokens + min(NEW.charged_tokens, NEW.reserved_tokens),
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

-- Sessions that were open when this came were held from the wallet whole: what the plan covers of those comes back at their
-- settlement, as before (0055_plan_reversals.sql), out of what nothing else has reserved.
CREATE TABLE held_whole (session_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO held_whole SELECT id FROM sessions WHERE settled_at IS NULL AND mode = 'live';
DROP TRIGGER included_use_draw;
CREATE TRIGGER included_use_draw AFTER UPDATE OF settled_at ON sessions
WHEN OLD.settled_at IS NULL AND NEW.settled_at IS NOT NULL AND NEW.consumed_tokens > NEW.included_tokens
  AND EXISTS (SELECT 1 FROM held_whole WHERE session_id = NEW.id) BEGIN
  INSERT INTO included_uses (session_id, payment_id, tokens, at)
    SELECT NEW.id, payment_id, min(left_tokens, NEW.consumed_tokens - NEW.included_tokens), NEW.settled_at FROM plan_terms
    WHERE user_id = NEW.user_id AND provider_id = NEW.provider_id AND term_from <= NEW.started_at AND term_until > NEW.started_at
    ORDER BY term_until LIMIT 1;
END;
