-- Who has a live socket open (durable-objects/user-channel.ts), so that events of everybody else cost no call; and the
-- event that tells a person their balance changed without a session: a purchase, a gift, a refund.

CREATE TABLE live_people (
  user_id  TEXT PRIMARY KEY,
  since    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER issuances_tell AFTER INSERT ON issuances BEGIN
  INSERT INTO outbox (id, type, provider_id, user_id, session_id, data, at)
    SELECT NEW.lot_id, 'balance.changed', NULL, u.id, NULL,
      json_object('cause', CASE NEW.kind WHEN 'paid' THEN 'purchase' ELSE 'promo' END, 'tokens', NEW.tokens), NEW.at
    FROM users u WHERE u.wallet_id = NEW.wallet_id;
END;
CREATE TRIGGER withdrawals_tell AFTER INSERT ON withdrawals BEGIN
  INSERT INTO outbox (id, type, provider_id, user_id, session_id, data, at)
    SELECT NEW.id, 'balance.changed', NULL, u.id, NULL, json_object('cause', NEW.kind, 'tokens', -NEW.tokens), NEW.at
    FROM lots l JOIN users u ON u.wallet_id = l.wallet_id WHERE l.id = NEW.lot_id;
END;
