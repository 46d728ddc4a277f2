-- Who is paid where. Accounts whose owners are paid to the same bank account or card are one person's as far as money goes;
-- and what is kept of a payee who erases their account (docs/decisions/0065-what-is-kept-of-a-payee.md).

-- `account_links` (0018_trust.sql) knows a third reason: `payout`.
CREATE TABLE account_links_before AS SELECT * FROM account_links;
DROP TABLE account_links;
CREATE TABLE account_links (
  user_id       TEXT NOT NULL,
  other_user_id TEXT NOT NULL,
  reason        TEXT NOT NULL CHECK (reason IN ('card', 'operator', 'payout')),
  at            INTEGER NOT NULL,
  PRIMARY KEY (user_id, other_user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO account_links SELECT user_id, other_user_id, reason, at FROM account_links_before;
DROP TABLE account_links_before;

-- Stripe's fingerprint of the bank account or card a person is paid to; never its number.
CREATE TABLE payout_destinations (
  fingerprint TEXT NOT NULL,
  user_id     TEXT NOT NULL,
  first_at    INTEGER NOT NULL,
  last_at     INTEGER NOT NULL,
  PRIMARY KEY (fingerprint, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX payout_destinations_user ON payout_destinations (user_id);
-- Two that are one, both ways. Known ones are left out here: within an upsert `OR IGNORE` would not hold (sqlite.org/lang_conflict).
CREATE VIEW new_account_links AS SELECT '' AS user_id, '' AS other_user_id, '' AS reason, 0 AS at WHERE false;
CREATE TRIGGER new_account_links_insert INSTEAD OF INSERT ON new_account_links BEGIN
  INSERT INTO account_links SELECT NEW.user_id, NEW.other_user_id, NEW.reason, NEW.at
    WHERE NOT EXISTS (SELECT 1 FROM account_links WHERE user_id = NEW.user_id AND other_user_id = NEW.other_user_id);
  INSERT INTO account_links SELECT NEW.other_user_id, NEW.user_id, NEW.reason, NEW.at
    WHERE NOT EXISTS (SELECT 1 FROM account_links WHERE user_id = NEW.other_user_id AND other_user_id = NEW.user_id);
END;
CREATE TRIGGER payout_destinations_link AFTER INSERT ON payout_destinations
WHEN (SELECT value FROM settings WHERE key = 'cardSharingRules') = 'true' BEGIN
  INSERT INTO new_account_links SELECT NEW.user_id, user_id, 'payout', NEW.first_at FROM payout_destinations
    WHERE fingerprint = NEW.fingerprint AND user_id <> NEW.user_id;
END;
-- As before (0018_trust.sql), without stopping a purchase whose buyer is linked already.
DROP TRIGGER card_uses_link;
CREATE TRIGGER card_uses_link AFTER INSERT ON card_uses
WHEN (SELECT value FROM settings WHERE key = 'cardSharingRules') = 'true' BEGIN
  INSERT INTO new_account_links SELECT NEW.user_id, user_id, 'card', NEW.first_at FROM card_uses
    WHERE fingerprint = NEW.fingerprint AND user_id <> NEW.user_id;
END;

-- Turned on, what was seen before counts too. What more than ten people share is nobody's own: a test card, a test account.
CREATE VIEW sharing_turned_on AS SELECT 0 AS at WHERE false;
CREATE TRIGGER sharing_turned_on_link INSTEAD OF INSERT ON sharing_turned_on BEGIN
  INSERT INTO new_account_links SELECT a.user_id, b.user_id, 'card', NEW.at FROM card_uses a
    JOIN card_uses b ON b.fingerprint = a.fingerprint AND b.user_id > a.user_id
    WHERE a.fingerprint IN (SELECT fingerprint FROM card_uses GROUP BY fingerprint HAVING count(*) BETWEEN 2 AND 10);
  INSERT INTO new_account_links SELECT a.user_id, b.user_id, 'payout', NEW.at FROM payout_destinations a
    JOIN payout_destinations b ON b.fingerprint = a.fingerprint AND b.user_id > a.user_id
    WHERE a.fingerprint IN (SELECT fingerprint FROM payout_destinations GROUP BY fingerprint HAVING count(*) BETWEEN 2 AND 10);
END;
CREATE TRIGGER settings_sharing_first AFTER INSERT ON settings WHEN NEW.key = 'cardSharingRules' AND NEW.value = 'true' BEGIN
  INSERT INTO sharing_turned_on VALUES (NEW.updated_at);
END;
CREATE TRIGGER settings_sharing_on AFTER UPDATE OF value ON settings
WHEN NEW.key = 'cardSharingRules' AND NEW.value = 'true' AND OLD.value IS NOT 'true' BEGIN
  INSERT INTO sharing_turned_on VALUES (NEW.updated_at);
END;

-- Their account here is erased; the row stays until what is owed is paid.
ALTER TABLE payout_accounts ADD COLUMN erased_at INTEGER;
CREATE INDEX payout_accounts_erased ON payout_accounts (erased_at) WHERE erased_at IS NOT NULL;
-- As before (0023_payouts.sql), but who was paid may be forgotten once the books need not say it any more.
DROP TRIGGER payouts_frozen;
CREATE TRIGGER payouts_frozen BEFORE UPDATE ON payouts WHEN
    NEW.id <> OLD.id OR NEW.provider_id <> OLD.provider_id OR NEW.amount_cents <> OLD.amount_cents
    OR (NEW.stripe_account_id <> OLD.stripe_account_id AND NOT (NEW.stripe_account_id = 'forgotten' AND OLD.status <> 'pending'))
    OR NEW.currency <> OLD.currency
    OR (OLD.transfer_id IS NOT NULL AND NEW.transfer_id IS NOT OLD.transfer_id)
    OR (OLD.status <> NEW.status AND OLD.status || '>' || NEW.status NOT IN
      ('pending>paid', 'pending>failed', 'paid>reversed')) BEGIN
  SELECT RAISE(ABORT, 'payout_immutable');
END;
-- The shares of monthly plans, for a provider's statement.
CREATE INDEX payables_plans ON payables (provider_id, booked_at) WHERE substr(id, 1, 4) = 'plan';
CREATE INDEX payouts_ended ON payouts (ended_at) WHERE stripe_account_id <> 'forgotten';
