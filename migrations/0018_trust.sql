-- Card testing, stolen cards and self-dealing. What was declined and which card paid for whom is counted without addresses;
-- a suspicious purchase is credited but cannot be spent until its time is over or an operator has looked; promotional
-- tokens spent by somebody linked to the app's owner earn nothing payable. See docs/runbooks/disputes-and-refunds.md.

CREATE TABLE declined_payments (
  id          TEXT PRIMARY KEY,
  user_id     TEXT NOT NULL,
  fingerprint TEXT,
  at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX declined_payments_user ON declined_payments (user_id, at);

CREATE TABLE card_uses (
  fingerprint TEXT NOT NULL,
  user_id     TEXT NOT NULL,
  first_at    INTEGER NOT NULL,
  last_at     INTEGER NOT NULL,
  PRIMARY KEY (fingerprint, user_id)
) STRICT, WITHOUT ROWID;

-- Accounts that are the same person's as far as money goes, both ways.
CREATE TABLE account_links (
  user_id       TEXT NOT NULL,
  other_user_id TEXT NOT NULL,
  reason        TEXT NOT NULL CHECK (reason IN ('card', 'operator')),
  at            INTEGER NOT NULL,
  PRIMARY KEY (user_id, other_user_id)
) STRICT, WITHOUT ROWID;
-- Only where cards are people's own: test cards are shared by everybody (setting `cardSharingRules`).
CREATE TRIGGER card_uses_link AFTER INSERT ON card_uses
WHEN (SELECT value FROM settings WHERE key = 'cardSharingRules') = 'true' BEGIN
  INSERT OR IGNORE INTO account_links SELECT NEW.user_id, user_id, 'card', NEW.first_at FROM card_uses
    WHERE fingerprint = NEW.fingerprint AND user_id <> NEW.user_id;
  INSERT OR IGNORE INTO account_links SELECT user_id, NEW.user_id, 'card', NEW.first_at FROM card_uses
    WHERE fingerprint = NEW.fingerprint AND user_id <> NEW.user_id;
END;

-- A purchase that somebody should look at. Its tokens are in the wallet's history and not in `available`.
CREATE TABLE purchase_reviews (
  order_id        TEXT PRIMARY KEY REFERENCES orders (id),
  wallet_id       TEXT NOT NULL REFERENCES wallets (id),
  user_id         TEXT NOT NULL,
  -- Words, separated by spaces: many_declines, shared_card, stopped_card.
  reasons         TEXT NOT NULL,
  tokens          INTEGER NOT NULL DEFAULT 0,
  status          TEXT NOT NULL DEFAULT 'held' CHECK (status IN ('held', 'released', 'refunded')),
  created_at      INTEGER NOT NULL,
  -- Spendable from then on, if nobody decides before.
  release_at      INTEGER NOT NULL,
  decided_at      INTEGER,
  -- An operator's user id, or `time`.
  decided_by      TEXT,
  decision_reason TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX purchase_reviews_held ON purchase_reviews (release_at) WHERE status = 'held';
CREATE INDEX purchase_reviews_status ON purchase_reviews (status, order_id);
CREATE TRIGGER purchase_reviews_hold AFTER INSERT ON purchase_reviews BEGIN
  UPDATE purchase_reviews SET tokens = (SELECT remaining FROM lots WHERE id = NEW.order_id) WHERE order_id = NEW.order_id;
  INSERT OR IGNORE INTO accounts (id, unit, normal, floored) VALUES ('frozen:review:' || NEW.order_id, 'TOK', 'credit', 1);
  INSERT INTO transfers SELECT 'review:' || order_id || ':held', 1, 'lot:' || order_id, 'frozen:review:' || order_id, tokens
    FROM purchase_reviews WHERE order_id = NEW.order_id;
  INSERT INTO ledger_tx VALUES ('review:' || NEW.order_id || ':held', 'review', NEW.order_id, NEW.created_at);
  INSERT INTO wallet_entries SELECT w.id, w.entry_seq + 1, 'adjustment', -r.tokens, w.available - r.tokens,
      'review:' || NEW.order_id || ':held', NULL, o.payment_intent_id, NEW.created_at
    FROM purchase_reviews r JOIN wallets w ON w.id = r.wallet_id JOIN orders o ON o.id = r.order_id WHERE r.order_id = NEW.order_id;
  INSERT INTO new_notifications (user_id, kind, data, at) SELECT user_id, 'purchase_held',
    json_object('orderId', order_id, 'tokens', tokens, 'releaseAt', release_at), created_at
    FROM purchase_reviews WHERE order_id = NEW.order_id;
END;
CREATE TRIGGER purchase_reviews_once BEFORE UPDATE OF status ON purchase_reviews WHEN OLD.status <> 'held' BEGIN
  SELECT RAISE(ABORT, 'review_decided');
END;
CREATE TRIGGER purchase_reviews_no_delete BEFORE DELETE ON purchase_reviews BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
-- Released, or about to be refunded: the tokens are the lot's again (and on to a dispute that was opened meanwhile).
CREATE TRIGGER purchase_reviews_end AFTER UPDATE OF status ON purchase_reviews WHEN NEW.status <> 'held' BEGIN
  INSERT INTO transfers VALUES ('review:' || NEW.order_id || ':ended', 1, 'frozen:review:' || NEW.order_id, 'lot:' || NEW.order_id, NEW.tokens);
  INSERT INTO ledger_tx VALUES ('review:' || NEW.order_id || ':ended', 'review', NEW.order_id, NEW.decided_at);
  INSERT INTO wallet_entries SELECT w.id, w.entry_seq + 1, 'adjustment', NEW.tokens, w.available + NEW.tokens,
      'review:' || NEW.order_id || ':ended', NULL, o.payment_intent_id, NEW.decided_at
    FROM wallets w, orders o WHERE w.id = NEW.wallet_id AND o.id = NEW.order_id;
  INSERT INTO dispute_catches (id, dispute_id, at) SELECT 'dispute:' || id || ':caught:review:' || NEW.order_id, id, NEW.decided_at
    FROM disputes WHERE order_id = NEW.order_id AND status IN ('open', 'lost');
END;

-- What a linked person's promotional tokens would have earned: moved from what is owed to what is only shown.
CREATE TABLE withheld_shares (
  session_id  TEXT PRIMARY KEY,
  provider_id TEXT NOT NULL,
  cents       INTEGER NOT NULL CHECK (cents > 0),
  at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER withheld_shares_find AFTER UPDATE OF settled_at ON sessions
WHEN OLD.settled_at IS NULL AND NEW.settled_at IS NOT NULL AND NEW.payable = 1 AND NEW.mode = 'live' AND NEW.consumed_tokens > 0
  AND EXISTS (SELECT 1 FROM account_links l JOIN providers p ON p.owner_user_id = l.other_user_id
    WHERE l.user_id = NEW.user_id AND p.id = NEW.provider_id) BEGIN
  INSERT INTO withheld_shares SELECT NEW.id, NEW.provider_id, cents, NEW.settled_at FROM (
      SELECT t.share_cents * (SELECT coalesce(sum(d.used), 0) FROM settlement_draws d JOIN lots l ON l.id = d.lot_id
        WHERE d.session_id = NEW.id AND l.kind = 'promo') / t.used_tokens AS cents
      FROM settlements t WHERE t.session_id = NEW.id)
    WHERE cents > 0;
END;
CREATE TRIGGER withheld_shares_post AFTER INSERT ON withheld_shares BEGIN
  INSERT OR IGNORE INTO accounts (id, unit, normal, floored) VALUES ('unpayable:' || NEW.provider_id, 'USD', 'credit', 0);
  INSERT INTO transfers VALUES ('withheld:' || NEW.session_id, 1, 'provider:' || NEW.provider_id, 'unpayable:' || NEW.provider_id, NEW.cents);
  INSERT INTO ledger_tx VALUES ('withheld:' || NEW.session_id, 'withheld', NEW.session_id, NEW.at);
  INSERT INTO payables VALUES ('withheld:' || NEW.session_id, NEW.provider_id, 'reversal', -NEW.cents, NEW.session_id, NEW.at, NEW.at, NULL);
END;
CREATE TRIGGER withheld_shares_no_update BEFORE UPDATE ON withheld_shares BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER withheld_shares_no_delete BEFORE DELETE ON withheld_shares BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
