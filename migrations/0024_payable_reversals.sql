-- A session that is taken back, whole or in part, is owed less: a row of its own, due with the session it belongs to, so that
-- both are paid (or carried forward) together. `share_cents` is worked out by the reversal's own trigger (0011_reversals.sql).
CREATE TRIGGER payables_from_reversal AFTER UPDATE OF share_cents ON reversals
WHEN OLD.share_cents IS NULL AND NEW.share_cents > 0 AND NEW.payable = 1 BEGIN
  INSERT INTO payables SELECT 'reversal:' || NEW.id, NEW.provider_id, 'reversal', -NEW.share_cents, NEW.session_id, at, NEW.at, NULL
    FROM settlements WHERE session_id = NEW.session_id;
END;
INSERT INTO payables SELECT 'reversal:' || r.id, r.provider_id, 'reversal', -r.share_cents, r.session_id, s.at, r.at, NULL
  FROM reversals r JOIN settlements s ON s.session_id = r.session_id WHERE r.payable = 1 AND r.share_cents > 0;
