-- Plans of apps, and who subscribed. The monthly base is charged by Stripe; each paid invoice is a row that posts itself:
-- the platform's fee and the provider's share of the base, once, and the term's included use. A session's settlement then
-- draws the included use first: what it covers is reversed (0011_reversals.sql) in the same transaction, so that the person
-- gets the tokens back and nobody is paid for it twice. See docs/decisions/0028-included-use-comes-back.md.

-- A plan never changes; a new price is a new plan.
CREATE TABLE plans (
  id               TEXT PRIMARY KEY,
  provider_id      TEXT NOT NULL REFERENCES providers (id),
  name             TEXT NOT NULL,
  month_cents      INTEGER NOT NULL CHECK (month_cents >= 50),
  -- Tokens of use in this app that a month includes.
  included_tokens  INTEGER NOT NULL CHECK (included_tokens > 0),
  fee_basis_points INTEGER NOT NULL CHECK (fee_basis_points BETWEEN 0 AND 10000),
  created_at       INTEGER NOT NULL,
  retired_at       INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX plans_provider ON plans (provider_id, created_at);
CREATE TRIGGER plans_frozen BEFORE UPDATE ON plans WHEN NEW.month_cents <> OLD.month_cents OR NEW.name <> OLD.name
    OR NEW.included_tokens <> OLD.included_tokens OR NEW.fee_basis_points <> OLD.fee_basis_points OR NEW.provider_id <> OLD.provider_id BEGIN
  SELECT RAISE(ABORT, 'plan_immutable');
END;

CREATE TABLE subscriptions (
  id                   TEXT PRIMARY KEY,
  user_id              TEXT NOT NULL,
  wallet_id            TEXT NOT NULL REFERENCES wallets (id),
  provider_id          TEXT NOT NULL,
  plan_id              TEXT NOT NULL REFERENCES plans (id),
  -- Owners earn nothing payable on their own apps.
  payable              INTEGER NOT NULL CHECK (payable IN (0, 1)),
  status               TEXT NOT NULL CHECK (status IN ('open', 'active', 'past_due', 'ended')),
  checkout_id          TEXT UNIQUE,
  checkout_url         TEXT,
  stripe_id            TEXT UNIQUE,
  cancel_at_period_end INTEGER NOT NULL DEFAULT 0 CHECK (cancel_at_period_end IN (0, 1)),
  created_at           INTEGER NOT NULL,
  -- When what Stripe says was last taken over.
  changed_at           INTEGER NOT NULL,
  next_check_at        INTEGER NOT NULL,
  ended_at             INTEGER
) STRICT, WITHOUT ROWID;
-- One living subscription to an app: a second start finds the first.
CREATE UNIQUE INDEX subscriptions_one ON subscriptions (user_id, provider_id) WHERE status IN ('open', 'active', 'past_due');
CREATE INDEX subscriptions_check ON subscriptions (next_check_at) WHERE status IN ('open', 'active', 'past_due');

-- A paid invoice. id = the invoice's at Stripe, so it is posted once however often it is told.
CREATE TABLE plan_payments (
  id              TEXT PRIMARY KEY,
  subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
  paid_cents      INTEGER NOT NULL CHECK (paid_cents > 0),
  granted_tokens  INTEGER NOT NULL CHECK (granted_tokens > 0),
  used_tokens     INTEGER NOT NULL DEFAULT 0,
  term_from       INTEGER NOT NULL,
  term_until      INTEGER NOT NULL CHECK (term_until > term_from),
  at              INTEGER NOT NULL,
  -- Worked out by the trigger: the fee is rounded down, the remainder is the provider's.
  fee_cents       INTEGER,
  share_cents     INTEGER,
  CONSTRAINT included_never_below_zero CHECK (used_tokens >= 0 AND used_tokens <= granted_tokens)
) STRICT, WITHOUT ROWID;
CREATE INDEX plan_payments_term ON plan_payments (subscription_id, term_until);
CREATE TRIGGER plan_payments_once BEFORE INSERT ON plan_payments BEGIN
  SELECT RAISE(IGNORE) FROM plan_payments WHERE id = NEW.id;
END;
CREATE TRIGGER plan_payments_post AFTER INSERT ON plan_payments BEGIN
  UPDATE plan_payments SET fee_cents = NEW.paid_cents * (SELECT p.fee_basis_points FROM subscriptions s JOIN plans p ON p.id = s.plan_id
      WHERE s.id = NEW.subscription_id) / 10000 WHERE id = NEW.id;
  UPDATE plan_payments SET share_cents = paid_cents - fee_cents WHERE id = NEW.id;
  INSERT OR IGNORE INTO accounts (id, unit, normal, floored)
    SELECT CASE payable WHEN 1 THEN 'provider:' ELSE 'unpayable:' END || provider_id, 'USD', 'credit', 0
    FROM subscriptions WHERE id = NEW.subscription_id;
  INSERT INTO transfers VALUES ('plan:' || NEW.id, 1, 'stripe_clearing', 'revenue_fee', NEW.paid_cents);
  INSERT INTO transfers SELECT 'plan:' || NEW.id, 2, 'revenue_fee',
      CASE s.payable WHEN 1 THEN 'provider:' ELSE 'unpayable:' END || s.provider_id, p.share_cents
    FROM plan_payments p JOIN subscriptions s ON s.id = p.subscription_id WHERE p.id = NEW.id AND p.share_cents > 0;
  INSERT INTO ledger_tx VALUES ('plan:' || NEW.id, 'plan', NEW.subscription_id, NEW.at);
  -- Paid out like a settlement's share; its hold days begin with the payment.
  INSERT INTO payables SELECT 'plan:' || NEW.id, s.provider_id, 'settlement', p.share_cents, NULL, NEW.at, NEW.at, NULL
    FROM plan_payments p JOIN subscriptions s ON s.id = p.subscription_id WHERE p.id = NEW.id AND s.payable = 1 AND p.share_cents > 0;
  INSERT INTO new_notifications (user_id, kind, data, at)
    SELECT s.user_id, CASE (SELECT count(*) FROM plan_payments WHERE subscription_id = s.id) WHEN 1 THEN 'subscription_started'
        ELSE 'subscription_renewed' END,
      json_object('planName', p.name, 'providerId', s.provider_id, 'includedTokens', NEW.granted_tokens, 'paidCents', NEW.paid_cents), NEW.at
    FROM subscriptions s JOIN plans p ON p.id = s.plan_id WHERE s.id = NEW.subscription_id;
END;
CREATE TRIGGER plan_payments_frozen BEFORE UPDATE ON plan_payments WHEN OLD.share_cents IS NOT NULL AND (
    NEW.paid_cents <> OLD.paid_cents OR NEW.granted_tokens <> OLD.granted_tokens OR NEW.share_cents <> OLD.share_cents
    OR NEW.term_from <> OLD.term_from OR NEW.term_until <> OLD.term_until OR NEW.subscription_id <> OLD.subscription_id) BEGIN
  SELECT RAISE(ABORT, 'ledger_immutable');
END;
CREATE TRIGGER plan_payments_no_delete BEFORE DELETE ON plan_payments BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

-- What of a session was included. It posts itself as a reversal of that much of the session.
CREATE TABLE included_uses (
  session_id TEXT PRIMARY KEY,
  payment_id TEXT NOT NULL REFERENCES plan_payments (id),
  tokens     INTEGER NOT NULL CHECK (tokens > 0),
  at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX included_uses_payment ON included_uses (payment_id);
CREATE TRIGGER included_uses_post AFTER INSERT ON included_uses BEGIN
  UPDATE plan_payments SET used_tokens = used_tokens + NEW.tokens WHERE id = NEW.payment_id;
  INSERT INTO reversals (id, session_id, tokens, reason, at)
    VALUES ('included:' || NEW.session_id, NEW.session_id, NEW.tokens, 'Included in your plan', NEW.at);
END;
CREATE TRIGGER included_uses_no_update BEFORE UPDATE ON included_uses BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER included_uses_no_delete BEFORE DELETE ON included_uses BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;

-- Drawn by the settlement itself: a session of the term it started in. Without a subscription it is one lookup.
CREATE TRIGGER included_use_draw AFTER UPDATE OF settled_at ON sessions
WHEN OLD.settled_at IS NULL AND NEW.settled_at IS NOT NULL AND NEW.mode = 'live' AND NEW.consumed_tokens > 0 BEGIN
  INSERT INTO included_uses (session_id, payment_id, tokens, at)
    SELECT NEW.id, p.id, min(p.granted_tokens - p.used_tokens, NEW.consumed_tokens), NEW.settled_at
    FROM subscriptions s JOIN plan_payments p ON p.subscription_id = s.id
    WHERE s.user_id = NEW.user_id AND s.provider_id = NEW.provider_id AND s.status IN ('active', 'past_due')
      AND p.term_from <= NEW.started_at AND p.term_until > NEW.started_at AND p.used_tokens < p.granted_tokens
    ORDER BY p.term_until LIMIT 1;
END;

-- The person hears of what stops it.
CREATE TRIGGER subscriptions_tell AFTER UPDATE OF status ON subscriptions WHEN NEW.status <> OLD.status
    AND (NEW.status = 'past_due' OR (NEW.status = 'ended' AND OLD.status <> 'open')) BEGIN
  INSERT INTO new_notifications (user_id, kind, data, at)
    SELECT NEW.user_id, CASE NEW.status WHEN 'ended' THEN 'subscription_ended' ELSE 'subscription_past_due' END,
      json_object('planName', name, 'providerId', NEW.provider_id), NEW.changed_at
    FROM plans WHERE id = NEW.plan_id;
END;
