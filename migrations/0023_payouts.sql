-- Paying providers. What a provider is owed lies in `payables`, one row a settlement (and later one a correction), written
-- by triggers in the transaction that owes it. A payout takes the rows that are due for itself when it is made, and posts
-- when Stripe has moved the money; when that fails for good it lets them go. So a row is in one standing payout at most.
-- See docs/payouts.md, docs/accounting.md and docs/decisions/0029-a-payout-reserves-before-it-pays.md.

-- Where a person who owns apps is paid: their connected account at Stripe, as Stripe last described it.
CREATE TABLE payout_accounts (
  owner_user_id     TEXT PRIMARY KEY,
  -- Which account of theirs this is: part of the key it is made with, so that losing Stripe's answer makes no second one.
  generation        INTEGER NOT NULL DEFAULT 1,
  stripe_account_id TEXT UNIQUE,
  details_submitted INTEGER NOT NULL DEFAULT 0 CHECK (details_submitted IN (0, 1)),
  transfers_active  INTEGER NOT NULL DEFAULT 0 CHECK (transfers_active IN (0, 1)),
  payouts_enabled   INTEGER NOT NULL DEFAULT 0 CHECK (payouts_enabled IN (0, 1)),
  disabled_reason   TEXT,
  created_at        INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One debt each: what we owe a provider for a session, or less than nothing for what went back. `counts_from` is when its
-- hold days begin; `booked_at` is when it came into the books. `payout_id` is the standing payout it is in.
CREATE TABLE payables (
  id           TEXT PRIMARY KEY,
  provider_id  TEXT NOT NULL,
  kind         TEXT NOT NULL CHECK (kind IN ('settlement', 'reversal', 'payout_reversal')),
  amount_cents INTEGER NOT NULL CHECK (amount_cents <> 0 AND (amount_cents > 0) = (kind <> 'reversal')),
  session_id   TEXT,
  counts_from  INTEGER NOT NULL,
  booked_at    INTEGER NOT NULL,
  payout_id    TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX payables_open ON payables (provider_id, counts_from) WHERE payout_id IS NULL;
CREATE INDEX payables_taken ON payables (payout_id) WHERE payout_id IS NOT NULL;
CREATE INDEX payables_corrections ON payables (provider_id, booked_at) WHERE kind <> 'settlement';
CREATE TRIGGER payables_frozen BEFORE UPDATE ON payables WHEN NEW.id <> OLD.id OR NEW.provider_id <> OLD.provider_id
    OR NEW.amount_cents <> OLD.amount_cents OR NEW.counts_from <> OLD.counts_from OR NEW.booked_at <> OLD.booked_at
    OR (OLD.payout_id IS NOT NULL AND NEW.payout_id IS NOT NULL) BEGIN
  SELECT RAISE(ABORT, 'payable_immutable');
END;
CREATE TRIGGER payables_no_delete BEFORE DELETE ON payables BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

CREATE TRIGGER payables_from_settlement AFTER INSERT ON settlements WHEN NEW.payable = 1 AND NEW.share_cents > 0 BEGIN
  INSERT INTO payables VALUES
    (NEW.id, NEW.provider_id, 'settlement', NEW.share_cents, NEW.session_id, NEW.at, NEW.at, NULL);
END;
INSERT INTO payables SELECT id, provider_id, 'settlement', share_cents, session_id, at, at, NULL FROM settlements
  WHERE payable = 1 AND share_cents > 0;

CREATE TABLE payouts (
  id                TEXT PRIMARY KEY,
  provider_id       TEXT NOT NULL REFERENCES providers (id),
  -- Where it goes, as it was when it was made.
  stripe_account_id TEXT NOT NULL,
  origin            TEXT NOT NULL CHECK (origin IN ('schedule', 'request')),
  amount_cents      INTEGER NOT NULL CHECK (amount_cents > 0),
  currency          TEXT NOT NULL,
  -- Everything whose hold days began by then and that no other payout had is in it.
  counts_until      INTEGER NOT NULL,
  status            TEXT NOT NULL CHECK (status IN ('pending', 'paid', 'failed', 'reversed')),
  transfer_id       TEXT UNIQUE,
  reversed_cents    INTEGER NOT NULL DEFAULT 0 CHECK (reversed_cents BETWEEN 0 AND amount_cents),
  -- Why it failed, or why it is still waiting.
  failure_code      TEXT,
  tries             INTEGER NOT NULL DEFAULT 0,
  -- How often Stripe said no; part of the idempotency key, because a key repeats its answer.
  refusals          INTEGER NOT NULL DEFAULT 0,
  next_try_at       INTEGER NOT NULL,
  created_at        INTEGER NOT NULL,
  ended_at          INTEGER,
  CONSTRAINT paid_by_a_transfer CHECK ((status IN ('paid', 'reversed')) = (transfer_id IS NOT NULL)),
  CONSTRAINT ended_unless_pending CHECK ((status = 'pending') = (ended_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX payouts_one_pending ON payouts (provider_id) WHERE status = 'pending';
CREATE INDEX payouts_provider ON payouts (provider_id, id);
CREATE INDEX payouts_due ON payouts (next_try_at) WHERE status = 'pending';

-- What a payout paid, or would have: kept when it fails, too.
CREATE TABLE payout_lines (
  payout_id    TEXT NOT NULL REFERENCES payouts (id),
  payable_id   TEXT NOT NULL REFERENCES payables (id),
  amount_cents INTEGER NOT NULL,
  PRIMARY KEY (payout_id, payable_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER payout_lines_no_update BEFORE UPDATE ON payout_lines BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER payout_lines_no_delete BEFORE DELETE ON payout_lines BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

CREATE TRIGGER payouts_reserve AFTER INSERT ON payouts BEGIN
  INSERT INTO payout_lines SELECT NEW.id, id, amount_cents FROM payables
    WHERE provider_id = NEW.provider_id AND payout_id IS NULL AND counts_from <= NEW.counts_until;
  UPDATE payables SET payout_id = NEW.id
    WHERE provider_id = NEW.provider_id AND payout_id IS NULL AND counts_from <= NEW.counts_until;
  SELECT RAISE(ABORT, 'payout_not_its_lines')
    WHERE (SELECT coalesce(sum(amount_cents), 0) FROM payout_lines WHERE payout_id = NEW.id) <> NEW.amount_cents;
END;
CREATE TRIGGER payouts_frozen BEFORE UPDATE ON payouts WHEN
    NEW.id <> OLD.id OR NEW.provider_id <> OLD.provider_id OR NEW.amount_cents <> OLD.amount_cents
    OR NEW.stripe_account_id <> OLD.stripe_account_id OR NEW.currency <> OLD.currency
    OR (OLD.transfer_id IS NOT NULL AND NEW.transfer_id IS NOT OLD.transfer_id)
    OR (OLD.status <> NEW.status AND OLD.status || '>' || NEW.status NOT IN
      ('pending>paid', 'pending>failed', 'paid>reversed')) BEGIN
  SELECT RAISE(ABORT, 'payout_immutable');
END;
CREATE TRIGGER payouts_no_delete BEFORE DELETE ON payouts BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

-- The provider hears of it in the same transaction. Event ids are UUIDv7 (RFC 9562), as everywhere.
CREATE TRIGGER payouts_paid AFTER UPDATE OF status ON payouts WHEN OLD.status = 'pending' AND NEW.status = 'paid' BEGIN
  INSERT INTO transfers VALUES
    ('payout:' || NEW.transfer_id, 1, 'provider:' || NEW.provider_id, 'stripe_clearing', NEW.amount_cents);
  INSERT INTO ledger_tx VALUES ('payout:' || NEW.transfer_id, 'payout', NEW.id, NEW.ended_at);
  INSERT INTO outbox (id, type, provider_id, data, at)
    SELECT substr(ms, 1, 8) || '-' || substr(ms, 9) || '-7' || substr(noise, 1, 3) || '-8' || substr(noise, 4, 3) || '-'
        || substr(noise, 7, 12),
      'payout.paid', NEW.provider_id,
      json_object('payoutId', NEW.id, 'providerId', NEW.provider_id, 'status', 'paid', 'amountCents', NEW.amount_cents,
        'currency', NEW.currency, 'transferId', NEW.transfer_id,
        'lines', (SELECT count(*) FROM payout_lines WHERE payout_id = NEW.id)),
      NEW.ended_at
    FROM (SELECT printf('%012x', NEW.ended_at) AS ms, lower(hex(randomblob(9))) AS noise);
END;
CREATE TRIGGER payouts_failed AFTER UPDATE OF status ON payouts WHEN OLD.status = 'pending' AND NEW.status = 'failed' BEGIN
  UPDATE payables SET payout_id = NULL WHERE payout_id = NEW.id;
  INSERT INTO outbox (id, type, provider_id, data, at)
    SELECT substr(ms, 1, 8) || '-' || substr(ms, 9) || '-7' || substr(noise, 1, 3) || '-8' || substr(noise, 4, 3) || '-'
        || substr(noise, 7, 12),
      'payout.failed', NEW.provider_id,
      json_object('payoutId', NEW.id, 'providerId', NEW.provider_id, 'status', 'failed', 'amountCents', NEW.amount_cents,
        'currency', NEW.currency, 'failureCode', NEW.failure_code),
      NEW.ended_at
    FROM (SELECT printf('%012x', NEW.ended_at) AS ms, lower(hex(randomblob(9))) AS noise);
END;

-- Money of a payout that came back, whole or in part. It is owed again, and due at once: its hold days are over.
CREATE TABLE payout_reversals (
  id           TEXT PRIMARY KEY,
  payout_id    TEXT NOT NULL REFERENCES payouts (id),
  amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
  at           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX payout_reversals_payout ON payout_reversals (payout_id);
CREATE TRIGGER payout_reversals_once BEFORE INSERT ON payout_reversals BEGIN
  SELECT RAISE(IGNORE) FROM payout_reversals WHERE id = NEW.id;
  SELECT RAISE(ABORT, 'payout_not_paid')
    WHERE NOT EXISTS (SELECT 1 FROM payouts WHERE id = NEW.payout_id AND status IN ('paid', 'reversed'));
END;
CREATE TRIGGER payout_reversals_no_update BEFORE UPDATE ON payout_reversals BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER payout_reversals_no_delete BEFORE DELETE ON payout_reversals BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER payout_reversals_post AFTER INSERT ON payout_reversals BEGIN
  INSERT INTO transfers SELECT 'payout_reversal:' || NEW.id, 1, 'stripe_clearing', 'provider:' || provider_id, NEW.amount_cents
    FROM payouts WHERE id = NEW.payout_id;
  INSERT INTO ledger_tx VALUES ('payout_reversal:' || NEW.id, 'payout_reversal', NEW.payout_id, NEW.at);
  INSERT INTO payables SELECT 'payout_reversal:' || NEW.id, provider_id, 'payout_reversal', NEW.amount_cents, NULL,
    counts_until, NEW.at, NULL FROM payouts WHERE id = NEW.payout_id;
  UPDATE payouts SET reversed_cents = reversed_cents + NEW.amount_cents,
    status = CASE WHEN reversed_cents + NEW.amount_cents >= amount_cents THEN 'reversed' ELSE status END
    WHERE id = NEW.payout_id;
  INSERT INTO outbox (id, type, provider_id, data, at)
    SELECT substr(ms, 1, 8) || '-' || substr(ms, 9) || '-7' || substr(noise, 1, 3) || '-8' || substr(noise, 4, 3) || '-'
        || substr(noise, 7, 12),
      'payout.failed', p.provider_id,
      json_object('payoutId', p.id, 'providerId', p.provider_id, 'status', p.status, 'amountCents', p.amount_cents,
        'currency', p.currency, 'failureCode', 'reversed', 'reversedCents', p.reversed_cents),
      NEW.at
    FROM payouts p, (SELECT printf('%012x', NEW.at) AS ms, lower(hex(randomblob(9))) AS noise)
    WHERE p.id = NEW.payout_id;
END;
