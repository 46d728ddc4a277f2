-- Signed receipts. A closing gives its session a place in its wallet's chain, in the same transaction; what the receipt
-- says is worked out from the settled rows and signed a moment later (domain/receipts/sign-receipts.ts), in the order of
-- the chain, because each receipt names the digest of the one before. See docs/decisions/0033-receipts-in-a-chain.md.

CREATE TABLE receipts (
  session_id TEXT PRIMARY KEY,
  wallet_id  TEXT NOT NULL,
  seq        INTEGER NOT NULL CHECK (seq > 0),
  -- Compact JWS, and the SHA-256 of its text (base64url). Null until signed, then for ever what they are.
  jws        TEXT,
  digest     TEXT,
  signed_at  INTEGER,
  UNIQUE (wallet_id, seq),
  CONSTRAINT signed_whole CHECK ((jws IS NULL) = (digest IS NULL) AND (jws IS NULL) = (signed_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX receipts_unsigned ON receipts (wallet_id, seq) WHERE jws IS NULL;

CREATE TRIGGER receipts_sealed BEFORE UPDATE ON receipts
WHEN OLD.jws IS NOT NULL OR NEW.session_id <> OLD.session_id OR NEW.wallet_id <> OLD.wallet_id OR NEW.seq <> OLD.seq BEGIN
  SELECT RAISE(ABORT, 'receipt_sealed');
END;
-- A link can only be closed onto the one before it.
CREATE TRIGGER receipts_in_order BEFORE UPDATE OF jws ON receipts WHEN OLD.jws IS NULL AND NEW.seq > 1 BEGIN
  SELECT RAISE(ABORT, 'receipt_out_of_order') WHERE NOT EXISTS (SELECT 1 FROM receipts
    WHERE wallet_id = NEW.wallet_id AND seq = NEW.seq - 1 AND jws IS NOT NULL);
END;
CREATE TRIGGER receipts_no_delete BEFORE DELETE ON receipts BEGIN SELECT RAISE(ABORT, 'receipt_sealed'); END;

-- Sandbox sessions move no money and have no receipt.
CREATE TRIGGER closings_receipt AFTER INSERT ON closings BEGIN
  INSERT INTO receipts (session_id, wallet_id, seq)
    SELECT id, wallet_id, 1 + coalesce((SELECT max(r.seq) FROM receipts r WHERE r.wallet_id = s.wallet_id), 0)
    FROM sessions s WHERE id = NEW.session_id AND mode = 'live';
END;

-- Sessions settled before there were receipts take their places in the order they were settled.
INSERT INTO receipts (session_id, wallet_id, seq)
  SELECT c.session_id, s.wallet_id, row_number() OVER (PARTITION BY s.wallet_id ORDER BY c.at, c.session_id)
  FROM closings c JOIN sessions s ON s.id = c.session_id WHERE s.mode = 'live';

-- Every public key that ever signed a receipt: a receipt outlives the key in SIGNING_KEYS.
CREATE TABLE receipt_keys (
  kid        TEXT PRIMARY KEY,
  jwk        TEXT NOT NULL,
  first_used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER receipt_keys_no_update BEFORE UPDATE ON receipt_keys BEGIN SELECT RAISE(ABORT, 'receipt_sealed'); END;
CREATE TRIGGER receipt_keys_no_delete BEFORE DELETE ON receipt_keys BEGIN SELECT RAISE(ABORT, 'receipt_sealed'); END;
