-- The books: sealed double entry, in two units (tokens and US cents), and each wallet's own history.
-- Every posting is a pair (one debit, one credit, one amount), so the books cannot be unbalanced; a ledger
-- transaction is sealed by its ledger_tx row, after which nothing can be added, changed or taken away.
-- Document tables (issuances, holds, settlements, withdrawals) are what the code writes; their triggers post.
-- See docs/accounting.md and docs/decisions/0002-documents-post-themselves.md.

CREATE TABLE accounts (
  id       TEXT PRIMARY KEY,
  unit     TEXT NOT NULL CHECK (unit IN ('TOK', 'USD')),
  normal   TEXT NOT NULL CHECK (normal IN ('debit', 'credit')),
  floored  INTEGER NOT NULL CHECK (floored IN (0, 1)),
  debits   INTEGER NOT NULL DEFAULT 0 CHECK (debits >= 0),
  credits  INTEGER NOT NULL DEFAULT 0 CHECK (credits >= 0),
  CONSTRAINT overdraft CHECK (
    floored = 0 OR (normal = 'credit' AND credits >= debits) OR (normal = 'debit' AND debits >= credits))
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_tx (
  id    TEXT PRIMARY KEY,
  kind  TEXT NOT NULL,
  ref   TEXT NOT NULL,
  at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE transfers (
  tx      TEXT NOT NULL REFERENCES ledger_tx (id) DEFERRABLE INITIALLY DEFERRED,
  seq     INTEGER NOT NULL,
  dr      TEXT NOT NULL,
  cr      TEXT NOT NULL,
  amount  INTEGER NOT NULL CHECK (amount > 0),
  PRIMARY KEY (tx, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER transfers_check BEFORE INSERT ON transfers BEGIN
  SELECT RAISE(ABORT, 'transaction_sealed') FROM ledger_tx WHERE id = NEW.tx;
  SELECT RAISE(ABORT, 'transfer_exists') FROM transfers WHERE tx = NEW.tx AND seq = NEW.seq;
  SELECT RAISE(ABORT, 'unit_mismatch') WHERE
    coalesce((SELECT unit FROM accounts WHERE id = NEW.dr), 'no debit account') <>
    coalesce((SELECT unit FROM accounts WHERE id = NEW.cr), 'no credit account');
END;
CREATE TRIGGER transfers_apply AFTER INSERT ON transfers BEGIN
  UPDATE accounts SET debits = debits + NEW.amount WHERE id = NEW.dr;
  UPDATE accounts SET credits = credits + NEW.amount WHERE id = NEW.cr;
END;
CREATE TRIGGER transfers_from_lot AFTER INSERT ON transfers WHEN substr(NEW.dr, 1, 4) = 'lot:' BEGIN
  UPDATE lots SET remaining = remaining - NEW.amount WHERE id = substr(NEW.dr, 5);
END;
CREATE TRIGGER transfers_to_lot AFTER INSERT ON transfers WHEN substr(NEW.cr, 1, 4) = 'lot:' BEGIN
  UPDATE lots SET remaining = remaining + NEW.amount WHERE id = substr(NEW.cr, 5);
END;
CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER transfers_no_delete BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER ledger_tx_check BEFORE INSERT ON ledger_tx BEGIN
  SELECT RAISE(ABORT, 'transaction_exists') FROM ledger_tx WHERE id = NEW.id;
END;
CREATE TRIGGER ledger_tx_not_empty AFTER INSERT ON ledger_tx BEGIN
  SELECT RAISE(ABORT, 'transaction_empty') WHERE NOT EXISTS (SELECT 1 FROM transfers WHERE tx = NEW.id);
END;
CREATE TRIGGER ledger_tx_no_update BEFORE UPDATE ON ledger_tx BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER ledger_tx_no_delete BEFORE DELETE ON ledger_tx BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

INSERT INTO accounts (id, unit, normal, floored) VALUES
  ('issued_paid', 'TOK', 'debit', 1), ('issued_promo', 'TOK', 'debit', 1),
  ('spent', 'TOK', 'credit', 1), ('refunded', 'TOK', 'credit', 1), ('expired', 'TOK', 'credit', 1),
  ('stripe_clearing', 'USD', 'debit', 0), ('token_liability', 'USD', 'credit', 1),
  ('revenue_fee', 'USD', 'credit', 0), ('promo_expense', 'USD', 'debit', 0), ('discounts', 'USD', 'debit', 0);

-- Wallets ----------------------------------------------------------------------------------------------------
-- A wallet belongs to a random subject id; who that is stands in users.wallet_id only.
CREATE TABLE wallets (
  id         TEXT PRIMARY KEY,
  available  INTEGER NOT NULL DEFAULT 0,
  held       INTEGER NOT NULL DEFAULT 0,
  entry_seq  INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  CONSTRAINT insufficient_tokens CHECK (available >= 0),
  CONSTRAINT held_negative CHECK (held >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE lots (
  id          TEXT PRIMARY KEY,
  wallet_id   TEXT NOT NULL REFERENCES wallets (id),
  kind        TEXT NOT NULL CHECK (kind IN ('paid', 'promo')),
  priority    INTEGER NOT NULL,
  issued      INTEGER NOT NULL CHECK (issued > 0),
  remaining   INTEGER NOT NULL,
  spent       INTEGER NOT NULL DEFAULT 0,
  basis_cents INTEGER NOT NULL CHECK (basis_cents >= 0),
  expires_at  INTEGER,
  created_at  INTEGER NOT NULL,
  CONSTRAINT lot_bounds CHECK (remaining >= 0 AND remaining <= issued AND spent >= 0 AND spent <= issued),
  CONSTRAINT paid_never_expires CHECK (kind = 'promo' OR expires_at IS NULL)
) STRICT, WITHOUT ROWID;
-- Draw order: priority (low first), soonest expiry (none last), promotional before paid, older first.
CREATE INDEX lots_draw ON lots (wallet_id, priority, expires_at, kind DESC, created_at, id) WHERE remaining > 0;

-- What a person sees as history. The amounts of a wallet sum to its `available` at every row.
CREATE TABLE wallet_entries (
  wallet_id     TEXT NOT NULL REFERENCES wallets (id),
  seq           INTEGER NOT NULL,
  type          TEXT NOT NULL CHECK (type IN
    ('purchase', 'promo', 'hold', 'release', 'consumption', 'refund', 'adjustment', 'expiry', 'dispute')),
  amount        INTEGER NOT NULL,
  balance_after INTEGER NOT NULL,
  tx            TEXT NOT NULL,
  session_id    TEXT,
  payment_id    TEXT,
  at            INTEGER NOT NULL,
  PRIMARY KEY (wallet_id, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER wallet_entries_check BEFORE INSERT ON wallet_entries BEGIN
  SELECT RAISE(ABORT, 'entry_out_of_order') WHERE NOT EXISTS (SELECT 1 FROM wallets
    WHERE id = NEW.wallet_id AND entry_seq + 1 = NEW.seq AND available + NEW.amount = NEW.balance_after);
END;
CREATE TRIGGER wallet_entries_apply AFTER INSERT ON wallet_entries BEGIN
  UPDATE wallets SET available = NEW.balance_after, entry_seq = NEW.seq,
    held = held - CASE WHEN NEW.type IN ('hold', 'release') THEN NEW.amount ELSE 0 END
  WHERE id = NEW.wallet_id;
END;
CREATE TRIGGER wallet_entries_no_update BEFORE UPDATE ON wallet_entries BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER wallet_entries_no_delete BEFORE DELETE ON wallet_entries BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

-- Issuance: tokens come into a wallet (bought with money, or given). id = 'purchase:<stripe checkout>' or 'promo:<grant>'.
CREATE TABLE issuances (
  id          TEXT PRIMARY KEY,
  lot_id      TEXT NOT NULL UNIQUE,
  wallet_id   TEXT NOT NULL REFERENCES wallets (id),
  kind        TEXT NOT NULL CHECK (kind IN ('paid', 'promo')),
  tokens      INTEGER NOT NULL CHECK (tokens > 0),
  paid_cents  INTEGER NOT NULL CHECK (paid_cents >= 0 AND (kind = 'paid' OR paid_cents = 0)),
  priority    INTEGER NOT NULL,
  expires_at  INTEGER,
  payment_id  TEXT,
  at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER issuances_post AFTER INSERT ON issuances BEGIN
  INSERT INTO lots (id, wallet_id, kind, priority, issued, remaining, basis_cents, expires_at, created_at)
    VALUES (NEW.lot_id, NEW.wallet_id, NEW.kind, NEW.priority, NEW.tokens, 0, NEW.paid_cents, NEW.expires_at, NEW.at);
  INSERT INTO accounts (id, unit, normal, floored) VALUES ('lot:' || NEW.lot_id, 'TOK', 'credit', 1);
  INSERT INTO transfers VALUES (NEW.id, 1, 'issued_' || NEW.kind, 'lot:' || NEW.lot_id, NEW.tokens);
  INSERT INTO transfers SELECT NEW.id, 2, 'stripe_clearing', 'token_liability', NEW.paid_cents WHERE NEW.paid_cents > 0;
  INSERT INTO ledger_tx VALUES (NEW.id, CASE NEW.kind WHEN 'paid' THEN 'purchase' ELSE 'promo' END, NEW.lot_id, NEW.at);
  INSERT INTO wallet_entries SELECT id, entry_seq + 1, CASE NEW.kind WHEN 'paid' THEN 'purchase' ELSE 'promo' END,
    NEW.tokens, available + NEW.tokens, NEW.id, NULL, NEW.payment_id, NEW.at FROM wallets WHERE id = NEW.wallet_id;
END;

-- Hold: tokens set aside for a session, drawn from lots in draw order. id = 'hold:<session>:<n>'.
CREATE TABLE holds (
  id         TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  wallet_id  TEXT NOT NULL REFERENCES wallets (id),
  tokens     INTEGER NOT NULL CHECK (tokens > 0),
  at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE hold_draws (
  session_id TEXT NOT NULL,
  hold_id    TEXT NOT NULL REFERENCES holds (id),
  position   INTEGER NOT NULL,
  lot_id     TEXT NOT NULL REFERENCES lots (id),
  tokens     INTEGER NOT NULL CHECK (tokens > 0),
  PRIMARY KEY (session_id, hold_id, position)
) STRICT, WITHOUT ROWID;
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
  INSERT INTO wallet_entries SELECT id, entry_seq + 1, 'hold', -NEW.tokens, available - NEW.tokens, NEW.id,
    NEW.session_id, NULL, NEW.at FROM wallets WHERE id = NEW.wallet_id;
END;

-- Settlement: the provider and the platform are paid for what was used and the rest of every hold goes back to the
-- lot it came from, in one transaction. id = 'settle:<session>'. Tokens are spent in draw order.
CREATE TABLE settlements (
  id                TEXT PRIMARY KEY,
  session_id        TEXT NOT NULL UNIQUE,
  wallet_id         TEXT NOT NULL REFERENCES wallets (id),
  provider_id       TEXT NOT NULL,
  held_tokens       INTEGER NOT NULL CHECK (held_tokens > 0),
  used_tokens       INTEGER NOT NULL CHECK (used_tokens >= 0),
  fee_tokens        INTEGER NOT NULL CHECK (fee_tokens >= 0),
  share_tokens      INTEGER NOT NULL CHECK (share_tokens >= 0),
  share_cents       INTEGER NOT NULL CHECK (share_cents >= 0),
  token_cents       INTEGER NOT NULL CHECK (token_cents > 0),
  payable           INTEGER NOT NULL CHECK (payable IN (0, 1)),
  lines             TEXT NOT NULL,
  at                INTEGER NOT NULL,
  CONSTRAINT never_above_hold CHECK (used_tokens <= held_tokens),
  CONSTRAINT split_conserves CHECK (fee_tokens + share_tokens = used_tokens)
) STRICT, WITHOUT ROWID;
CREATE INDEX settlements_provider ON settlements (provider_id, at);
CREATE TABLE settlement_draws (
  session_id  TEXT NOT NULL,
  position    INTEGER NOT NULL,
  lot_id      TEXT NOT NULL REFERENCES lots (id),
  held        INTEGER NOT NULL,
  used        INTEGER NOT NULL CHECK (used >= 0 AND used <= held),
  face_cents  INTEGER NOT NULL,
  basis_cents INTEGER NOT NULL,
  PRIMARY KEY (session_id, position)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER settlements_post AFTER INSERT ON settlements BEGIN
  INSERT INTO settlement_draws
    SELECT NEW.session_id, position, lot_id, held, used, used * NEW.token_cents,
      l.basis_cents * (l.spent + used) / l.issued - l.basis_cents * l.spent / l.issued
    FROM (
      SELECT position, lot_id, held, max(0, min(held, NEW.used_tokens - before)) AS used FROM (
        SELECT lot_id, held, row_number() OVER draw AS position, sum(held) OVER draw - held AS before FROM (
          SELECT lot_id, min(hold_id || printf(':%06d', position)) AS drawn, sum(tokens) AS held
          FROM hold_draws WHERE session_id = NEW.session_id GROUP BY lot_id)
        WINDOW draw AS (ORDER BY drawn ROWS UNBOUNDED PRECEDING)))
    JOIN lots l ON l.id = lot_id;
  SELECT RAISE(ABORT, 'settlement_not_equal_hold')
    WHERE (SELECT coalesce(sum(held), 0) FROM settlement_draws WHERE session_id = NEW.session_id) <> NEW.held_tokens;
  UPDATE lots SET spent = spent + (SELECT used FROM settlement_draws d WHERE d.session_id = NEW.session_id AND d.lot_id = lots.id)
    WHERE id IN (SELECT lot_id FROM settlement_draws WHERE session_id = NEW.session_id AND used > 0);
  INSERT INTO transfers SELECT NEW.id, 4 * position, 'hold:' || NEW.session_id || ':' || lot_id, 'spent', used
    FROM settlement_draws WHERE session_id = NEW.session_id AND used > 0;
  INSERT INTO transfers SELECT NEW.id, 4 * position + 1, 'hold:' || NEW.session_id || ':' || lot_id, 'lot:' || lot_id, held - used
    FROM settlement_draws WHERE session_id = NEW.session_id AND held > used;
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
  INSERT INTO ledger_tx VALUES (NEW.id, 'settle', NEW.session_id, NEW.at);
  INSERT INTO wallet_entries SELECT id, entry_seq + 1, 'release', NEW.held_tokens, available + NEW.held_tokens, NEW.id,
    NEW.session_id, NULL, NEW.at FROM wallets WHERE id = NEW.wallet_id;
  INSERT INTO wallet_entries SELECT id, entry_seq + 1, 'consumption', -NEW.used_tokens, available - NEW.used_tokens, NEW.id,
    NEW.session_id, NULL, NEW.at FROM wallets WHERE id = NEW.wallet_id AND NEW.used_tokens > 0;
END;

-- Withdrawal: unspent tokens leave a lot (money refunded to the card, promotion expired). id = 'refund:<stripe refund>' ...
CREATE TABLE withdrawals (
  id          TEXT PRIMARY KEY,
  lot_id      TEXT NOT NULL REFERENCES lots (id),
  kind        TEXT NOT NULL CHECK (kind IN ('refund', 'expiry')),
  tokens      INTEGER NOT NULL CHECK (tokens > 0),
  payment_id  TEXT,
  at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER withdrawals_post AFTER INSERT ON withdrawals BEGIN
  INSERT INTO transfers VALUES (NEW.id, 1, 'lot:' || NEW.lot_id, CASE NEW.kind WHEN 'refund' THEN 'refunded' ELSE 'expired' END, NEW.tokens);
  INSERT INTO transfers SELECT NEW.id, 2, 'token_liability', 'stripe_clearing',
      basis_cents * (spent + NEW.tokens) / issued - basis_cents * spent / issued FROM lots
    WHERE id = NEW.lot_id AND kind = 'paid' AND NEW.kind = 'refund'
      AND basis_cents * (spent + NEW.tokens) / issued - basis_cents * spent / issued > 0;
  UPDATE lots SET spent = spent + NEW.tokens WHERE id = NEW.lot_id;
  INSERT INTO ledger_tx VALUES (NEW.id, NEW.kind, NEW.lot_id, NEW.at);
  INSERT INTO wallet_entries SELECT w.id, w.entry_seq + 1, NEW.kind, -NEW.tokens, w.available - NEW.tokens, NEW.id,
    NULL, NEW.payment_id, NEW.at FROM wallets w JOIN lots l ON l.wallet_id = w.id WHERE l.id = NEW.lot_id;
END;

CREATE TRIGGER issuances_no_update BEFORE UPDATE ON issuances BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER issuances_no_delete BEFORE DELETE ON issuances BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER issuances_once BEFORE INSERT ON issuances BEGIN SELECT RAISE(ABORT, 'document_exists') FROM issuances WHERE id = NEW.id; END;
CREATE TRIGGER holds_no_update BEFORE UPDATE ON holds BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER holds_no_delete BEFORE DELETE ON holds BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER holds_once BEFORE INSERT ON holds BEGIN SELECT RAISE(ABORT, 'document_exists') FROM holds WHERE id = NEW.id; END;
CREATE TRIGGER settlements_no_update BEFORE UPDATE ON settlements BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER settlements_no_delete BEFORE DELETE ON settlements BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER withdrawals_no_update BEFORE UPDATE ON withdrawals BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER withdrawals_no_delete BEFORE DELETE ON withdrawals BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER withdrawals_once BEFORE INSERT ON withdrawals BEGIN SELECT RAISE(ABORT, 'document_exists') FROM withdrawals WHERE id = NEW.id; END;
