-- Holds and settlements as before (0010_lots.sql, 0065_included_reservations.sql), in fewer statements
-- (docs/decisions/0076-pages-of-a-write.md): what one selects and inserts into a table with triggers is put aside first, which
-- costs more than the row. What few sessions need is asked before it is begun.

-- Hold ---------------------------------------------------------------------------------------------------------
DROP TRIGGER sessions_hold;
CREATE TRIGGER sessions_meters AFTER INSERT ON sessions WHEN NEW.caps <> '{}' BEGIN
  INSERT INTO session_meters (session_id, meter, cap_micro) SELECT NEW.id, key, value FROM json_each(NEW.caps);
END;
CREATE TRIGGER sessions_hold AFTER INSERT ON sessions WHEN NEW.mode = 'live' AND NEW.held_tokens > NEW.reserved_tokens
  AND NOT EXISTS (SELECT 1 FROM subscriptions
    WHERE user_id = NEW.user_id AND provider_id = NEW.provider_id AND status IN ('open', 'active', 'past_due')) BEGIN
  INSERT INTO holds
    VALUES ('hold:' || NEW.id || ':000', NEW.id, NEW.wallet_id, NEW.held_tokens - NEW.reserved_tokens, NEW.created_at);
END;
-- Who has a plan of the app: what it covers is reserved, the wallet holds the rest. Both ask for the plan, not for what is left of
-- it, which the reservation changes.
CREATE TRIGGER sessions_hold_with_plan AFTER INSERT ON sessions WHEN NEW.mode = 'live' AND NEW.held_tokens > 0
  AND EXISTS (SELECT 1 FROM subscriptions
    WHERE user_id = NEW.user_id AND provider_id = NEW.provider_id AND status IN ('open', 'active', 'past_due')) BEGIN
  INSERT INTO plan_reservations (id, session_id, payment_id, tokens, at)
    SELECT 'plan:' || NEW.id || ':000', NEW.id, payment_id, min(left_tokens, NEW.held_tokens), NEW.created_at FROM plan_terms
    WHERE user_id = NEW.user_id AND provider_id = NEW.provider_id
      AND term_from <= NEW.created_at AND term_until > NEW.created_at
    ORDER BY term_until LIMIT 1;
  INSERT INTO holds SELECT 'hold:' || id || ':000', id, wallet_id, held_tokens - reserved_tokens, created_at
    FROM sessions WHERE id = NEW.id AND held_tokens > reserved_tokens;
END;

-- What ran out leaves the wallet before anything is drawn.
CREATE TRIGGER holds_expire BEFORE INSERT ON holds WHEN EXISTS (SELECT 1 FROM lots
  WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND expires_at <= NEW.at) BEGIN
  INSERT INTO withdrawals (id, lot_id, kind, tokens, payment_id, at)
    SELECT 'expire:' || id || ':' || spent, id, 'expiry', remaining, NULL, NEW.at FROM lots
    WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND expires_at <= NEW.at;
END;
DROP TRIGGER holds_post;
CREATE TRIGGER holds_post AFTER INSERT ON holds BEGIN
  INSERT INTO hold_draws
    SELECT NEW.session_id, NEW.id, position, id, min(remaining, NEW.tokens - before) FROM (
      SELECT id, remaining, row_number() OVER draw AS position, sum(remaining) OVER draw - remaining AS before
      FROM lots WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND (expires_at IS NULL OR expires_at > NEW.at)
      WINDOW draw AS (ORDER BY priority, coalesce(expires_at, 9007199254740991), kind DESC, created_at, id
                      ROWS UNBOUNDED PRECEDING))
    WHERE before < NEW.tokens;
  SELECT RAISE(ABORT, 'insufficient_tokens')
    WHERE coalesce((SELECT sum(tokens) FROM hold_draws WHERE session_id = NEW.session_id AND hold_id = NEW.id), 0) <> NEW.tokens;
  INSERT OR IGNORE INTO accounts (id, unit, normal, floored)
    SELECT 'hold:' || NEW.session_id || ':' || lot_id, 'TOK', 'credit', 1
    FROM hold_draws WHERE session_id = NEW.session_id AND hold_id = NEW.id;
  INSERT INTO transfers SELECT NEW.id, position, 'lot:' || lot_id, 'hold:' || NEW.session_id || ':' || lot_id, tokens
    FROM hold_draws WHERE session_id = NEW.session_id AND hold_id = NEW.id;
  INSERT INTO ledger_tx VALUES (NEW.id, 'hold', NEW.session_id, NEW.at);
  INSERT INTO wallet_entries VALUES (NEW.wallet_id, (SELECT entry_seq + 1 FROM wallets WHERE id = NEW.wallet_id), 'hold', -NEW.tokens,
    (SELECT available - NEW.tokens FROM wallets WHERE id = NEW.wallet_id), NEW.id, NEW.session_id, NULL, NEW.at);
END;

