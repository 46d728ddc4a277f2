-- Tokens the platform gives: to a new account, and to both sides of a referral. Both are off until an operator sets an
-- amount (domain/settings/definitions.ts). The documents post themselves, as orders do.

-- A trial comes with the account, whoever makes it (sign-up, single sign-on, provisioning). The default amount is 0 and
-- the default lifetime 30 days: no row, no trial.
CREATE TRIGGER users_trial AFTER INSERT ON users BEGIN
  INSERT INTO issuances (id, lot_id, wallet_id, kind, tokens, paid_cents, priority, expires_at, payment_id, source, at)
    SELECT 'promo:trial:' || NEW.wallet_id, 'trial:' || NEW.wallet_id, NEW.wallet_id, 'promo', CAST(t.value AS INTEGER), 0, 10,
      NEW.created_at + 86400000 * coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'trialDays'), 30),
      NULL, 'trial', NEW.created_at
    FROM settings t WHERE t.key = 'trialTokens' AND CAST(t.value AS INTEGER) > 0;
END;

CREATE TABLE referral_codes (
  code       TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who brought whom, with the terms of that day. `held_reason` stops the reward until somebody has looked.
CREATE TABLE referrals (
  referred_user_id TEXT PRIMARY KEY,
  referrer_user_id TEXT NOT NULL,
  code             TEXT NOT NULL REFERENCES referral_codes (code),
  tokens           INTEGER NOT NULL CHECK (tokens > 0),
  days             INTEGER NOT NULL,
  wait_ms          INTEGER NOT NULL,
  tokens_min       INTEGER NOT NULL,
  claimed_at       INTEGER NOT NULL,
  held_reason      TEXT,
  rewarded_at      INTEGER,
  CONSTRAINT not_oneself CHECK (referred_user_id <> referrer_user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX referrals_referrer ON referrals (referrer_user_id, claimed_at);
CREATE INDEX referrals_waiting ON referrals (claimed_at) WHERE rewarded_at IS NULL AND held_reason IS NULL;
-- Only somebody who has bought nothing yet can have been brought.
CREATE TRIGGER referrals_first BEFORE INSERT ON referrals BEGIN
  SELECT RAISE(ABORT, 'referral_too_late') FROM orders
    WHERE user_id = NEW.referred_user_id AND (paid_at IS NOT NULL OR processing_since IS NOT NULL);
END;
CREATE TRIGGER referrals_frozen BEFORE UPDATE ON referrals WHEN NEW.referred_user_id <> OLD.referred_user_id
    OR NEW.referrer_user_id <> OLD.referrer_user_id OR NEW.tokens <> OLD.tokens OR NEW.days <> OLD.days
    OR (OLD.rewarded_at IS NOT NULL AND NEW.rewarded_at IS NOT OLD.rewarded_at) BEGIN
  SELECT RAISE(ABORT, 'referral_immutable');
END;
CREATE TRIGGER referrals_reward AFTER UPDATE OF rewarded_at ON referrals
WHEN OLD.rewarded_at IS NULL AND NEW.rewarded_at IS NOT NULL BEGIN
  INSERT INTO issuances (id, lot_id, wallet_id, kind, tokens, paid_cents, priority, expires_at, payment_id, source, at)
    SELECT 'promo:referral:' || NEW.referred_user_id || ':' || side, 'referral:' || NEW.referred_user_id || ':' || side,
      u.wallet_id, 'promo', NEW.tokens, 0, 10, NEW.rewarded_at + NEW.days * 86400000, NULL, 'referral', NEW.rewarded_at
    FROM (SELECT 'referred' AS side, NEW.referred_user_id AS user_id UNION ALL SELECT 'referrer', NEW.referrer_user_id) sides
      JOIN users u ON u.id = sides.user_id;
END;
