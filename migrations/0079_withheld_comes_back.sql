-- What is withheld of a session (0018_trust.sql) follows what is left of the session: what its reversal takes from the
-- provider must not be more than the provider was given. See docs/accounting.md ("Held purchases and withheld shares").

CREATE TABLE withheld_returns (
  reversal_id TEXT PRIMARY KEY REFERENCES reversals (id),
  session_id  TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  cents       INTEGER NOT NULL CHECK (cents > 0),
  at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX withheld_returns_session ON withheld_returns (session_id);

-- A reversal's posting is sealed last, when all of it is worked out: of the share that is left, the part that promotional tokens
-- still paid for stays withheld, and the rest is the provider's, from whom the reversal took it.
CREATE TRIGGER withheld_returns_find AFTER INSERT ON ledger_tx
WHEN NEW.kind = 'reversal' AND EXISTS (SELECT 1 FROM withheld_shares WHERE session_id = NEW.ref) BEGIN
  INSERT INTO withheld_returns SELECT substr(NEW.id, 10), session_id, provider_id, withheld - stays, NEW.at FROM (
      SELECT t.session_id, t.provider_id,
        (SELECT cents FROM withheld_shares WHERE session_id = t.session_id)
          - coalesce((SELECT sum(cents) FROM withheld_returns WHERE session_id = t.session_id), 0) AS withheld,
        coalesce((t.share_cents - r.share) * (
            (SELECT coalesce(sum(d.used), 0) FROM settlement_draws d JOIN lots l ON l.id = d.lot_id
              WHERE d.session_id = t.session_id AND l.kind = 'promo')
            - (SELECT coalesce(sum(d.tokens), 0) FROM reversal_draws d JOIN reversals x ON x.id = d.reversal_id
              WHERE x.session_id = t.session_id AND d.kind = 'promo'))
          / nullif(t.used_tokens - r.tokens, 0), 0) AS stays
      FROM settlements t, (SELECT sum(tokens) AS tokens, sum(share_cents) AS share FROM reversals WHERE session_id = NEW.ref) r
      WHERE t.session_id = NEW.ref AND t.payable = 1)
    WHERE withheld > stays;
END;
CREATE TRIGGER withheld_returns_post AFTER INSERT ON withheld_returns BEGIN
  INSERT INTO transfers VALUES ('withheld_back:' || NEW.reversal_id, 1, 'unpayable:' || NEW.provider_id, 'provider:' || NEW.provider_id, NEW.cents);
  INSERT INTO ledger_tx VALUES ('withheld_back:' || NEW.reversal_id, 'withheld', NEW.session_id, NEW.at);
  -- Due with what it makes up for.
  INSERT INTO payables SELECT 'withheld_back:' || NEW.reversal_id, NEW.provider_id, 'settlement', NEW.cents, NEW.session_id,
    counts_from, NEW.at, NULL FROM payables WHERE id = 'withheld:' || NEW.session_id;
END;
-- For a provider's statement.
CREATE INDEX payables_withheld_back ON payables (provider_id, booked_at) WHERE substr(id, 1, 14) = 'withheld_back:';
CREATE TRIGGER withheld_returns_no_update BEFORE UPDATE ON withheld_returns BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER withheld_returns_no_delete BEFORE DELETE ON withheld_returns BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