-- Settlement ---------------------------------------------------------------------------------------------------

-- What ran out leaves the wallet before the rest is shared out.
CREATE TRIGGER settlements_expire BEFORE INSERT ON settlements WHEN EXISTS (SELECT 1 FROM lots
  WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND expires_at <= NEW.at) BEGIN
  INSERT INTO withdrawals (id, lot_id, kind, tokens, payment_id, at)
    SELECT 'expire:' || id || ':' || spent, id, 'expiry', remaining, NULL, NEW.at FROM lots
    WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND expires_at <= NEW.at;
END;

-- A part that is disputed is held on, under the slice's name.
CREATE TRIGGER settlement_draws_slice AFTER INSERT ON settlement_draws WHEN NEW.disputed > 0 BEGIN
  INSERT INTO accounts (id, unit, normal, floored)
    VALUES ('hold:' || NEW.session_id || ':slice:' || NEW.lot_id, 'TOK', 'credit', 1);
  INSERT INTO hold_draws (session_id, hold_id, position, lot_id, tokens)
    VALUES (NEW.session_id || ':slice', (SELECT min(hold_id) FROM hold_draws WHERE session_id = NEW.session_id), NEW.position,
      NEW.lot_id, NEW.disputed);
END;

DROP TRIGGER settlements_post;
CREATE TRIGGER settlements_post AFTER INSERT ON settlements BEGIN
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
  -- D1 joins five selections at most.
  INSERT INTO transfers
    SELECT NEW.id, 4 * position, 'hold:' || NEW.session_id || ':' || lot_id, 'spent', used
      FROM settlement_draws WHERE session_id = NEW.session_id AND used > 0
    UNION ALL SELECT NEW.id, 4 * position + 1, 'hold:' || NEW.session_id || ':' || lot_id, 'lot:' || lot_id, held - used - disputed
      FROM settlement_draws WHERE session_id = NEW.session_id AND held > used + disputed
    UNION ALL SELECT NEW.id, -position, 'hold:' || NEW.session_id || ':' || lot_id, 'hold:' || NEW.session_id || ':slice:' || lot_id, disputed
      FROM settlement_draws WHERE session_id = NEW.session_id AND disputed > 0
    UNION ALL SELECT NEW.id, 4 * d.position + 2, CASE l.kind WHEN 'paid' THEN 'token_liability' ELSE 'promo_expense' END,
        'revenue_fee', CASE l.kind WHEN 'paid' THEN d.basis_cents ELSE d.face_cents END
      FROM settlement_draws d JOIN lots l ON l.id = d.lot_id
      WHERE d.session_id = NEW.session_id AND CASE l.kind WHEN 'paid' THEN d.basis_cents ELSE d.face_cents END > 0
    UNION ALL SELECT NEW.id, 4 * d.position + 3, 'discounts', 'revenue_fee', d.face_cents - d.basis_cents
      FROM settlement_draws d JOIN lots l ON l.id = d.lot_id
      WHERE d.session_id = NEW.session_id AND l.kind = 'paid' AND d.face_cents > d.basis_cents;
  INSERT OR IGNORE INTO accounts (id, unit, normal, floored)
    SELECT CASE NEW.payable WHEN 1 THEN 'provider:' ELSE 'unpayable:' END || NEW.provider_id, 'USD', 'credit', 0 WHERE NEW.share_cents > 0;
  INSERT INTO transfers SELECT NEW.id, 1, 'revenue_fee', CASE NEW.payable WHEN 1 THEN 'provider:' ELSE 'unpayable:' END || NEW.provider_id,
    NEW.share_cents WHERE NEW.share_cents > 0;
  INSERT INTO ledger_tx VALUES (NEW.id, 'settle', replace(NEW.session_id, ':slice', ''), NEW.at);
  INSERT INTO wallet_entries
    SELECT id, entry_seq + 1, 'release', released, available + released, NEW.id, replace(NEW.session_id, ':slice', ''), NULL, NEW.at
      FROM wallets, (SELECT NEW.held_tokens - sum(disputed) AS released FROM settlement_draws WHERE session_id = NEW.session_id)
      WHERE id = NEW.wallet_id AND released > 0
    UNION ALL SELECT id, entry_seq + 1 + (released > 0), 'consumption', -NEW.used_tokens, available + released - NEW.used_tokens,
        NEW.id, replace(NEW.session_id, ':slice', ''), NULL, NEW.at
      FROM wallets, (SELECT NEW.held_tokens - sum(disputed) AS released FROM settlement_draws WHERE session_id = NEW.session_id)
      WHERE id = NEW.wallet_id AND NEW.used_tokens > 0;
  INSERT INTO withdrawals (id, lot_id, kind, tokens, payment_id, at)
    SELECT 'expire:' || id || ':' || spent, id, 'expiry', remaining, NULL, NEW.at FROM lots
    WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND expires_at <= NEW.at;
END;
